/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name server that knows one answer, so that looking names up needs no other (RFC 1035). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The longest answer to dns_answer's caller: header, question, one address. */
#define DNS_ANSWER_MAX (12 + 255 + 4 + 16)

/*
 * Answers a query of length bytes that anybody may have sent: 192.0.2.1 (RFC 5737) for the IPv4
 * address of every name, no record for all other questions. Returns the answer's length, or 0 if
 * the query deserves none. Pure.
 */
size_t dns_answer(const uint8_t *query, size_t length, uint8_t ret_answer[static DNS_ANSWER_MAX]);

struct dns_responder;

/* Answers what comes in at the socket of socket_serve_dns, which is now its own. */
struct dns_responder *dns_responder_new(int fd);

/* Answers some of the queries that are there. */
void dns_responder_step(struct dns_responder *responder);
