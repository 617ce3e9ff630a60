/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points of the latency curve, closer to each other towards its tail. */

#include "config.h"

#include "workload/percentiles.h"

static const double percents[PERCENTILE_COUNT] = {
	0,  5,	10, 20, 30,   40, 50, 60,   70,	  75,	80,    85,    90,
	92, 94, 95, 96, 97.5, 98, 99, 99.5, 99.7, 99.9, 99.95, 99.99, 100,
};

void percentiles_compute(const struct histogram *histogram,
			 struct percentile ret_curve[static PERCENTILE_COUNT])
{
	for (size_t i = 0; i < PERCENTILE_COUNT; i++) {
		uint64_t value = histogram_quantile(histogram, percents[i] / 100);
		ret_curve[i] = (struct percentile){ percents[i], (double)value / 1e3 };
	}
}
