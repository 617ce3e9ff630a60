/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the host that stand in for a container's: the same kind, options and flags. */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "base/address.h"
#include "syscall/option_table.h"
#include "syscall/socket_facts.h"

/* Where host sockets may go out. */
struct host_egress {
	char interface[IF_NAMESIZE]; /* --outbound; "": any */
	struct address v4;	     /* source; family AF_UNSPEC: the kernel chooses */
	struct address v6;
	/*
	 * Bind each socket to the device that its route takes, so that the container can't turn it
	 * on the host's loopback: for kernels without the wall.
	 */
	bool fence;
};

/*
 * A TCP or UDP socket of pinned's domain with the options that were set on that, of those in set
 * (socket_options.h), O_NONBLOCK for now, and close-on-exec. One of UDP never shares a port of the
 * host with others. Also for MPTCP it is plain TCP, which MPTCP falls back to: MPTCP would open
 * further connections that nobody judged, and pass through the wall. Returns it, the caller's, or
 * -errno.
 */
int host_socket_like(int pinned, const struct socket_facts *facts, const struct options_set *set);

/*
 * Gives socket the source that the container bound pinned to (the port, where that can be had; a
 * wildcard address otherwise), the egress's own, and the fence; to be called before connect. facts
 * are pinned's. destination is where it will go, and may be v4-mapped. Returns 0 or -errno:
 * -ENETUNREACH, ... if a fence is wanted and there is no route, or none that a fence keeps off the
 * loopback.
 */
int host_socket_prepare(int socket, int pinned, const struct socket_facts *facts,
			const struct host_egress *egress, const struct endpoint *destination);

/*
 * The same for a UDP socket that is not going to be connected: without the fence, for it may go
 * elsewhere with its next datagram; and bound in any case, if to a port of the kernel's choice.
 */
int host_socket_prepare_unconnected(int socket, int pinned, const struct host_egress *egress,
				    const struct endpoint *destination);

/*
 * True if a socket of the host can be connected to destination: it is bound to the device that
 * host_socket_prepare would choose; one that had none is bound to it now.
 */
bool host_socket_fits(int socket, const struct socket_facts *facts,
		      const struct host_egress *egress, const struct endpoint *destination);

/* Binds to a port of the kernel's choice; 0 or -errno, -EINVAL for a socket that is in use. */
int host_socket_bind_any(int socket);

/* True if the socket is bound to a loopback address. */
bool host_socket_is_on_loopback(int socket);
