/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways of connect(2) that connect.c tells of, for its parts. */
#pragma once

#include <sys/socket.h>

#include "syscall/call.h"

/*
 * connect(2) of the pinned socket that returns at once, for it is non-blocking meanwhile. Returns 0
 * or a positive errno value, EINPROGRESS among them.
 */
int connect_now(struct call *call, const struct sockaddr *address, socklen_t length);

/* On the pinned socket itself; to call->verdict.target if the verdict is the host. */
struct outcome connect_here(struct supervisor *supervisor, struct call *call);

/* On a new socket of the host, to call->verdict.target. */
struct outcome connect_outside(struct supervisor *supervisor, struct call *call);

/* On a new socket of the container, in the place of the pinned one, which is the host's. */
struct outcome connect_back(struct supervisor *supervisor, struct call *call);
