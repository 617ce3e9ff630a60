/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little of a DNS message (RFC 1035 4.1) that a relay must know: its header, and where the
 * question ends. Every length is in bytes; every message may be hostile. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slirp-glue/frame.h"

#define DNS_HEADER_SIZE 12

/* Room for an answer of ours: the header and one question with the longest name. */
#define DNS_SHORT_MAX (DNS_HEADER_SIZE + 255 + 4)

/*
 * Finds the query in a parsed UDP frame: a whole header with the QR bit clear. Returns false if
 * there is none, else points *ret_message into the frame.
 */
bool dns_message_find(const struct frame *frame, const uint8_t **ret_message, size_t *ret_length);

/* True for a whole header with the QR bit set and the id of query, which has a whole header. */
bool dns_message_answers(const uint8_t *message, size_t length, const uint8_t *query);

/* True if the answer, which has a whole header, says that this server can't help: another might. */
bool dns_message_is_failure(const uint8_t *answer);

/*
 * Turns an answer with a whole header, in place, into one that tells the asker to come again over
 * TCP: header with the TC bit, question, nothing else. Returns its length, at most DNS_SHORT_MAX;
 * the question is left out if it doesn't fit in room bytes (at least DNS_HEADER_SIZE) or makes no
 * sense.
 */
size_t dns_message_truncate(uint8_t *answer, size_t length, size_t room);

/* Writes the answer "server failure" to a query with a whole header. Returns its length. */
size_t dns_message_make_failure(const uint8_t *query, size_t length,
				uint8_t buffer[static DNS_SHORT_MAX]);
