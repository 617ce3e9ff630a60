/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured, and in which order. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "compare/paths.h"
#include "compare/workloads.h"

/* As asked for; lists that are NULL or empty get defaults. */
struct plan_request {
	char **paths; /* names of ours and the host */
	char **peers; /* names, or "all" or "none" alone */
	char **workloads;
	char **congestions;
	GArray *mtus;	     /* guint32, bytes */
	GArray *rtts;	     /* double, milliseconds */
	GArray *flows;	     /* guint32 */
	GArray *connections; /* guint32 */
	double seconds;	     /* of one run; 0: the default */
	guint repeat;	     /* 0: the default */
	bool quick;	     /* under a minute in all */
	bool witness;	     /* have others do the same */
	bool remote;	     /* the server is given: no world, so no delay, and nothing of root's */
	char **allowed;	     /* congestion controls that can be had, in the system's order */
};

struct plan {
	GPtrArray *paths;     /* const struct path *, those of peers too */
	GPtrArray *workloads; /* struct workload *, owned */
	GArray *mtus;	      /* guint32 */
	GArray *rtts;	      /* double */
	char **congestions;
	bool all_congestions; /* for work too whose speed does not depend on it */
	bool all_rtts;	      /* for work too that is near_only */
	double seconds;
	guint repeat;
	double budget; /* seconds for all but the first round of each world; 0: no limit */
};

/* One thing to measure, in one world. */
struct plan_cell {
	const struct path *path;
	const struct workload *workload;
	guint32 mtu;
};

/* Returns NULL with error set, which says what is allowed. plan_free ends it. */
struct plan *plan_new(const struct plan_request *request, GError **error);
void plan_free(struct plan *plan);

/* Whether the request has a path's name, not just "all". */
bool plan_is_named(const struct plan_request *request, const struct path *path);

/* Leaves out a path or a workload, which turned out to be absent. */
void plan_drop_path(struct plan *plan, const struct path *path);
void plan_drop_workload(struct plan *plan, struct workload *workload);

/*
 * A round in the world with this round-trip time and the congestion control of that index: each
 * thing once, the paths of each one after the other, so that their figures belong together. Each
 * round begins with another path. An array of struct plan_cell that borrows from the plan; the
 * caller's.
 */
GArray *plan_round(const struct plan *plan, double rtt, guint congestion, guint round);

/* How many runs there are in all. */
guint plan_count(const struct plan *plan);
