/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who works when a path carries something: its processes, what they use and what they count. */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "compare/measures.h"
#include "compare/paths.h"

struct parties;

/*
 * Those of a path that runs below root: of a session by its name (its status tells), else by the
 * names of processes. server is that of the workload, 0 if it is elsewhere. CPU is counted from
 * here on.
 */
struct parties *parties_find(const struct path *path, pid_t root, pid_t server,
			     const char *session);
void parties_free(struct parties *parties);

/* CPU is counted from here on: what was before was preparation. */
void parties_restart(struct parties *parties);

/* Looks at their memory; the most that was seen counts. */
void parties_watch_memory(struct parties *parties);

/* CPU seconds of server, engine and supervisor so far, memory, and what a session counted. */
void parties_measure(struct parties *parties, struct measures *measures);

/* What a session told of itself last; all NAN for others. */
struct session_counters {
	double frames, frame_bytes, swaps, trapped, restarts;
};
const struct session_counters *parties_counters(const struct parties *parties);
