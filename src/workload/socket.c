/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening, connecting and tuning the sockets of the workload program. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "workload/socket.h"

#define LISTEN_BACKLOG 4096
#define UDP_BUFFER_BYTES (4 << 20)

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool resolve(const struct workload_options *options, union any_address *ret_address,
		    socklen_t *ret_length)
{
	union any_address address = { 0 };

	if (inet_pton(AF_INET, options->address, &address.v4.sin_addr) == 1) {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons(options->port);
		*ret_length = sizeof(address.v4);
	} else if (inet_pton(AF_INET6, options->address, &address.v6.sin6_addr) == 1) {
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons(options->port);
		*ret_length = sizeof(address.v6);
	} else {
		return workload_complain("\"%s\" is not a numeric IPv4 or IPv6 address",
					 options->address);
	}
	*ret_address = address;
	return true;
}

/* Closes the descriptor after a failed step, names the step, and returns -1. */
static int give_up(int fd, const char *step, const struct workload_options *options)
{
	workload_complain("%s %s port %u: %s", step, options->address, options->port,
			  strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool set_congestion(int fd, const char *name)
{
	if (!name || setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)) == 0)
		return true;
	return workload_complain("congestion control \"%s\": %s%s", name, strerror(errno),
				 errno == EPERM ? " (see net.ipv4.tcp_allowed_congestion_control)"
						: "");
}

void socket_congestion(int fd, char ret_name[static CONGESTION_NAME_SIZE])
{
	socklen_t length = CONGESTION_NAME_SIZE;

	memset(ret_name, 0, CONGESTION_NAME_SIZE);
	if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, ret_name, &length) < 0)
		strcpy(ret_name, "unknown");
	ret_name[CONGESTION_NAME_SIZE - 1] = '\0';
}

static int bind_one(const struct workload_options *options, int type)
{
	static const int on = 1;
	static const int off = 0;
	union any_address address;
	socklen_t length;

	if (!resolve(options, &address, &length))
		return -1;
	int fd = socket(address.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return give_up(fd, "socket for", options);
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, &address.any, length) < 0)
		return give_up(fd, "bind to", options);
	return fd;
}

static uint16_t local_port(int fd)
{
	union any_address address = { 0 };
	socklen_t length = sizeof(address);

	getsockname(fd, &address.any, &length);
	/* sin_port and sin6_port are at the same place. */
	return ntohs(address.v4.sin_port);
}

static void enlarge_udp_buffers(int fd)
{
	static const int bytes = UDP_BUFFER_BYTES;

	/* What the kernel grants beyond its own limits is nothing; the run reports loss. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

bool socket_serve(const struct workload_options *options, struct server_sockets *ret_sockets)
{
	struct workload_options bound = *options;

	int tcp = bind_one(&bound, SOCK_STREAM);
	if (tcp < 0)
		return false;
	bound.port = local_port(tcp);
	int udp = bind_one(&bound, SOCK_DGRAM);
	if (udp < 0) {
		close(tcp);
		return false;
	}
	enlarge_udp_buffers(udp);
	/* Accepted connections inherit the listener's algorithm. */
	if (!set_congestion(tcp, options->congestion) || listen(tcp, LISTEN_BACKLOG) < 0) {
		close(udp);
		give_up(tcp, "listen on", &bound);
		return false;
	}
	*ret_sockets = (struct server_sockets){ .tcp = tcp, .udp = udp, .port = bound.port };
	return true;
}

int socket_serve_dns(const struct workload_options *options)
{
	static const int on = 1;
	struct workload_options bound = *options;

	bound.port = options->dns_port;
	int fd = bind_one(&bound, SOCK_DGRAM);
	if (fd < 0)
		return -1;
	/* Each is refused by a socket of the other family. */
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	return fd;
}

int socket_connect(const struct workload_options *options)
{
	static const int on = 1;
	const struct timeval limit = {
		.tv_sec = (time_t)(options->timeout / NANOSECONDS_PER_SECOND),
		.tv_usec = (suseconds_t)(options->timeout % NANOSECONDS_PER_SECOND / 1000),
	};
	union any_address address;
	socklen_t length;

	if (!resolve(options, &address, &length))
		return -1;
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return give_up(fd, "socket for", options);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (!set_congestion(fd, options->congestion)) {
		close(fd);
		return -1;
	}
	if (connect(fd, &address.any, length) < 0) {
		if (errno == EINPROGRESS)
			errno = ETIMEDOUT; /* what SO_SNDTIMEO makes of a connect, socket(7) */
		return give_up(fd, "connect to", options);
	}
	return fd;
}

int socket_connect_udp(const struct workload_options *options)
{
	union any_address address;
	socklen_t length;

	if (!resolve(options, &address, &length))
		return -1;
	int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, &address.any, length) < 0)
		return give_up(fd, "UDP to", options);
	enlarge_udp_buffers(fd);
	return fd;
}

bool socket_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)
		return true;
	return workload_complain("cannot make a socket non-blocking: %s", strerror(errno));
}

/* The reason of a transfer that stopped: errno's, or the peer's end. */
static bool complain_stopped(const char *what, ssize_t result)
{
	if (result == 0)
		return workload_complain("%s: the peer closed the connection", what);
	if (errno == EAGAIN)
		return workload_complain("%s: no progress within the timeout", what);
	return workload_complain("%s: %s", what, strerror(errno));
}

bool socket_send_all(int fd, const void *data, size_t length)
{
	const char *next = data;

	while (length > 0) {
		ssize_t sent = send(fd, next, length, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return complain_stopped("send", sent);
		next += sent;
		length -= (size_t)sent;
	}
	return true;
}

bool socket_receive_all(int fd, void *data, size_t length)
{
	char *next = data;

	while (length > 0) {
		ssize_t got = recv(fd, next, length, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return complain_stopped("receive", got);
		next += got;
		length -= (size_t)got;
	}
	return true;
}

bool socket_raise_limit(uint64_t needed)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= needed)
		return true;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max >= needed)
		return true;
	return workload_complain("%llu descriptors are needed, the hard limit is %llu",
				 (unsigned long long)needed, (unsigned long long)limit.rlim_max);
}
