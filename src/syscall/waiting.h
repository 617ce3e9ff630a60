/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that wait for a socket: no thread each, and ended by what would end the real call, too: the
 * socket's timeout, a signal, the caller's death.
 */
#pragma once

#include <stdint.h>

#include "syscall/call.h"

/* Why a wait is over. */
enum wait_end {
	WAIT_READY,   /* the socket is ready, or has failed */
	WAIT_TIMEOUT, /* SO_SNDTIMEO, SO_RCVTIMEO */
	WAIT_SIGNAL,  /* a signal waits for the caller */
	WAIT_GONE,    /* the caller waits no more */
};

/* socket is the caller's again; called once, never from inside waiting_add. */
typedef void (*wait_func)(struct supervisor *supervisor, struct call *call, int socket,
			  enum wait_end end);

struct waiting;

/* NULL with errno set. */
struct waiting *waiting_new(struct supervisor *supervisor);

/* Drops what still waits, unanswered. NULL is allowed. */
void waiting_free(struct waiting *waiting);

/* Readable when waiting_run has something to do; waiting's. */
int waiting_descriptor(const struct waiting *waiting);

/*
 * Waits for events (EPOLLIN, EPOLLOUT, ... of epoll_ctl(2)) of socket (borrowed until func is
 * called) on behalf of call, at most timeout_ms milliseconds, 0 for no limit. A call that has
 * waited before goes on with the deadline that it has; a handler that is to give it another one
 * clears call->slot->deadline. Returns 0 or -errno.
 */
int waiting_add(struct waiting *waiting, struct call *call, int socket, uint32_t events,
		uint64_t timeout_ms, wait_func func);

/*
 * The same for what no event tells of: func gets WAIT_READY and a descriptor of no use after a
 * pause, for the call to try again. Pauses grow with each try, and with the calls that wait, so
 * that trying stays a small part of the time.
 */
int waiting_pause(struct waiting *waiting, struct call *call, uint64_t timeout_ms, wait_func func);

/* Ends the waits that are over; doesn't block. */
void waiting_run(struct waiting *waiting);

/* How many calls wait. */
uint32_t waiting_count(const struct waiting *waiting);
