/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of the 8-byte blocks that a fragmented packet is made of. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A packet has at most 65535 bytes behind its IP header. */
#define BLOCKS_COUNT (65536 / 8)

struct blocks {
	uint64_t bits[BLOCKS_COUNT / 64];
};

/* Of the blocks from first to last, both included: is any set, are all set. */
bool blocks_any(const struct blocks *blocks, uint32_t first, uint32_t last);
bool blocks_all(const struct blocks *blocks, uint32_t first, uint32_t last);

void blocks_set(struct blocks *blocks, uint32_t first, uint32_t last);
