/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processes of the live test of swap do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct swap_case {
	const char *name;
	void (*run)(void); /* in the child; comes back if all was well */
	bool undone;	   /* the swap is taken back: there is nothing to be ended */
};

extern const struct swap_case swap_cases[];
extern const size_t swap_case_count;
