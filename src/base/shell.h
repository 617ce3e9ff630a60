/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines as sh(1) reads them. Pure. */
#pragma once

/* The words with spaces between, quoted where they need it; the caller's. */
char *shell_join(char *const *words);

/*
 * The words of sh(1) that run a line, or the line's own words if it has nothing but words; the
 * caller's, as text.
 */
char *shell_wrap(const char *line);
