/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of what the packet path counts. */

#include "config.h"

#include <stddef.h>

#include "base/counters.h"
#include "base/util.h"

struct counter_row {
	const char *name;
	const char *text;
};

static const struct counter_row rows[] = {
#define COUNTER_ROW(name, text) { #name, text },
	COUNTERS(COUNTER_ROW)
#undef COUNTER_ROW
};

_Static_assert(ARRAY_SIZE(rows) == COUNTER_COUNT, "each counter has its row");

const char *counter_name(enum counter counter)
{
	return (size_t)counter < ARRAY_SIZE(rows) ? rows[counter].name : NULL;
}

const char *counter_text(enum counter counter)
{
	return (size_t)counter < ARRAY_SIZE(rows) ? rows[counter].text : NULL;
}
