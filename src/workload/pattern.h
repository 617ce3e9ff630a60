/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pseudo-random payload that either end can make from a seed, and its checksum. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Writes length bytes of the payload of this seed that begin at the byte offset. */
void pattern_fill(uint64_t seed, uint64_t offset, void *ret_data, size_t length);

#define CHECKSUM_START UINT64_C(0xcbf29ce484222325)

/* FNV-1a (64 bit) of data, going on from checksum; begin with CHECKSUM_START. */
uint64_t checksum_update(uint64_t checksum, const void *data, size_t length);
