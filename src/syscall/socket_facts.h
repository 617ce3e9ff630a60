/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a socket. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct socket_facts {
	int domain;   /* AF_* */
	int type;     /* SOCK_* */
	int protocol; /* IPPROTO_* */
	int flags;    /* F_GETFL: O_NONBLOCK and others; shared by all duplicates */
	uint64_t
		network; /* SO_NETNS_COOKIE: the network namespace that it belongs to; 0: unknown */
};

/*
 * Returns 0, -ENOTSOCK, or another -errno. A kernel without SO_NETNS_COOKIE (before Linux 5.14) is
 * no error.
 */
int socket_facts_read(int fd, struct socket_facts *ret_facts);

/*
 * The cookie of the network namespace this process is in; 0 where the kernel has none (before Linux
 * 5.14).
 */
uint64_t socket_facts_own_network(void);

/* TCP over IPv4 or IPv6 (MPTCP too): what may be carried by a socket of the host. */
bool socket_facts_is_stream(const struct socket_facts *facts);

/* UDP over IPv4 or IPv6. */
bool socket_facts_is_udp(const struct socket_facts *facts);

/* AF_INET or AF_INET6 of any type. */
bool socket_facts_is_internet(const struct socket_facts *facts);

/* State of a TCP socket (TCP_ESTABLISHED ... of netinet/tcp.h), or -errno. */
int socket_facts_tcp_state(int fd);

/* SO_SNDTIMEO in milliseconds, rounded up; 0 for none. */
uint64_t socket_facts_send_timeout_ms(int fd);
