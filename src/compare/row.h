/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of the results: all runs of one thing over one path. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "compare/measures.h"

/* The path that ratios are to. */
#define BASE_PATH "host"

/* The texts and arrays are owned; NAN is not known. doc/slirpway-compare.1 has the meaning. */
struct row {
	char *path, *workload, *congestion, *unit, *better, *command, *why, *cpu_unit;
	double mtu, rtt_ms, flows, connections;
	double value, minimum, maximum;
	double ratio, ratio_minimum, ratio_maximum;
	bool valid;
	GArray *samples; /* double: the value of each run, NAN for one that gave none */
	struct measures measures;
	GArray *percentiles; /* struct percentile */
};

struct row *row_new(void);
void row_free(struct row *row);

/* A new object. */
JsonObject *row_write(const struct row *row);

/* Returns NULL with error set if object is no row. */
struct row *row_read(JsonObject *object, GError **error);

/* True if both are of the same work under the same conditions, whatever the path. */
bool row_is_comparable(const struct row *a, const struct row *b);
