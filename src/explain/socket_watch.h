/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's TCP sockets, as its kernel tells of them when they end, sock_diag(7): whose they were
 * it doesn't tell, so all of the network namespace are noted, and the caller looks for its own.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "explain/socket_note.h"

struct socket_watch;

/* Notes what ends from now on, on the default main context. Returns NULL with error set. */
struct socket_watch *socket_watch_new(GError **error);

/* NULL is allowed. */
void socket_watch_free(struct socket_watch *watch);

/*
 * Takes what was told so far, and looks at the sockets that are still open. Returns struct
 * socket_note in an array that is the caller's. *ret_lost is true if there were too many of them.
 */
GArray *socket_watch_finish(struct socket_watch *watch, bool *ret_lost);
