/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS message in words: the question, and what the answer says. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Writes what the message of length bytes (RFC 1035, section 4; it may be anything, and cut short)
 * asks or answers into text, of size bytes: "A example.org?", "A example.org is 192.0.2.1",
 * "A example.org: no such name". Printable ASCII only, cut where it doesn't fit.
 */
void dns_describe(const uint8_t *message, size_t length, char *text, size_t size);
