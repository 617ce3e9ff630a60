/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Byte order of the messages between workload client and server. */

#include "config.h"

#include <endian.h>

#include "workload/protocol.h"

void wire_encode(void *words, size_t size)
{
	uint64_t *word = words;

	for (size_t i = 0; i < size / sizeof(*word); i++)
		word[i] = htobe64(word[i]);
}

void wire_decode(void *words, size_t size)
{
	/* Swapping or not is its own inverse. */
	wire_encode(words, size);
}
