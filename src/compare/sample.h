/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of one thing: what the measuring process tells, a line of JSON for each. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "compare/measures.h"

/* The texts and the array are owned; NAN is not known. */
struct sample {
	char *path, *workload, *congestion;
	char *command; /* what a reader can run */
	char *why;     /* why it does not count; "" if it does */
	double mtu, rtt_ms;
	double round; /* from 0 */
	double value;
	struct measures measures;
	GArray *percentiles; /* struct percentile */
	bool started;	     /* its container came up; for who measures, not told to others */
};

/* An empty one with everything unknown. */
struct sample *sample_new(void);
void sample_free(struct sample *sample);

/* Its JSON on one line, without the newline; the caller's. */
char *sample_format(const struct sample *sample);

/* Reads that back; NULL with error set. */
struct sample *sample_parse(const char *text, GError **error);
