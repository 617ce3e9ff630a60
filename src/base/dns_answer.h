/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of a name server that knows one address (RFC 1035). Pure. */
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/* The longest answer: header, question, one address. */
#define DNS_ANSWER_MAX (12 + 255 + 4 + 16)

/*
 * Answers a query of length bytes that anybody may have sent: address for the IPv4 address of every
 * name, no record for all other questions. Returns the answer's length, or 0 if the query deserves
 * none.
 */
size_t dns_answer(const uint8_t *query, size_t length, struct in_addr address,
		  uint8_t ret_answer[static DNS_ANSWER_MAX]);
