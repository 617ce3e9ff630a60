/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of sockets of the host as the container knows them (--virtual-addresses). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "syscall/socket_facts.h"
#include "syscall/verdict.h"

/* What a program of the container named, where the host's address doesn't tell. */
enum virtual_name {
	VIRTUAL_UNKNOWN, /* the host's address tells */
	VIRTUAL_WILDCARD,
	VIRTUAL_LOOPBACK,
	VIRTUAL_OWN, /* the container's own address */
};

/* Which of them an address of the container is; it may be v4-mapped. */
enum virtual_name virtual_name_of(const struct address *inside);

/*
 * True if a connection between these two doesn't leave the host: a peer that is a loopback address,
 * or the same address. Either may be v4-mapped.
 */
bool virtual_address_is_local(const struct endpoint *local, const struct endpoint *peer);

/*
 * What getsockname(2) is to tell of a socket of the host with these facts that is at local, which
 * may be v4-mapped; the result never is. name is what the program bound the socket to if it has no
 * peer, and what the client named if a program of the container is at either end.
 */
struct endpoint virtual_address_local(const struct rules *rules, const struct socket_facts *facts,
				      enum virtual_name name, const struct endpoint *local);

/* The same for getpeername(2); name is VIRTUAL_UNKNOWN unless both ends are in the container. */
struct endpoint virtual_address_peer(const struct rules *rules, const struct socket_facts *facts,
				     enum virtual_name name, const struct endpoint *peer);
