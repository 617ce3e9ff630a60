/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting one socket in another's place in a container's process, so that the program sees no difference. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct callers;

/* The waiting call whose caller gets the socket. */
struct swap_place {
	int listener;
	uint64_t id;  /* of the notification */
	pid_t tid;
	int number;   /* the descriptor that the call is about */
};

struct swapper;

/* proc: a descriptor of /proc, borrowed. NULL with errno set where its helper thread can't be started. */
struct swapper *swapper_new(struct callers *callers, int proc);
void swapper_free(struct swapper *swapper);

/*
 * Puts socket over the place's number and every duplicate of pinned (which is what stands there now) in the same table, close-on-exec as each was, and registers it again with
 * every epoll instance of the caller that knows pinned. Both sockets stay ours to close. Where another process holds a duplicate of pinned, which nobody can
 * replace, everything is put back and -EXDEV returned: the packet path serves such a socket. Returns 0 or -errno (-ENOENT: the caller has gone).
 */
int swapper_swap(struct swapper *swapper, const struct swap_place *place, int *pinned, int socket);
