/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What calls that are left to the kernel may come to mean. */
#pragma once

#include <stdbool.h>

#include "syscall/call.h"

/*
 * True if the kernel may be left to do a call on the caller's number, which is no socket of the
 * host now: where there are packets nothing but TCP has such sockets, for which other fences stand;
 * without, if nobody but the caller can put one there. send.c has the reasons.
 */
bool send_may_continue(struct supervisor *supervisor, const struct call *call);
