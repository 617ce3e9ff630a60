/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured beside the figure itself, of one run or as the median of several. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

enum measure {
	MEASURE_LOSS,	     /* share of datagrams, 0 to 1 */
	MEASURE_CPU_PROGRAM, /* seconds for each GiB, or microseconds for each request */
	MEASURE_CPU_SERVER,
	MEASURE_CPU_ENGINE,
	MEASURE_CPU_SUPERVISOR,
	MEASURE_CPU_TOTAL,
	MEASURE_MEMORY_ENGINE, /* bytes of resident memory, shared pages by their share (Pss) */
	MEASURE_MEMORY_SUPERVISOR,
	MEASURE_MEMORY_SESSION,
	MEASURE_PACKETS, /* frames of the engine, or packets of the container's interface */
	MEASURE_SWAPS,	 /* sockets of the host put in a container socket's place */
	MEASURE_TRAPPED, /* calls that the supervisor was asked about */
	MEASURE_COUNT,
};

/* NAN is not known. */
struct measures {
	double value[MEASURE_COUNT];
};

/* How much of a latency histogram lies below. */
struct percentile {
	double percent; /* 0 to 100 */
	double microseconds;
};

/* All of them unknown. */
void measures_clear(struct measures *measures);

/* Of each measure the median over count runs. */
struct measures measures_median(const struct measures *const *runs, guint count);

/* Sets the members "loss", "cpu" (with its unit), "memory_bytes" and "counters". */
void measures_write(const struct measures *measures, const char *cpu_unit, JsonObject *object);

/* Reads them back; what is not there is unknown. */
void measures_read(JsonObject *object, struct measures *ret_measures);

/* An array of struct percentile as JSON and back; a new reference in either case. */
JsonArray *percentiles_node(const GArray *percentiles);
GArray *percentiles_read(JsonArray *array);

/* For each percent of the first of count arrays (GArray *) the median over all that have it. */
GArray *percentiles_median(GArray *const *runs, guint count);
