/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New sockets of the container's network namespace, made by the session's helper. */

#include "config.h"

#include <errno.h>
#include <glib.h>

#include "base/descriptor.h"
#include "syscall/container_sockets.h"

#define ANSWER_TIMEOUT_MS 2000

struct container_sockets {
	int session;
	struct watchdog *watchdog;
};

struct container_sockets *container_sockets_new(int session, struct watchdog *watchdog)
{
	struct container_sockets *sockets = g_new(struct container_sockets, 1);

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

/* Returns the descriptor that the answer came with, -ENODATA for none, or -errno. */
static int ask_session(struct container_sockets *sockets,
		       const struct container_socket_request *request)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	int32_t error;
	ssize_t length;
	int r = descriptor_send(sockets->session, request, sizeof(*request), NULL, 0);

	if (r == 0)
		r = descriptor_wait_readable(sockets->session, ANSWER_TIMEOUT_MS);
	if (r < 0)
		return r;
	length = descriptor_receive(sockets->session, &error, sizeof(error), fds, &count);
	if (length == (ssize_t)sizeof(error) && error == 0 && count <= 1)
		return count == 1 ? fds[0] : -ENODATA;
	for (size_t i = 0; i < count; i++)
		descriptor_close(&fds[i]);
	return length == (ssize_t)sizeof(error) && error > 0 ? -error : -EIO;
}

/* The session takes the time it needs: that is not the caller's fault. */
static int ask(struct container_sockets *sockets, const struct container_socket_request *request)
{
	struct slot *slot = watchdog_pause(sockets->watchdog);
	int r = ask_session(sockets, request);

	watchdog_resume(sockets->watchdog, slot);
	return r;
}

int container_sockets_take(struct container_sockets *sockets, const struct socket_facts *facts)
{
	const struct container_socket_request request = {
		.domain = facts->domain,
		.type = facts->type,
		.protocol = facts->protocol,
	};

	return ask(sockets, &request);
}

int container_sockets_forward_by_packets(struct container_sockets *sockets, uint32_t forward)
{
	const struct container_socket_request request = { .forward = forward };
	int r = ask(sockets, &request);

	return r == -ENODATA ? 0 : r;
}
