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
 * True if the name of socket (call's, or one that was accepted at it), its peer's where peer is
 * set, is to be seen as *ret_endpoint, which is not v4-mapped; false if it is the kernel's word.
 */
bool names_of_socket(struct supervisor *supervisor, const struct call *call, int socket, bool peer,
		     struct endpoint *ret_endpoint);
