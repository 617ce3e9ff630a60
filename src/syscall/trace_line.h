/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trapped call as a line of JSON, for --trace. Pure. */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/address.h"

/* What there is to tell; everything is borrowed. */
struct trace_line {
	int64_t time;	  /* when the call was received: microseconds since 1970, UTC */
	pid_t pid;	  /* of the caller, as the host numbers it */
	const char *comm; /* the caller's name: bytes of its own choice up to the first NUL */
	const char *call; /* "connect" */
	const struct endpoint *address; /* NULL or family AF_UNSPEC: there is none */
	const char *verdict;		/* action_name; NULL where it came to none */
	const char *reason;		/* the verdict's; NULL as well */
	int error;			/* errno that was answered, 0 for none */
	uint64_t microseconds;		/* from receipt to answer */
};

/*
 * Appends the line, with a newline, to text:
 *
 * {"time":"2024-01-31T12:00:00.000001Z","pid":71,"comm":"curl","call":"connect",
 * "address":"192.0.2.1:80","verdict":"host","reason":"outside","microseconds":41}
 *
 * in one line. Members that there is nothing to say about are left out; "error" comes behind
 * "reason" and is errno's name, "ERESTARTSYS" for RESTART_CALL, or the number of what has no name.
 * The line is plain ASCII whatever comm holds: bytes that are not UTF-8 read \ufffd.
 */
void trace_line_append(GString *text, const struct trace_line *line);
