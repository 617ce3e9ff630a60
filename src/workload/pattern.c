/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payload: word number N is the SplitMix64 output for seed and N, little-endian. */

#include "config.h"

#include "workload/pattern.h"

static uint64_t pattern_word(uint64_t seed, uint64_t number)
{
	uint64_t word = seed + (number + 1) * UINT64_C(0x9e3779b97f4a7c15);

	word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

void pattern_fill(uint64_t seed, uint64_t offset, void *ret_data, size_t length)
{
	uint8_t *next = ret_data;
	uint64_t number = offset / 8;
	unsigned int skip = (unsigned int)(offset % 8);

	while (length > 0) {
		uint64_t word = pattern_word(seed, number++) >> (8 * skip);
		size_t part = 8 - skip < length ? 8 - skip : length;
		for (size_t i = 0; i < part; i++, word >>= 8)
			*next++ = (uint8_t)word;
		length -= part;
		skip = 0;
	}
}

uint64_t checksum_update(uint64_t checksum, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i++)
		checksum = (checksum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return checksum;
}
