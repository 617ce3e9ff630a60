/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which calls on sockets that are no Internet ones may be left to the kernel. It takes what the
 * memory and the number hold by then: a thread of the caller could have put a socket of the host
 * on the number, and an address that was never judged into the memory.
 */
#pragma once

#include <stdbool.h>

#include "syscall/call.h"

/*
 * True if nobody but the caller, who waits, can change what its number means: it is its process's
 * only thread, and no process was ever made that shares a table of descriptors with another
 * (FILTER_TABLES traps that).
 */
bool caller_is_alone(struct supervisor *supervisor, const struct call *call);

/*
 * True for connect(2) and bind(2) on the caller's number, which is no Internet socket now. Where
 * Landlock keeps the container's tasks from binding and connecting TCP (wall.h), all that could be
 * won is a datagram by UDP, which a packet path judges.
 */
bool connect_may_continue(struct supervisor *supervisor, const struct call *call);
bool bind_may_continue(struct supervisor *supervisor, const struct call *call);

/*
 * True if the caller accesses files as the user that this process is. Only on behalf of such a one
 * may we use a path, or be what the peer of a Unix socket sees (SO_PEERCRED, SCM_CREDENTIALS).
 */
bool caller_is_our_user(const struct supervisor *supervisor, const struct call *call);

struct outcome handle_clone(struct supervisor *supervisor, struct call *call);
