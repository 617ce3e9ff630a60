/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum: sums, finishes, and incremental updates. */

/*
 * The sum of 16-bit words in one's complement does not depend on how wide the words are that are
 * added, as long as what overflows is added again at the end (RFC 1071, section 2). So the long
 * stretch is taken as 64-bit words, whose halves go to two sets of 64-bit sums that cannot
 * overflow. Sums that don't depend on each other are what lets the compiler use vector registers.
 */

#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/wire.h"

#define LANES 8
#define BLOCK_SIZE (LANES * sizeof(uint64_t))

static uint32_t fold_to_32(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	return (uint32_t)sum;
}

static uint16_t fold_to_16(uint32_t sum)
{
	sum = (sum & UINT16_MAX) + (sum >> 16);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)sum;
}

/* The sum of count blocks, folded to 34 bits at most. */
static uint64_t add_blocks(const uint8_t *data, size_t count)
{
	uint64_t low[LANES] = { 0 };
	uint64_t high[LANES] = { 0 };
	uint64_t sum = 0;

	for (; count > 0; count--, data += BLOCK_SIZE) {
		uint64_t words[LANES];

		memcpy(words, data, BLOCK_SIZE);
		for (size_t i = 0; i < LANES; i++) {
			low[i] += words[i] & UINT32_MAX;
			high[i] += words[i] >> 32;
		}
	}
	for (size_t i = 0; i < LANES; i++)
		sum += (uint64_t)fold_to_32(low[i]) + fold_to_32(high[i]);
	return sum;
}

uint32_t checksum_add(uint32_t sum, const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint64_t wide = sum;
	uint32_t word = 0;

	if (length >= BLOCK_SIZE)
		wide += add_blocks(bytes, length / BLOCK_SIZE);
	bytes += length - length % BLOCK_SIZE;
	for (length %= BLOCK_SIZE; length >= sizeof(word); length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		wide += word;
		bytes += sizeof(word);
	}
	/* An odd byte counts as a word with a zero behind it (RFC 1071), so does every other rest.
	 */
	word = 0;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)&word)[i] = bytes[i];
	return fold_to_32(wide + word);
}

uint16_t checksum_finish(uint32_t sum)
{
	return (uint16_t)~fold_to_16(sum);
}

uint16_t checksum_update(uint16_t checksum, uint16_t old_word, uint16_t new_word)
{
	/* RFC 1624, equation 3. */
	uint32_t sum = (uint16_t)~checksum + (uint32_t)(uint16_t)~old_word + new_word;

	return (uint16_t)~fold_to_16(sum);
}

uint32_t checksum_pseudo_header(const void *ip, uint8_t protocol, uint32_t length)
{
	const uint8_t *header = ip;
	uint32_t tail[2] = { htonl(length), htonl(protocol) };
	uint32_t sum = checksum_add(0, tail, sizeof(tail));

	if (header[0] >> 4 == 6)
		return checksum_add(sum, header + IP6_SOURCE, 2 * IP6_ADDRESS_SIZE);
	return checksum_add(sum, header + IP4_SOURCE, 2 * IP4_ADDRESS_SIZE);
}
