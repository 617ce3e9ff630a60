/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Latency histogram of fixed size with about 1.6 % resolution. Pure. */
#pragma once

#include <stdint.h>

/* 64 linear steps in every power of two of nanoseconds, up to 2^42 ns (more than an hour). */
#define HISTOGRAM_STEPS 64
#define HISTOGRAM_BUCKETS ((42 - 6 + 1) * HISTOGRAM_STEPS)

struct histogram {
	uint64_t count;
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t nanoseconds);

/* Adds all samples of other. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The value in nanoseconds below or at which the fraction (0..1) of samples lies; 0 if none. */
uint64_t histogram_quantile(const struct histogram *histogram, double fraction);
