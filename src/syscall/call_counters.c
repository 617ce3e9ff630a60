/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of what the syscall path counts. */

#include "config.h"

#include <stddef.h>

#include "base/util.h"
#include "syscall/call_counters.h"

struct call_counter_row {
	const char *name;
	const char *text;
};

static const struct call_counter_row rows[] = {
#define CALL_COUNTER_ROW(name, text) { #name, text },
	CALL_COUNTERS(CALL_COUNTER_ROW)
#undef CALL_COUNTER_ROW
};

_Static_assert(ARRAY_SIZE(rows) == CALL_COUNTER_COUNT, "each counter has its row");

const char *call_counter_name(enum call_counter counter)
{
	return (size_t)counter < ARRAY_SIZE(rows) ? rows[counter].name : NULL;
}

const char *call_counter_text(enum call_counter counter)
{
	return (size_t)counter < ARRAY_SIZE(rows) ? rows[counter].text : NULL;
}
