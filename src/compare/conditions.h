/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that may be compared with each other, and what they have in common. Pure. */
#pragma once

#include <glib.h>

#include "compare/row.h"

/*
 * Splits rows (struct row *) into arrays of those that differ in nothing but the path, in the order
 * of their first rows; a new array of new arrays that borrow the rows.
 */
GPtrArray *conditions_groups(const GPtrArray *rows);

/* "MTU 65520, RTT 10 ms, cubic"; the caller's. */
char *conditions_text(const struct row *row);

/* The same of what is no row. */
char *conditions_words(double mtu, double rtt_ms, const char *congestion);

/* A ratio for people, with two digits behind the point, for ratios are read down a column; "-" for
 * NAN. The caller's. */
char *conditions_ratio(double ratio);

/* A figure for people: three digits that count; "-" for NAN. The caller's. */
char *conditions_number(double value);
