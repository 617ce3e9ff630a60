/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of the 8-byte blocks of a packet, as bits. */

#include "config.h"

#include "slirp-glue/blocks.h"

#define BITS 64

/* The bits of word number word that lie between first and last, both included. */
static uint64_t mask_of(uint32_t word, uint32_t first, uint32_t last)
{
	uint64_t mask = UINT64_MAX;

	if (word == first / BITS)
		mask &= UINT64_MAX << first % BITS;
	if (word == last / BITS)
		mask &= UINT64_MAX >> (BITS - 1 - last % BITS);
	return mask;
}

bool blocks_any(const struct blocks *blocks, uint32_t first, uint32_t last)
{
	for (uint32_t word = first / BITS; word <= last / BITS; word++)
		if (blocks->bits[word] & mask_of(word, first, last))
			return true;
	return false;
}

bool blocks_all(const struct blocks *blocks, uint32_t first, uint32_t last)
{
	for (uint32_t word = first / BITS; word <= last / BITS; word++)
		if (~blocks->bits[word] & mask_of(word, first, last))
			return false;
	return true;
}

void blocks_set(struct blocks *blocks, uint32_t first, uint32_t last)
{
	for (uint32_t word = first / BITS; word <= last / BITS; word++)
		blocks->bits[word] |= mask_of(word, first, last);
}
