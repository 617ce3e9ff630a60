/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket addresses as programs hand them in: lengths and families judged as the kernel does. Pure.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"

/* An address that was copied from a caller once. */
struct call_address {
	struct sockaddr_storage storage;
	socklen_t length; /* of what was copied */
};

/*
 * What the kernel says of a length before it looks at the address (move_addr_to_kernel of
 * net/socket.c): 0, or EINVAL for a negative one or one beyond sockaddr_storage. length is the
 * register's content; the kernel takes its lower 32 bits, and so must who goes on with it.
 */
int sockaddr_check_length(int64_t length);

/*
 * What connect(2) to an address of this length and family comes to on a TCP socket of that domain,
 * AF_INET or AF_INET6, that is neither connected nor connecting: 0 and the endpoint (v4-mapped
 * addresses kept as they are), or the errno that the kernel gives (EINVAL short, EAFNOSUPPORT wrong
 * family). AF_UNSPEC is 0 with family AF_UNSPEC. *ret_endpoint is not touched on failure. A socket
 * in another state may give EISCONN or EALREADY first: only the kernel knows.
 */
int sockaddr_read_connect(const struct call_address *address, int domain,
			  struct endpoint *ret_endpoint);

/* The same for UDP, whose IPv6 sockets take an AF_INET address as well. */
int sockaddr_read_connect_datagram(const struct call_address *address, int domain,
				   struct endpoint *ret_endpoint);

/* The same for bind(2) of TCP or UDP; AF_UNSPEC with INADDR_ANY is AF_INET to an IPv4 socket. */
int sockaddr_read_bind(const struct call_address *address, int domain,
		       struct endpoint *ret_endpoint);

/*
 * The same for a UDP datagram, sendto(2); AF_UNSPEC counts as AF_INET on an IPv4 socket, and is 0
 * with family AF_UNSPEC on an IPv6 one: the datagram goes to the socket's peer, as without address.
 */
int sockaddr_read_send(const struct call_address *address, int domain,
		       struct endpoint *ret_endpoint);
