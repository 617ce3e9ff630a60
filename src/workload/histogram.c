/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log-linear latency histogram: buckets of equal width inside each power of two.
 *
 * This is the layout of HdrHistogram, with its two significant digits. Its C library is no package
 * of Debian 12 (only those for Go and Java are); and ours is plain memory of fixed size, so that
 * client processes fill theirs in memory that they share with the one that adds them up.
 */

#include "config.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "workload/histogram.h"

static size_t bucket_of(uint64_t value)
{
	if (value < HISTOGRAM_STEPS)
		return (size_t)value;
	unsigned int exponent = 63 - (unsigned int)__builtin_clzll(value);
	unsigned int octave = exponent - HISTOGRAM_STEP_BITS;
	size_t bucket = (size_t)(octave + 1) * HISTOGRAM_STEPS +
			(size_t)((value >> octave) - HISTOGRAM_STEPS);
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that falls into the bucket; the last one has no end. */
static uint64_t bucket_top(size_t bucket)
{
	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	if (bucket == HISTOGRAM_BUCKETS - 1)
		return UINT64_MAX;
	unsigned int octave = (unsigned int)(bucket / HISTOGRAM_STEPS) - 1;
	uint64_t step = bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS;
	return ((step + 1) << octave) - 1;
}

void histogram_init(struct histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
	histogram->min = UINT64_MAX;
}

void histogram_add(struct histogram *histogram, uint64_t nanoseconds)
{
	histogram->count++;
	histogram->buckets[bucket_of(nanoseconds)]++;
	if (nanoseconds < histogram->min)
		histogram->min = nanoseconds;
	if (nanoseconds > histogram->max)
		histogram->max = nanoseconds;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
	histogram->count += other->count;
	if (other->min < histogram->min)
		histogram->min = other->min;
	if (other->max > histogram->max)
		histogram->max = other->max;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->buckets[i] += other->buckets[i];
}

/* The value of the sample with this rank, from 1 to count, or a little more. */
static uint64_t value_at(const struct histogram *histogram, uint64_t rank)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen >= rank) {
			uint64_t top = bucket_top(i);
			return top < histogram->max ? top : histogram->max;
		}
	}
	return histogram->max;
}

uint64_t histogram_quantile(const struct histogram *histogram, double fraction)
{
	double rank = ceil(fraction * (double)histogram->count);

	if (histogram->count == 0)
		return 0;
	if (rank < 1)
		return histogram->min;
	if (rank >= (double)histogram->count)
		return histogram->max;
	return value_at(histogram, (uint64_t)rank);
}
