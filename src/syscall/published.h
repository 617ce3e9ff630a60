/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Published TCP ports at the socket: reserved on the host, handed to the program that binds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/forward.h"
#include "syscall/shared_state.h"

struct published;

/*
 * state remembers over restarts which sockets were handed out; proc is a descriptor of /proc. Both
 * are borrowed.
 */
struct published *published_new(struct shared_state *state, int proc);

/* Gives the reservations up; NULL is allowed. */
void published_free(struct published *published);

/*
 * Reserves forward's host endpoint. Returns 0 or a positive errno value (EADDRINUSE, EACCES,
 * EADDRNOTAVAIL). An endpoint that a program of the container holds already counts as reserved.
 */
int published_add(struct published *published, const struct forward *forward);

/* Gives it up, and makes the program's listener deaf; returns 0 or ENOENT. */
int published_remove(struct published *published, uint32_t id);

/* True if a program was given a socket for the forward with that id, and had it at the last look.
 */
bool published_is_handed_out(const struct published *published, uint32_t id);

/* Reserves again what programs have given up since. */
void published_look(struct published *published);

/* The forwards, *ret_count of them; valid until the next add or remove. */
const struct forward *published_forwards(const struct published *published, size_t *ret_count);

/*
 * Binds socket, which is to be put in a program's place, to target, a published host endpoint; the
 * reservations that it stands for are given up. Returns 0 or a positive errno value.
 */
int published_bind(struct published *published, int socket, const struct endpoint *target);

/*
 * The ids of those forwards, at most max, that open at the next bind only: a program has their port
 * with a socket that is at another forward's place. Returns how many.
 */
uint32_t published_late(const struct published *published, uint32_t *ret_ids, uint32_t max);

/* True if socket was bound by published_bind. */
bool published_owns(const struct published *published, int socket);

/*
 * True if a program of the container listens for the forward with that id, and nobody else does;
 * *ret_endpoint is then where a connection reaches it on the host.
 */
bool published_find_listener(const struct published *published, uint32_t id,
			     struct endpoint *ret_endpoint);

/* The session ends: makes deaf what programs that outlive it still listen with. */
void published_end(struct published *published);
