/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port of the host that is ours until a program of the container takes it. */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "syscall/reservation.h"

/* Binds a reservation where connections of an earlier listener linger in TIME-WAIT. */
static int bind_beside_lingering(int fd, const struct sockaddr *address, socklen_t length)
{
	const int on = 1;
	const int off = 0;
	int error = 0;

	/*
	 * Who has bound the port with the same option and does not listen yet would share it with
	 * us. Listening for a moment finds out, and closes the port to the next one who tries.
	 */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address, length) < 0 || listen(fd, 0) < 0 || shutdown(fd, SHUT_RDWR) < 0)
		error = errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off));
	return error;
}

int reservation_open(const struct endpoint *endpoint)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(endpoint, &storage);
	const struct sockaddr *address = (const struct sockaddr *)&storage;
	const int on = 1;
	CLEANUP_CLOSE int fd =
		socket(endpoint->address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (endpoint->address.family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, address, length) < 0)
		error = errno;
	if (error == EADDRINUSE)
		error = bind_beside_lingering(fd, address, length);
	return error == 0 ? descriptor_steal(&fd) : -error;
}
