/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Amounts as people read them. Pure. */
#pragma once

#include <stdint.h>

#define AMOUNT_TEXT_MAX 32

/* "78 bytes", "14.2 MiB"; returns text. */
const char *amount_bytes(uint64_t bytes, char text[static AMOUNT_TEXT_MAX]);

/* "once", "7 times"; returns text. */
const char *amount_times(uint64_t count, char text[static AMOUNT_TEXT_MAX]);

/* A time in microseconds: "41 us", "1.3 ms", "2.5 s"; returns text. */
const char *amount_time(uint64_t microseconds, char text[static AMOUNT_TEXT_MAX]);
