/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the kernel who listens, sock_diag(7). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

/* A netlink socket for it, the caller's; -errno. */
int socket_diag_open(void);

/*
 * Finds the TCP socket of the network namespace that diag was opened in that takes connections to
 * endpoint. Returns true and its cookie (SO_COOKIE); false if nobody listens there.
 */
bool socket_diag_find_listener(int diag, const struct endpoint *endpoint, uint64_t *ret_cookie);

/*
 * Finds the TCP socket there that is at local and connected to remote, which may be v4-mapped. It
 * may have been closed already, as long as the kernel has not forgotten it. Returns as above.
 */
bool socket_diag_find_connection(int diag, const struct endpoint *local,
				 const struct endpoint *remote, uint64_t *ret_cookie);
