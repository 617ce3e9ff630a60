/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names that a socket of the host is to have in the container (names.c). */
#pragma once

#include <stdbool.h>

#include "base/address.h"
#include "syscall/call.h"

struct supervisor;

/* True if call's socket is one of the host's whose names differ in the container. */
bool names_concern(const struct supervisor *supervisor, const struct call *call);

/*
 * True if remote, the peer of a socket that was accepted at call's, is to be seen as *ret_endpoint,
 * which is not v4-mapped; false if it is to be seen as it is. The connection may be over by now.
 */
bool names_of_accepted(struct supervisor *supervisor, const struct call *call, int socket,
		       const struct endpoint *remote, struct endpoint *ret_endpoint);
