/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The latency curve of a run: which points of it are reported. Pure. */
#pragma once

#include <stddef.h>

#include "workload/histogram.h"

struct percentile {
	double percent; /* of the samples, 0 to 100 */
	double microseconds;
};

/* Enough for a curve that shows the tail: 0 is the smallest sample, 100 the largest. */
#define PERCENTILE_COUNT 26

void percentiles_compute(const struct histogram *histogram,
			 struct percentile ret_curve[static PERCENTILE_COUNT]);
