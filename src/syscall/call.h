/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One trapped call, from its notification to its answer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "syscall/shared_state.h"
#include "syscall/sockaddr.h"
#include "syscall/socket_facts.h"
#include "syscall/verdict.h"

struct supervisor;

struct call {
	struct slot *slot;
	pid_t tid;		     /* of the thread that waits */
	int number;		     /* the descriptor that it is about */
	int pinned;		     /* that descriptor's file, held by us; -1: not (any more) */
	struct socket_facts facts;   /* of pinned */
	struct call_address address; /* what the caller handed in, copied once */
	struct endpoint endpoint;    /* the same, read */
	struct verdict verdict;
	int begun;	 /* errno of the attempt that is waited for: EINPROGRESS or EALREADY */
	bool within;	 /* with --virtual-addresses: to a program of the container by the host */
	int64_t started; /* monotonic time, microseconds; 0 without --trace */
	void *kept;	 /* what a handler needs as long as the call lasts; freed by free_kept */
	void (*free_kept)(void *kept);
	int pause_timer;   /* for waiting_pause; -1: none yet */
	uint32_t pause_ms; /* its last one */
};

/* What a handler came to. */
enum outcome_kind {
	OUTCOME_ANSWER,	  /* error, 0 for success */
	OUTCOME_CONTINUE, /* the kernel does the call */
	OUTCOME_WAIT,	  /* the handler has kept the call, and finishes it later */
	OUTCOME_GONE,	  /* the caller waits no more: it was killed, or a signal came first */
	OUTCOME_DONE,	  /* answered already */
};

struct outcome {
	enum outcome_kind kind;
	int error;
	int64_t value; /* that the call returns where error is 0 */
};

/* A call that restarts or ends with EINTR, as the kernel judges (ERESTARTSYS of linux/errno.h). */
#define RESTART_CALL 512

struct outcome outcome_answer(int error);
struct outcome outcome_value(int64_t value);
struct outcome outcome_continue(void);
struct outcome outcome_wait(void);
struct outcome outcome_gone(void);
struct outcome outcome_done(void);

/* A signal came while the call waited: with a timeout there is no restart, signal(7). */
struct outcome outcome_interrupted(const struct call *call);

/* Makes a call of a slot that holds a notification; call_finish frees it. */
struct call *call_new(struct supervisor *supervisor, struct slot *slot);

/*
 * Pins the descriptor that the call is about and reads its facts. Returns 0 or the errno to answer
 * (EBADF, ENOTSOCK, ...).
 */
int call_pin(struct supervisor *supervisor, struct call *call);

/*
 * Copies the socket address that the caller's memory has at pointer into call->address. Returns 0,
 * or the errno to answer: EINVAL for the length, EFAULT for the pointer, ESRCH if the caller has
 * gone.
 */
int call_read_address(struct supervisor *supervisor, struct call *call, uint64_t pointer,
		      int64_t length);

/*
 * Copies length bytes of data to the caller's memory at pointer, after asking whether the caller
 * still waits: its thread id may be that of any task by now, one outside the container too. Returns
 * 0, or the errno to answer: EFAULT for the pointer, ESRCH if the caller has gone.
 */
int call_write(struct supervisor *supervisor, const struct call *call, uint64_t pointer,
	       const void *data, size_t length);

/*
 * Copies a socket address of length bytes to the caller's memory at pointer, as much of it as the
 * int at length_pointer has room for, and stores the whole length there (move_addr_to_user of
 * net/socket.c). Returns 0, or the errno to answer: EINVAL for the room, EFAULT for a pointer,
 * ESRCH if the caller has gone. Something may have been written on failure.
 */
int call_write_address(struct supervisor *supervisor, const struct call *call,
		       const struct sockaddr_storage *address, socklen_t length, uint64_t pointer,
		       uint64_t length_pointer);

/*
 * Makes the pinned socket non-blocking, as connect(2) has no flag for that, until call_reblock. Its
 * other holders see it so, and may change it; so it is to be for the moment of one connect(2) only.
 * The slot says so, for the supervisor after this one. Returns 0 or an errno.
 */
int call_unblock(struct call *call);

/* Makes the pinned socket what it was before call_unblock. */
void call_reblock(struct call *call);

/* True if the caller made the descriptor non-blocking. */
bool call_is_nonblocking(const struct call *call);

/* True if the pinned socket belongs to the host's network namespace. */
bool call_is_on_host(const struct supervisor *supervisor, const struct call *call);

/* Answers, traces, frees the slot and the call; not for OUTCOME_WAIT. */
void call_finish(struct supervisor *supervisor, struct call *call, struct outcome outcome);
