/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log-linear latency histogram: buckets of equal width inside each power of two. */

#include "config.h"

#include <stddef.h>

#include "workload/histogram.h"

#define STEP_BITS 6

static size_t bucket_of(uint64_t value)
{
	if (value < HISTOGRAM_STEPS)
		return (size_t)value;
	unsigned int exponent = 63 - (unsigned int)__builtin_clzll(value);
	unsigned int octave = exponent - STEP_BITS;
	size_t bucket = (size_t)(octave + 1) * HISTOGRAM_STEPS +
			(size_t)((value >> octave) - HISTOGRAM_STEPS);
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that falls into the bucket. */
static uint64_t bucket_top(size_t bucket)
{
	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	unsigned int octave = (unsigned int)(bucket / HISTOGRAM_STEPS) - 1;
	uint64_t step = bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS;
	return ((step + 1) << octave) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t nanoseconds)
{
	histogram->count++;
	histogram->buckets[bucket_of(nanoseconds)]++;
	if (nanoseconds > histogram->max)
		histogram->max = nanoseconds;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
	histogram->count += other->count;
	if (other->max > histogram->max)
		histogram->max = other->max;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->buckets[i] += other->buckets[i];
}

uint64_t histogram_quantile(const struct histogram *histogram, double fraction)
{
	uint64_t wanted = (uint64_t)(fraction * (double)histogram->count);
	uint64_t seen = 0;

	if (histogram->count == 0)
		return 0;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen > wanted || seen == histogram->count) {
			uint64_t top = bucket_top(i);
			return top < histogram->max ? top : histogram->max;
		}
	}
	return histogram->max;
}
