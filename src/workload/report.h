/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a run on standard output: one JSON object, or "name: value" lines. */
#pragma once

#include "workload/histogram.h"
#include "workload/workload.h"

struct report;

/* Begins with the mode, and the address and port if there are any. To be ended by report_end. */
struct report *report_begin(const char *mode, const struct workload_options *options);

void report_text(struct report *report, const char *name, const char *value);
void report_count(struct report *report, const char *name, uint64_t value);
void report_number(struct report *report, const char *name, double value);
void report_truth(struct report *report, const char *name, bool value);

/* Adds p50_us, p90_us, p99_us, max_us and the array "percentiles". */
void report_latency(struct report *report, const struct histogram *latency);

/* Writes the object and frees the report; returns false after a complaint if output failed. */
bool report_end(struct report *report);

/* "up", "down" or "both". */
const char *report_direction_name(enum direction direction);
