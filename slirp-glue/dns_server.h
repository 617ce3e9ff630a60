/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets to the host's DNS servers. */
#pragma once

#include <stdint.h>

#include "base/message.h"

/*
 * Opens a non-blocking socket of type SOCK_DGRAM or SOCK_STREAM and connects it to the server at
 * index; a stream may still be connecting on return. Returns the descriptor (the caller's) or
 * -errno.
 */
int dns_server_connect(const struct dns_servers *servers, uint32_t index, int type);

/* Copies servers with the one at first (below count) in front, the others in their order. */
void dns_server_order(const struct dns_servers *servers, uint32_t first,
		      struct dns_servers *ret_servers);
