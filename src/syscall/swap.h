/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting one socket in another's place in a container's process, so that the program sees no
 * difference.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "syscall/call_counters.h"
#include "syscall/swap_journal.h"

struct callers;

/* The waiting call whose caller gets the socket. */
struct swap_place {
	int listener;
	uint64_t id; /* of the notification */
	pid_t tid;
	int number; /* the descriptor that the call is about */
};

struct swapper;

/*
 * proc: a descriptor of /proc. All four are borrowed; journal is in memory that outlives this
 * process. NULL with errno set where its helper thread can't be started.
 */
struct swapper *swapper_new(struct callers *callers, int proc, struct call_counters *counters,
			    struct swap_journal *journal);

/* NULL is allowed. */
void swapper_free(struct swapper *swapper);

/*
 * Puts socket, which stays the caller's, over the place's number and every duplicate of *pinned
 * (which is what stands there now) in the same table, close-on-exec as each was, and registers it
 * again with every epoll instance of the caller that knows *pinned. *pinned must be the only
 * reference to it that this process has: it is closed, and *pinned set to -1, since only then can
 * be seen whether others hold it.
 *
 * Returns 0 or -errno. -EXDEV: another process, which nobody can reach, holds it as well:
 * everything is as it was, and *pinned is a copy of it again (maybe under another number); the
 * packet path serves such a socket. -ENOENT: the caller has gone. After errors other than -EXDEV
 * *pinned may be -1.
 */
int swapper_swap(struct swapper *swapper, const struct swap_place *place, int *pinned, int socket);

/*
 * Finishes the swap that another supervisor died in, if place's call is the one that the journal is
 * about and the new socket has its number already: its duplicates and registrations follow. What
 * was not begun so far is left to the call itself. The journal is empty then.
 */
void swapper_finish(struct swapper *swapper, const struct swap_place *place);
