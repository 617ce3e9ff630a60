/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --trace: a line of JSON for each trapped call. */
#pragma once

#include "syscall/call.h"

struct trace;

/* Takes fd over. */
struct trace *trace_new(int fd);

/* To be flushed before; NULL is allowed. */
void trace_free(struct trace *trace);

/*
 * Notes a call that has been dealt with. Never blocks; lines that the file doesn't take are
 * counted, and the session is told of the first.
 */
void trace_call(struct trace *trace, struct supervisor *supervisor, const struct call *call,
		struct outcome outcome);

/* How long what has gathered may wait for more, in milliseconds for poll(2): -1 if there is
 * nothing, or no trace. */
int trace_timeout_ms(const struct trace *trace);

/* Writes out what has gathered. */
void trace_flush(struct trace *trace, struct supervisor *supervisor);
