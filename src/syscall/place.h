/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting a socket where the caller's was, and remembering that over a supervisor's death. */
#pragma once

#include "syscall/call.h"

/*
 * Puts socket (still the caller's to close) in the place of call's pinned socket, with its file
 * status flags; answer is what the call will be answered with, should this process die before it
 * does so. Returns 0 or -errno: -EXDEV if another process holds the socket as well (nothing has
 * changed then), -ENOENT if the caller has gone.
 */
int place_socket(struct supervisor *supervisor, struct call *call, int socket, int answer);

/*
 * Puts *socket, which is the host's, in the place of call's pinned one, for a call that goes on: it
 * is pinned instead, and *socket is -1. Returns as place_socket, with *socket untouched.
 */
int place_host_socket(struct supervisor *supervisor, struct call *call, int *socket);

/*
 * Puts a new socket of the container in the place of call's pinned one, which is the host's, and
 * pins that instead. Returns 0 or a positive errno value, EXDEV as above.
 */
int place_container_socket(struct supervisor *supervisor, struct call *call);

/* Finishes what the supervisor before began to exchange for that call, see swap.h. */
void place_finish(struct supervisor *supervisor, const struct slot *slot);

/*
 * What a call comes to whose socket could not be exchanged: error, a positive errno value; or
 * instead, which its program knows, where another process holds the socket as well.
 */
struct outcome place_failed(struct call *call, int error, int instead);
