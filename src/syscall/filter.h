/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's seccomp filter and what goes with it; installed by its first process. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Which calls are trapped. With all, what the supervisor could not judge is refused: see filter.c.
 */
enum filter_kind {
	FILTER_HYBRID = 0, /* connect, bind, listen, epoll_create, rare options, interfaces */
	/* Bits; several may be set. */
	FILTER_SYSCALL = 1 << 0, /* and what sends a datagram to an address */
	FILTER_NAMES = 1 << 1,	 /* and getsockname, getpeername, accept, accept4 */
	FILTER_TABLES = 1 << 2,	 /* and what makes two processes share a table of descriptors */
};

/*
 * Installs the filter in the calling thread, which must have CAP_SYS_ADMIN in its user namespace or
 * no_new_privs (which is not set here, so that set-user-ID programs go on working). Returns true
 * and the listener (close-on-exec, the caller's), or false with error set in words that say what is
 * missing: no notification in this kernel, another listener on this task
 * (SLIRPWAY_ERROR_IN_USE), ...
 */
bool filter_install(enum filter_kind kind, int *ret_listener, GError **error);
