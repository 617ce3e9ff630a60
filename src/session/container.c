/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container that run makes.
 *
 * Its first process is a fork of this one that becomes COMMAND in the end. Until then the two talk
 * over a pair of sockets, a packet for each step:
 *
 *	first process				slirpway
 *	makes namespaces	-- MADE -->
 *				<-- mapped --	writes the id maps
 *	opens the device	-- READY -->	takes its descriptor
 *	installs the filter	-- TRAPPED -->	takes the listener, starts engine and supervisor
 *				<-- execute --	everything works
 *	execve(2)		(closes)
 *
 * From the filter to execute the first process must make no call that is trapped, for nobody would
 * answer: so from there on it reads and writes, and doesn't send. TRAPPED is left out where no
 * calls are to be trapped; where they can't be, and need not, it comes with the reason.
 *
 * FAILED with an errno's words may come in place of each; after the last step it means that COMMAND
 * could not be executed. The first process stays in this process's group, so that the terminal's
 * signals and the shell's job control reach it as if it had been started directly. It is killed if
 * slirpway dies, for there would be no network any more.
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/executable.h"
#include "base/log.h"
#include "namespace/child.h"
#include "namespace/etc_files.h"
#include "namespace/interface.h"
#include "session/container.h"
#include "session/job_control.h"

#define STEP_TIMEOUT_MS 10000
#define KILL_TIMEOUT_MS 1000

/* As in the shell. */
#define STATUS_SIGNALLED 128

enum stage { STAGE_MADE, STAGE_READY, STAGE_TRAPPED, STAGE_FAILED };

/* What the first process sends; a device's descriptor goes beside it. */
struct report {
	enum stage stage;
	int code;   /* enum slirpway_error of a failure */
	int status; /* exit status of a failure */
	struct device device;
	struct trap trap; /* the numbers of the first process's descriptors */
	char text[1024];
};

struct container {
	pid_t pid; /* 0 once it is reaped */
	int pidfd;
	int socket;
	guint exit_source;
	container_ended_func ended;
	void *data;
};

static void report_failure(int socket, const GError *error, int status)
{
	struct report report = { .stage = STAGE_FAILED, .code = error->code, .status = status };

	g_strlcpy(report.text, error->message, sizeof(report.text));
	descriptor_write_all(socket, &report, sizeof(report));
}

/* Waits for slirpway's next word; false if it has gone. It has its own reasons to take its time. */
static bool await_word(int socket)
{
	char word;
	ssize_t length;

	do
		length = read(socket, &word, 1);
	while (length < 0 && errno == EINTR);
	return length == 1;
}

/* Asks to be killed with slirpway; false if that has died already. */
static bool die_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

/* Opens the device, or sets up a network without one. */
static bool open_device(const struct container_request *request, struct device *ret_device,
			GError **error)
{
	if (request->without_device)
		return interface_configure_loopback(request->device.network, error);
	return namespaces_open_device_here(&request->device, ret_device, error);
}

static bool make_network(int socket, const struct container_request *request, GError **error)
{
	struct report report = { .stage = STAGE_READY, .device.fd = -1 };
	g_autofree char *warning = NULL;
	int r;

	if (!open_device(request, &report.device, error) ||
	    !etc_files_mount(request->etc_directory, &warning, error))
		return false;
	g_strlcpy(report.text, warning ? warning : "", sizeof(report.text));
	r = descriptor_send(socket, &report, sizeof(report), &report.device.fd,
			    report.device.fd >= 0 ? 1 : 0);
	descriptor_close(&report.device.fd);
	if (r < 0)
		error_set_errno(error, -r, "handing the device over");
	return r == 0;
}

