/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --trace: a line of JSON for each trapped call.
 *
 * Lines gather in memory while calls come one upon the other, and are written when the supervisor
 * has had nothing else to do for a moment, or when they are many. What a file doesn't take is lost
 * and counted; the session is told of the first loss. A reader of a pipe that is too slow loses
 * whole lines, never parts of one. A disk that fills up may cut one; it is ended before the next.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "syscall/context.h"
#include "syscall/trace.h"
#include "syscall/trace_line.h"

/* Beyond this it is written even while calls come. */
#define GATHERED_MAX (16 * 1024)

/* Calls of a busy program come closer together; who watches the trace doesn't notice. */
#define GATHERING_MS 5

/* A write of so much is whole or not at all, pipe(7). */
#define WRITE_MAX 4096

struct trace {
	int fd;
	GString *text;
	bool cut;	/* the file ends within a line */
	bool told_loss; /* to the session */
};

static const struct {
	int number;
	const char *name;
} call_names[] = {
	{ SYS_connect, "connect" },
	{ SYS_setsockopt, "setsockopt" },
	{ SYS_bind, "bind" },
	{ SYS_listen, "listen" },
	{ SYS_ioctl, "ioctl" },
#ifdef SYS_epoll_create
	{ SYS_epoll_create, "epoll_create" },
#endif
	{ SYS_epoll_create1, "epoll_create1" },
	{ SYS_sendto, "sendto" },
	{ SYS_sendmsg, "sendmsg" },
	{ SYS_sendmmsg, "sendmmsg" },
	{ SYS_clone, "clone" },
	{ SYS_getsockname, "getsockname" },
	{ SYS_getpeername, "getpeername" },
#ifdef SYS_accept
	{ SYS_accept, "accept" },
#endif
	{ SYS_accept4, "accept4" },
};

static const char *call_name(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(call_names); i++)
		if (call_names[i].number == number)
			return call_names[i].name;
	return "unknown";
}

struct trace *trace_new(int fd)
{
	struct trace *trace = g_new0(struct trace, 1);

	trace->fd = fd;
	trace->text = g_string_new(NULL);
	return trace;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	descriptor_close(&trace->fd);
	g_string_free(trace->text, TRUE);
	g_free(trace);
}

void trace_call(struct trace *trace, struct supervisor *supervisor, const struct call *call,
		struct outcome outcome)
{
	char name[16];
	int64_t spent = g_get_monotonic_time() - call->started;
	const struct trace_line line = {
		.time = g_get_real_time() - spent,
		.pid = call->tid,
		.comm = name,
		.call = call_name(call->slot->notification.data.nr),
		.address = &call->endpoint,
		.verdict = outcome.kind == OUTCOME_CONTINUE ? action_name(ACTION_CONTINUE)
							    : action_name(call->verdict.action),
		.reason = call->verdict.reason,
		.error = outcome.error,
		.microseconds = (uint64_t)spent,
	};

	callers_name(supervisor->callers, call->tid, name);
	trace_line_append(trace->text, &line);
	if (trace->text->len > GATHERED_MAX)
		trace_flush(trace, supervisor);
}

int trace_timeout_ms(const struct trace *trace)
{
	return trace && trace->text->len > 0 ? GATHERING_MS : -1;
}

/* The length of the whole lines at the start of text, as many as fit into WRITE_MAX. */
static size_t whole_lines(const GString *text)
{
	size_t end = MIN(text->len, WRITE_MAX);

	while (end > 0 && text->str[end - 1] != '\n')
		end--;
	return end > 0 ? end : text->len;
}

static uint64_t count_lines(const char *text, size_t length)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

/* Notes that text was not written, for an errno value. */
static void note_loss(struct trace *trace, struct supervisor *supervisor, const char *text,
		      size_t length, int error)
{
	supervisor->counters.value[CALL_COUNTER_trace_lost] += count_lines(text, length);
	if (!trace->told_loss)
		container_sockets_trace_lost(supervisor->container_sockets, error);
	trace->told_loss = true;
}

/* Writes as much of text as the file takes; returns 0 or the errno of what stopped it. */
static int write_lines(struct trace *trace, const char *text, size_t length, size_t *ret_written)
{
	*ret_written = 0;
	while (*ret_written < length) {
		ssize_t written = write(trace->fd, text + *ret_written, length - *ret_written);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? errno : EIO;
		*ret_written += (size_t)written;
	}
	return 0;
}

/* Ends a line that was cut; returns 0 or an errno value. */
static int mend_cut(struct trace *trace)
{
	size_t written;
	int error = trace->cut ? write_lines(trace, "\n", 1, &written) : 0;

	trace->cut = trace->cut && error != 0;
	return error;
}

void trace_flush(struct trace *trace, struct supervisor *supervisor)
{
	while (trace->text->len > 0) {
		const char *text = trace->text->str;
		size_t length = whole_lines(trace->text);
		size_t written = 0;
		int error = mend_cut(trace);

		if (error == 0)
			error = write_lines(trace, text, length, &written);
		if (error != 0)
			note_loss(trace, supervisor, text + written, length - written, error);
		if (written > 0)
			trace->cut = text[written - 1] != '\n';
		g_string_erase(trace->text, 0, (gssize)length);
	}
}
