/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processes of the live test of swap do. */
#pragma once

#include <stddef.h>

struct swap_case {
	const char *name;
	void (*run)(void); /* in the child; comes back if all was well */
};

extern const struct swap_case swap_cases[];
extern const size_t swap_case_count;
