/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that runs beside us.
 *
 * Its standard error is read whenever its standard output is waited for, so that it never blocks on
 * a full pipe; only the end of it is kept.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "compare/process.h"
#include "namespace/child.h"

/* Of standard error that is kept, and of output without a newline that is borne. */
#define KEPT_BYTES 4096
#define LINE_MAX_BYTES (1024 * 1024)

/* One round of reading, so that who writes without an end can't keep us from looking at the clock.
 */
#define ROUND_BYTES (64 * 1024)

/* For killed processes to be gone; nothing tells when the last of a group is. */
#define GROUP_DEADLINE_US (1 * G_USEC_PER_SEC)
#define GROUP_POLL_US 2000

struct process {
	pid_t pid;
	int input, output, errors;
	GString *pending; /* output that is no whole line yet */
	GString *message; /* the end of standard error */
};

struct placement {
	process_place_func place;
	const void *data;
};

static void set_up_child(void *data)
{
	const struct placement *placement = data;

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	if (placement->place && !placement->place(placement->data))
		_exit(EXIT_FAILURE);
	/* After the place, where new credentials would take it back. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

struct process *process_start(const char *const *words, process_place_func place, const void *data,
			      GError **error)
{
	struct placement placement = { .place = place, .data = data };
	struct process *process = g_new0(struct process, 1);
	g_autoptr(GError) reason = NULL;

	if (!g_spawn_async_with_pipes(NULL, (char **)words, NULL,
				      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
					      G_SPAWN_CLOEXEC_PIPES,
				      set_up_child, &placement, &process->pid, &process->input,
				      &process->output, &process->errors, &reason)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "can't start %s: %s", words[0],
			  reason->message);
		g_free(process);
		return NULL;
	}
	descriptor_set_nonblocking(process->output);
	descriptor_set_nonblocking(process->errors);
	process->pending = g_string_new(NULL);
	process->message = g_string_new(NULL);
	return process;
}

pid_t process_id(const struct process *process)
{
	return process->pid;
}

/* Takes what there is, up to a round; closes a descriptor that has come to its end. */
static void read_some(int *fd, GString *text, size_t kept)
{
	char bytes[4096];
	ssize_t length;

	for (size_t taken = 0; *fd >= 0; taken += (size_t)length) {
		if (taken >= ROUND_BYTES)
			return;
		length = read(*fd, bytes, sizeof(bytes));
		if (length < 0 && errno == EINTR) {
			length = 0;
			continue;
		}
		if (length < 0 && errno == EAGAIN)
			return;
		if (length <= 0)
			break;
		g_string_append_len(text, bytes, length);
		if (text->len > kept)
			g_string_erase(text, 0, (gssize)(text->len - kept));
	}
	descriptor_close(fd);
}

/* The first line of what is pending; NULL if there is no whole one. */
static char *take_line(struct process *process)
{
	const char *end = memchr(process->pending->str, '\n', process->pending->len);
	char *line;

	if (!end)
		return NULL;
	line = g_strndup(process->pending->str, (gsize)(end - process->pending->str));
	g_string_erase(process->pending, 0, end - process->pending->str + 1);
	return line;
}

gint64 process_deadline(int timeout_ms)
{
	return g_get_monotonic_time() + (gint64)timeout_ms * 1000;
}

/* Waits for either stream; false when time is over. */
static bool wait_for_output(struct process *process, gint64 deadline)
{
	struct pollfd fds[] = {
		{ .fd = process->output, .events = POLLIN },
		{ .fd = process->errors, .events = POLLIN },
	};
	const gint64 left = (deadline - g_get_monotonic_time()) / 1000;

	if (left <= 0)
		return false;
	if (poll(fds, G_N_ELEMENTS(fds), (int)left) < 0 && errno != EINTR)
		return false;
	read_some(&process->output, process->pending, LINE_MAX_BYTES);
	read_some(&process->errors, process->message, KEPT_BYTES);
	return true;
}

enum process_event process_next_before(struct process *process, gint64 deadline, char **ret_line)
{
	*ret_line = NULL;
	if (g_get_monotonic_time() >= deadline)
		return PROCESS_TIMEOUT;
	for (;;) {
		*ret_line = take_line(process);
		if (*ret_line)
			return PROCESS_LINE;
		if (process->output < 0)
			return PROCESS_END;
		if (!wait_for_output(process, deadline))
			return PROCESS_TIMEOUT;
	}
}

enum process_event process_next(struct process *process, int timeout_ms, char **ret_line)
{
	return process_next_before(process, process_deadline(timeout_ms), ret_line);
}

void process_tell(struct process *process, const char *text)
{
	g_autofree char *line = g_strconcat(text, "\n", NULL);

	if (process->input >= 0)
		(void)descriptor_write_all(process->input, line, strlen(line));
}

char *process_message(struct process *process)
{
	g_auto(GStrv) lines = NULL;
	char *last = NULL;

	read_some(&process->errors, process->message, KEPT_BYTES);
	lines = g_strsplit(process->message->str, "\n", -1);
	for (char **line = lines; *line; line++)
		if (g_strstrip(*line)[0])
			last = *line;
	last = g_utf8_make_valid(last ? last : "", -1);
	log_make_printable(last);
	return last;
}

/* What it left behind must not disturb what is measured next; it is ours to reap. */
static void end_group(pid_t group)
{
	const gint64 deadline = g_get_monotonic_time() + GROUP_DEADLINE_US;

	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, WNOHANG) >= 0 && g_get_monotonic_time() < deadline)
		g_usleep(GROUP_POLL_US);
}

int process_end(struct process *process, int timeout_ms)
{
	int status = -1;

	if (!process)
		return -1;
	descriptor_close(&process->input);
	if (child_wait(process->pid, timeout_ms, &status) < 0)
		status = -1;
	end_group(process->pid);
	descriptor_close(&process->output);
	descriptor_close(&process->errors);
	g_string_free(process->pending, TRUE);
	g_string_free(process->message, TRUE);
	g_free(process);
	return status;
}
