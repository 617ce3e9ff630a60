/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of a name server that knows one address. */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/dns_answer.h"

#define HEADER_SIZE 12
#define NAME_MAX_SIZE 255
#define TYPE_A 1
#define CLASS_IN 1

static unsigned int word_at(const uint8_t *bytes)
{
	return (unsigned int)bytes[0] << 8 | bytes[1];
}

/* Where the question that begins after the header ends, or 0. Compressed names make no sense. */
static size_t question_end(const uint8_t *query, size_t length)
{
	size_t at = HEADER_SIZE;

	while (at < length && query[at] != 0) {
		if (query[at] > 63)
			return 0;
		at += 1 + (size_t)query[at];
	}
	at++; /* the root */
	if (at > HEADER_SIZE + NAME_MAX_SIZE || at + 4 > length)
		return 0;
	return at + 4;
}

size_t dns_answer(const uint8_t *query, size_t length, struct in_addr address,
		  uint8_t ret_answer[static DNS_ANSWER_MAX])
{
	static const uint8_t record[] = {
		0xc0, HEADER_SIZE,	 /* the name of the question */
		0,    TYPE_A,		 /* type */
		0,    CLASS_IN,		 /* class */
		0,    0,	   0, 0, /* not to be kept */
		0,    4,		 /* length of what follows: the address */
	};

	/* A standard query (QR and opcode 0) with one question. */
	if (length < HEADER_SIZE || (query[2] & 0xf8) != 0 || word_at(query + 4) != 1)
		return 0;
	size_t end = question_end(query, length);
	if (end == 0)
		return 0;
	bool wanted = word_at(query + end - 4) == TYPE_A && word_at(query + end - 2) == CLASS_IN;
	memcpy(ret_answer, query, end);
	ret_answer[2] = (uint8_t)(0x84 | (query[2] & 1)); /* response, authoritative, RD as asked */
	ret_answer[3] = 0x80;				  /* recursion available, no error */
	memset(ret_answer + 6, 0, 6);
	if (!wanted)
		return end;
	ret_answer[7] = 1;
	memcpy(ret_answer + end, record, sizeof(record));
	memcpy(ret_answer + end + sizeof(record), &address, sizeof(address));
	return end + sizeof(record) + sizeof(address);
}