/* Has the calls of what is to come trapped, and tells slirpway how to get at them. */
static bool trap_calls(int socket, const struct trap_request *request, GError **error)
{
	struct report report = { .stage = STAGE_TRAPPED };
	g_autoptr(GError) refusal = NULL;
	int r;

	trap_init(&report.trap);
	if (!request->wanted)
		return true;
	if (!trap_set_up(request->kind, &report.trap, &refusal)) {
		if (request->required) {
			g_propagate_error(error, g_steal_pointer(&refusal));
			return false;
		}
		g_strlcpy(report.text, refusal->message, sizeof(report.text));
	}
	r = descriptor_write_all(socket, &report, sizeof(report));
	if (r < 0)
		error_set_errno(error, -r, "handing the seccomp listener over");
	return r == 0;
}

/* The first process up to the point where only COMMAND is missing; false with error set, or not if
 * slirpway has gone. */
static bool set_up(int socket, const struct container_request *request, pid_t parent,
		   GError **error)
{
	const struct report made = { .stage = STAGE_MADE };

	if (!die_with(parent) || !namespaces_unshare(error))
		return false;
	/* New credentials clear the request. */
	if (!die_with(parent) || descriptor_send(socket, &made, sizeof(made), NULL, 0) < 0)
		return false;
	return await_word(socket) && make_network(socket, request, error) &&
	       trap_calls(socket, &request->trap, error) && await_word(socket);
}

__attribute__((noreturn)) static void be_first_process(int socket, pid_t parent,
						       const struct container_request *request)
{
	GError *error = NULL;
	int status = EXIT_FAILURE;
	int number;

	if (set_up(socket, request, parent, &error)) {
		signals_restore(request->signals);
		execvp(request->command[0], request->command);
		number = executable_error(request->command[0], errno);
		status = executable_status(number);
		executable_set_error(&error, request->command[0], number);
	}
	if (error)
		report_failure(socket, error, status);
	_exit(status);
}

/* Takes a packet of the given stage; fds gets the descriptor that a device came with, or -1. */
static bool receive_report(const struct container *container, enum stage stage,
			   struct report *ret_report, int fds[static DESCRIPTORS_PER_MESSAGE],
			   GError **error)
{
	struct report report;
	size_t count = 0;
	ssize_t length = descriptor_wait_readable(container->socket, STEP_TIMEOUT_MS);

	if (length == 0)
		length =
			descriptor_receive(container->socket, &report, sizeof(report), fds, &count);
	if (length < 0) {
		error_set_errno(error, (int)-length, "waiting for the container's first process");
		return false;
	}
	if ((size_t)length != sizeof(report)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the container's first process died");
		return false;
	}
	if (report.stage == STAGE_FAILED) {
		g_set_error_literal(error, SLIRPWAY_ERROR, report.code, report.text);
		return false;
	}
	if (report.stage != stage || count > (stage == STAGE_READY ? 1 : 0)) {
		for (size_t i = 0; i < count; i++)
			descriptor_close(&fds[i]);
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "the container's first process lost its way");
		return false;
	}
	*ret_report = report;
	return true;
}

static bool send_word(const struct container *container, GError **error)
{
	int r = descriptor_send(container->socket, "1", 1, NULL, 0);

	if (r < 0)
		error_set_errno(error, -r, "telling the container's first process to go on");
	return r == 0;
}

/* slirpway's side of TRAPPED. */
static bool take_trap(const struct container *container, const struct trap_request *request,
		      struct container_ends *ends, GError **error)
{
	struct report report;
	int fds[DESCRIPTORS_PER_MESSAGE];

	if (!request->wanted)
		return true;
	if (!receive_report(container, STAGE_TRAPPED, &report, fds, error))
		return false;
	if (report.trap.listener < 0) {
		ends->refusal = g_strdup(report.text);
		return true;
	}
	if (!trap_take(container->pidfd, &report.trap, &ends->trap, error))
		return false;
	ends->trap.pid = container->pid;
	return true;
}

/* slirpway's side of the steps up to TRAPPED; ends holds what was taken even on failure. */
static bool lead(const struct container *container, const struct container_request *request,
		 struct container_ends *ends, GError **error)
{
	struct report report;
	int fds[DESCRIPTORS_PER_MESSAGE];

