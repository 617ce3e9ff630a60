/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the setuid programs that write id maps: newuidmap(1) and newgidmap(1). */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Runs the program arguments[0] (looked up in PATH; arguments end with NULL) and waits for it, at
 * most ten seconds. Returns false with error set, to what it wrote on standard error if it failed.
 */
bool map_tool_run(char *const arguments[], GError **error);
