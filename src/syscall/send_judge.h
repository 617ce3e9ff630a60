/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be sent, and on which socket. */
#pragma once

#include "syscall/call.h"
#include "syscall/sent_message.h"

/* slot->answer of a call that has a socket of the host in place by now, and has sent nothing. */
#define NOT_SENT (-1)

/*
 * Judges the message, puts a socket of the host in place if it has to go outside, and readies its
 * control messages. Returns 0 once it is to be sent on the pinned socket (to call->verdict.target
 * if the verdict is the host), or the errno to answer; ESRCH: the caller has gone.
 */
int send_prepare(struct supervisor *supervisor, struct call *call, struct sent_message *message);
