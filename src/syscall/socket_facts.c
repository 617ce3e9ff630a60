/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a socket. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/descriptor.h"
#include "syscall/socket_facts.h"

/* Of asm-generic/socket.h since Linux 5.14. */
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static int read_int(int fd, int name, int *ret_value)
{
	socklen_t length = sizeof(*ret_value);

	return getsockopt(fd, SOL_SOCKET, name, ret_value, &length) < 0 ? -errno : 0;
}

static uint64_t read_network(int fd)
{
	uint64_t cookie;
	socklen_t length = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) < 0 ? 0 : cookie;
}

int socket_facts_read(int fd, struct socket_facts *ret_facts)
{
	struct socket_facts facts = { 0 };
	int result = read_int(fd, SO_DOMAIN, &facts.domain);

	if (result == 0)
		result = read_int(fd, SO_TYPE, &facts.type);
	if (result == 0)
		result = read_int(fd, SO_PROTOCOL, &facts.protocol);
	if (result < 0)
		return result;
	facts.flags = fcntl(fd, F_GETFL);
	if (facts.flags < 0)
		return -errno;
	facts.network = read_network(fd);
	*ret_facts = facts;
	return 0;
}

uint64_t socket_facts_own_network(void)
{
	CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? 0 : read_network(fd);
}

bool socket_facts_is_stream(const struct socket_facts *facts)
{
	return socket_facts_is_internet(facts) && facts->type == SOCK_STREAM &&
	       (facts->protocol == IPPROTO_TCP || facts->protocol == IPPROTO_MPTCP);
}

bool socket_facts_is_udp(const struct socket_facts *facts)
{
	return socket_facts_is_internet(facts) && facts->type == SOCK_DGRAM &&
	       facts->protocol == IPPROTO_UDP;
}

bool socket_facts_is_internet(const struct socket_facts *facts)
{
	return facts->domain == AF_INET || facts->domain == AF_INET6;
}

int socket_facts_tcp_state(int fd)
{
	uint8_t state; /* the first member of struct tcp_info, which is cut to the length asked for
			*/
	socklen_t length = sizeof(state);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &length) < 0 ? -errno : state;
}

uint64_t socket_facts_send_timeout_ms(int fd)
{
	struct timeval timeout = { 0 };
	socklen_t length = sizeof(timeout);

	if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, &length) < 0)
		return 0;
	return (uint64_t)timeout.tv_sec * 1000 + ((uint64_t)timeout.tv_usec + 999) / 1000;
}
