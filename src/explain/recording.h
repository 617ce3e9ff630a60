/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was recorded of one path. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "explain/process_sample.h"
#include "explain/timeline.h"

/* What COMMAND and the processes of slirpway used while it ran. */
struct recording_usage {
	struct process_sample program;
	struct process_sample engine;
	struct process_sample supervisor;
	struct process_sample session;
	uint64_t wakeups; /* of the engine */
	bool wakeups_known;
};

struct recording {
	char *path;
	bool present;  /* else only path and why hold */
	char *why;     /* why there is none: what slirpway run said */
	int status;    /* COMMAND's exit status, 128 + n for a signal */
	int error;     /* errno of a COMMAND that could not be executed, or 0 */
	int64_t begin; /* microseconds since 1970 */
	int64_t end;
	struct timeline *timeline;
	struct recording_usage usage;
	char *output;		 /* the end of COMMAND's output; "" for none */
	guint64 output_left_out; /* bytes before it */
	char *messages;		 /* what slirpway run said; "" for nothing */
	GPtrArray *remarks;	 /* char *: what is missing in this recording, and why */
};

/* An empty one of a path; it is copied. */
struct recording *recording_new(const char *path);

/* NULL is allowed. */
void recording_free(struct recording *recording);

/* Adds a remark, printf's way. */
void recording_remark(struct recording *recording, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
