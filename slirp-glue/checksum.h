/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Adds length bytes, at any alignment, to a sum that starts as 0; an odd length only at the end. */
uint32_t checksum_add(uint32_t sum, const void *data, size_t length);

/* The checksum to put into a header, in network byte order as stored in memory. */
uint16_t checksum_finish(uint32_t sum);

/* The checksum (as stored) after a 16-bit word of the data (as stored) changed from old to new. */
uint16_t checksum_update(uint16_t checksum, uint16_t old_word, uint16_t new_word);

/* The sum of the pseudo-header of a TCP, UDP or ICMPv6 packet whose IP header starts at ip. */
uint32_t checksum_pseudo_header(const void *ip, uint8_t protocol, uint32_t length);
