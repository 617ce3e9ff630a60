/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs COMMAND over one path and records all that can be seen of it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "explain/session_sample.h"
#include "explain/timeline.h"
#include "session/signals.h"

struct recording_request {
	const char *path;		/* the mode: "packet", "hybrid", "syscall" */
	const char *const *run_options; /* for slirpway run; NULL-terminated */
	char *const *command;		/* NULL-terminated */
	const char *input;		/* the file that COMMAND reads, NULL: /dev/null */
	bool show_output;		/* COMMAND's output goes to our standard error */
	struct timeline_limits limits;
};

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

struct recorder;

/*
 * To be made before anything else of the process, for it takes the signals that end us over: until
 * it is freed they end what runs, and nothing else. Returns NULL with error set.
 */
struct recorder *recorder_new(GError **error);
void recorder_free(struct recorder *recorder);

/* The signal that wanted us to end, or 0. */
int recorder_signal(const struct recorder *recorder);

/*
 * Records a run, to its end. A path that the kernel refuses, or options that run refuses, make a
 * recording that is not present. Returns NULL with error set where nothing could be started.
 */
struct recording *recorder_run(struct recorder *recorder, const struct recording_request *request,
			       GError **error);

/* NULL is allowed. */
void recording_free(struct recording *recording);

/* Adds a remark, printf's way. */
void recording_remark(struct recording *recording, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
