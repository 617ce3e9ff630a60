/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Latency histogram of fixed size: every quantile is less than 0.8 % too large. Pure. */
#pragma once

#include <stdint.h>

/* 128 linear steps in every power of two of nanoseconds, up to 2^42 ns (more than an hour). */
#define HISTOGRAM_STEP_BITS 7
#define HISTOGRAM_STEPS (1 << HISTOGRAM_STEP_BITS)
#define HISTOGRAM_BUCKETS ((42 - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS)

struct histogram {
	uint64_t count;
	uint64_t min; /* NO_LIMIT while count is 0 */
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* To be called before all others. */
void histogram_init(struct histogram *histogram);

void histogram_add(struct histogram *histogram, uint64_t nanoseconds);

/* Adds all samples of other. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/*
 * The value in nanoseconds below or at which the fraction (0..1) of samples lies: the smallest
 * sample for 0, the largest for 1, both exact; 0 if there are no samples.
 */
uint64_t histogram_quantile(const struct histogram *histogram, double fraction);