	if (!receive_report(container, STAGE_MADE, &report, fds, error) ||
	    !user_map_write(container->pid, request->user_map, error) ||
	    !send_word(container, error) ||
	    !receive_report(container, STAGE_READY, &report, fds, error))
		return false;
	ends->device = report.device;
	ends->device.fd = fds[0];
	if ((fds[0] < 0) != request->without_device) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "the container's first process lost its way");
		return false;
	}
	if (*report.text)
		log_warning("%s", report.text);
	return take_trap(container, &request->trap, ends, error);
}

/* Forks the first process; on failure container holds what was made. */
static bool fork_first(struct container *container, const struct container_request *request,
		       GError **error)
{
	CLEANUP_CLOSE int theirs = -1;
	pid_t parent = getpid();
	int pair[2];
	int r = descriptor_pair(pair);

	if (r < 0) {
		error_set_errno(error, -r, "making the container");
		return false;
	}
	container->socket = pair[0];
	theirs = pair[1];
	container->pid = fork();
	if (container->pid == 0) {
		descriptor_close(&container->socket);
		be_first_process(theirs, parent, request);
	}
	if (container->pid > 0)
		container->pidfd = (int)syscall(SYS_pidfd_open, container->pid, 0);
	if (container->pid < 0)
		error_set_fork(error, errno, "making the container");
	else if (container->pidfd < 0)
		error_set_errno(error, errno, "making the container");
	return container->pidfd >= 0;
}

struct container *container_prepare(const struct container_request *request,
				    struct container_ends *ret_ends, GError **error)
{
	struct container *container = g_new0(struct container, 1);
	struct container_ends ends = { .device.fd = -1 };

	container->pidfd = -1;
	container->socket = -1;
	trap_init(&ends.trap);
	if (fork_first(container, request, error) && lead(container, request, &ends, error)) {
		*ret_ends = ends;
		return container;
	}
	container_ends_clear(&ends);
	container_free(container);
	return NULL;
}

void container_ends_clear(struct container_ends *ends)
{
	descriptor_close(&ends->device.fd);
	trap_clear(&ends->trap);
	g_clear_pointer(&ends->refusal, g_free);
}

/* What the first process said last; true if it is that COMMAND could not be executed. */
static bool take_last_word(const struct container *container, struct report *ret_report)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	ssize_t length;

	if (descriptor_wait_readable(container->socket, 0) < 0)
		return false;
	length =
		descriptor_receive(container->socket, ret_report, sizeof(*ret_report), fds, &count);
	return length == (ssize_t)sizeof(*ret_report) && ret_report->stage == STAGE_FAILED;
}

static gboolean first_ended(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct container *container = data;
	struct report report;
	int status = 0;

	container->exit_source = 0;
	child_wait(container->pid, KILL_TIMEOUT_MS, &status);
	container->pid = 0;
	status = WIFSIGNALED(status) ? STATUS_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
	if (take_last_word(container, &report))
		container->ended(report.status, report.text, container->data);
	else
		container->ended(status, NULL, container->data);
	return G_SOURCE_REMOVE;
}

void container_execute(struct container *container, container_ended_func ended, void *data)
{
	container->ended = ended;
	container->data = data;
	container->exit_source = g_unix_fd_add(container->pidfd, G_IO_IN, first_ended, container);
	/* If it has died meanwhile, that is what will be told. */
	send_word(container, NULL);
}

void container_signal(const struct container *container, int number)
{
	if (container->pid > 0)
		kill(container->pid, number);
}

void container_follow_stop(const struct container *container)
{
	if (container->pid > 0)
		job_follow_stop(container->pid);
}

void container_free(struct container *container)
{
	int status;

	if (!container)
		return;
	g_clear_handle_id(&container->exit_source, g_source_remove);
	if (container->pid > 0) {
		kill(container->pid, SIGKILL);
		child_wait(container->pid, KILL_TIMEOUT_MS, &status);
	}
	descriptor_close(&container->pidfd);
	descriptor_close(&container->socket);
	g_free(container);
}
