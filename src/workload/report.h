/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a run on standard output: one JSON object, or "name: value" lines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "workload/workload.h"

struct report {
	bool text;
	bool first;
};

/* Begins with the workload's name, the address and port. Names and texts need no JSON escapes. */
void report_begin(struct report *report, const char *workload,
		  const struct workload_options *options);
void report_text(struct report *report, const char *name, const char *value);
void report_count(struct report *report, const char *name, uint64_t value);
void report_number(struct report *report, const char *name, double value);
void report_truth(struct report *report, const char *name, bool value);

/* Adds the CPU time of this process and ends the object; returns false if output failed. */
bool report_end(struct report *report);

/* "up", "down" or "both". */
const char *report_direction_name(enum direction direction);
