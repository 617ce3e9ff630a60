/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the container's own routing sends a packet: asked with an unconnected datagram socket that
 * lives in its network namespace.
 */
#pragma once

#include "base/address.h"
#include "base/network.h"

/*
 * A datagram socket for route_find, made in the calling process's network namespace; the caller's,
 * or -errno.
 */
int route_socket(void);

enum route {
	ROUTE_OUT, /* through our device: its source is the address that the container was given */
	ROUTE_ELSEWHERE,   /* to another device of the container, or itself; or it can't be told */
	ROUTE_UNREACHABLE, /* nowhere */
};

/*
 * probe: a route_socket of the container; it is left unconnected. Sends nothing. v4-mapped
 * addresses are taken as IPv4; link-local IPv6 ones are ROUTE_ELSEWHERE. What another device of the
 * container sends with our device's source address is not told from what ours sends.
 */
enum route route_find(int probe, const struct network *network, const struct address *destination);
