/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What programs named the sockets of the host that they got (--virtual-addresses): remembered by
 * cookie in the shared state, so that the supervisor that follows knows it, too.
 */
#pragma once

#include <stdint.h>

#include "syscall/shared_state.h"
#include "syscall/virtual_address.h"

/* Notes that a program gave socket that name; the oldest note of that kind may be dropped for it.
 */
void named_sockets_note(struct shared_state *state, enum named_kind kind, int socket,
			enum virtual_name name);

/* The name noted for a cookie, VIRTUAL_UNKNOWN if there is none. */
enum virtual_name named_sockets_find(struct shared_state *state, enum named_kind kind,
				     uint64_t cookie);

/* SO_COOKIE; 0 if it can't be had. */
uint64_t named_sockets_cookie(int socket);
