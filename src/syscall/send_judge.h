/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be sent, and on which socket; and what may be left to the kernel. */
#pragma once

#include <stdbool.h>

#include "syscall/call.h"
#include "syscall/sent_message.h"

/* slot->answer of a call that has a socket of the host in place by now, and has sent nothing. */
#define NOT_SENT (-1)

/*
 * True if nobody but the caller, who waits, can change what its number means: send.c has the
 * reasons.
 */
bool send_is_alone(struct supervisor *supervisor, const struct call *call);

/*
 * True if the kernel may be left to do a call on the caller's number, which is no socket of the
 * host now: where there are packets nothing but TCP has such sockets, for which other fences stand;
 * without, if the caller is alone.
 */
bool send_may_continue(struct supervisor *supervisor, const struct call *call);

/*
 * Judges the message, puts a socket of the host in place if it has to go outside, and readies its
 * control messages. Returns 0 once it is to be sent on the pinned socket (to call->verdict.target
 * if the verdict is the host), or the errno to answer; ESRCH: the caller has gone.
 */
int send_prepare(struct supervisor *supervisor, struct call *call, struct sent_message *message);
