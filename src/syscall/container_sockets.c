/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a supervisor asks of its session. */

#include "config.h"

#include <errno.h>
#include <glib.h>

#include "base/descriptor.h"
#include "syscall/container_sockets.h"

#define ANSWER_TIMEOUT_MS 2000

struct container_sockets {
	int session;
	struct watchdog *watchdog;
	uint32_t serial; /* of the last request */
};

struct container_sockets *container_sockets_new(int session, struct watchdog *watchdog)
{
	struct container_sockets *sockets = g_new0(struct container_sockets, 1);

	sockets->session = session;
	sockets->watchdog = watchdog;
	return sockets;
}

void container_sockets_free(struct container_sockets *sockets)
{
	if (!sockets)
		return;
	descriptor_close(&sockets->session);
	g_free(sockets);
}

/* Receives one answer. Returns 0, or -errno with *ret_fd -1; *ret_fd is the caller's. */
static int receive_answer(const struct container_sockets *sockets,
			  struct container_socket_answer *ret_answer, int *ret_fd)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	int r = descriptor_wait_readable(sockets->session, ANSWER_TIMEOUT_MS);
	ssize_t length;

	*ret_fd = -1;
	if (r < 0)
		return r;
	length = descriptor_receive(sockets->session, ret_answer, sizeof(*ret_answer), fds, &count);
	if (length == (ssize_t)sizeof(*ret_answer) && count <= 1) {
		*ret_fd = fds[0];
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		descriptor_close(&fds[i]);
	return length < 0 ? (int)length : -EIO;
}

/* Returns the descriptor that the answer came with, -ENODATA for none, or -errno. */
static int ask_session(struct container_sockets *sockets, struct container_socket_request request)
{
	struct container_socket_answer answer;
	CLEANUP_CLOSE int fd = -1;
	int r;

	request.serial = ++sockets->serial;
	r = descriptor_send(sockets->session, &request, sizeof(request), NULL, 0);
	while (r == 0) {
		r = receive_answer(sockets, &answer, &fd);
		if (r == 0 && answer.serial == request.serial)
			break;
		/* One that was waited for in vain before. */
		descriptor_close(&fd);
	}
	if (r < 0)
		return r;
	if (answer.error != 0)
		return answer.error > 0 ? -answer.error : -EIO;
	return fd >= 0 ? descriptor_steal(&fd) : -ENODATA;
}

/* The session takes the time it needs: that is not the caller's fault. */
static int ask(struct container_sockets *sockets, struct container_socket_request request)
{
	struct slot *slot = watchdog_pause(sockets->watchdog);
	int r = ask_session(sockets, request);

	watchdog_resume(sockets->watchdog, slot);
	return r;
}

int container_sockets_take(struct container_sockets *sockets, const struct socket_facts *facts)
{
	const struct container_socket_request request = {
		.kind = CONTAINER_REQUEST_SOCKET,
		.domain = facts->domain,
		.type = facts->type,
		.protocol = facts->protocol,
	};

	return ask(sockets, request);
}

int container_sockets_forward_by_packets(struct container_sockets *sockets, uint32_t forward)
{
	const struct container_socket_request request = {
		.kind = CONTAINER_REQUEST_BY_PACKETS,
		.forward = forward,
	};
	int r = ask(sockets, request);

	return r == -ENODATA ? 0 : r;
}

void container_sockets_trace_lost(struct container_sockets *sockets, int error)
{
	const struct container_socket_request notice = {
		.serial = ++sockets->serial,
		.kind = CONTAINER_REQUEST_TRACE_LOST,
		.error = error,
	};

	/* The count is in status, even if the session has gone. */
	(void)descriptor_send(sockets->session, &notice, sizeof(notice), NULL, 0);
}
