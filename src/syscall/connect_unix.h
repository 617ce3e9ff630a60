/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unix sockets, and what else is no Internet socket, where the kernel can't be left to do the call.
 */
#pragma once

#include <sys/socket.h>

#include "syscall/call.h"

/* connect(2) on a socket that is no Internet one: the kernel does it where that is safe, or we. */
struct outcome connect_other(struct supervisor *supervisor, struct call *call);

/* sendmsg(2) on the pinned Unix socket, to header's address as the caller means it. */
ssize_t connect_unix_send(struct supervisor *supervisor, const struct call *call,
			  struct msghdr *header, int flags);
