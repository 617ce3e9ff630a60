/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prose broken into lines. Pure. */
#pragma once

#include <glib.h>

/*
 * The lines of text, broken at spaces, of at most width characters (a longer word has a line of its
 * own). NULL-terminated, the caller's; none for "".
 */
GStrv wrap_lines(const char *text, glong width);

/*
 * Appends text to output: first starts the first line, and as many spaces each of the others.
 * width counts in.
 */
void wrap_append(GString *output, const char *first, const char *text, glong width);
