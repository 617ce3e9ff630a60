/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as text for a terminal. Pure. */
#pragma once

#include <glib.h>

#include "compare/result.h"

/* A table for each thing that was measured, the ratio to the host first, then the verdict. */
char *result_table(const struct result *result);

/* Two results beside each other: the figures that both have, and how they changed. */
char *result_table_of_two(struct result *const results[2], const char *const labels[2]);
