/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the host that stand in for a container's: the same kind, options and flags. */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "base/address.h"
#include "syscall/socket_facts.h"

/* Where host sockets may go out. */
struct host_egress {
	char interface[IF_NAMESIZE]; /* --outbound; "": any */
	struct address v4;	     /* source; family AF_UNSPEC: the kernel chooses */
	struct address v6;
	bool fence; /* bind each socket to the device that its route takes, so that it can't be turned on the loopback */
};

/*
 * A socket like the pinned one, with the options that were set on it (socket_options.h), O_NONBLOCK for now and close-on-exec. Returns it, the caller's, or
 * -errno.
 */
int host_socket_like(int pinned, const struct socket_facts *facts);

/*
 * Gives socket the source that the container bound pinned to (the port, where that can be had; a wildcard address otherwise), the egress's own, and the fence; to be
 * called before connect. destination is where it will go. Returns 0 or -errno.
 */
int host_socket_prepare(int socket, int pinned, const struct host_egress *egress, const struct endpoint *destination);
