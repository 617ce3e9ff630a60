/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of TCP and UDP sockets that a program may choose, as one table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* No option has this value: the usual one is another on each host. */
#define OPTION_VARIES 0x5a5a5a5a

/* Room for the rows, where something is kept for each. */
#define OPTION_ROWS_MAX 128

enum option_kind {
	OPTION_INT,
	OPTION_LONG,
	OPTION_LINGER,	/* struct linger */
	OPTION_TIMEVAL, /* struct timeval */
	OPTION_TEXT,	/* of any length up to 16 bytes */
};

/* Which sockets have it. */
enum option_of {
	OPTION_OF_ANY,
	OPTION_OF_TCP,
	OPTION_OF_UDP,
	OPTION_OF_IPV6, /* of either kind */
};

struct option_row {
	int level, name; /* of setsockopt(2) */
	enum option_kind kind;
	int usual; /* of an int: its value on a fresh socket; of others: each byte of it, 0 or -1;
		      or OPTION_VARIES */
	enum option_of of;
	bool often; /* else the filter traps the call: see setsockopt.c */
};

/* Which rows any program has set, be it on any socket. */
struct options_set {
	bool row[OPTION_ROWS_MAX];
};

size_t option_table_size(void);

/* index is less than option_table_size. */
const struct option_row *option_table_row(size_t index);

/* The index of its row; option_table_size if it has none. */
size_t option_table_find(int level, int name);
