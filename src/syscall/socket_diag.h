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
