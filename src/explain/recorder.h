/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs COMMAND over one path and records all that can be seen of it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "explain/recording.h"

struct recording_request {
	const char *path;		/* the mode: "packet", "hybrid", "syscall" */
	const char *const *run_options; /* for slirpway run; NULL-terminated */
	char *const *command;		/* NULL-terminated */
	const char *input;		/* the file that COMMAND reads, NULL: /dev/null */
	bool show_output;		/* COMMAND's output goes to our standard error */
	struct timeline_limits limits;
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
