/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text tables with columns as wide as they need to be. Pure. */
#pragma once

#include <glib.h>

struct table;

/* An empty table; headings are its first row, or left out. */
struct table *table_new(guint columns);

/* NULL is allowed. */
void table_free(struct table *table);

/* Appends a row: as many texts as there are columns, copied; control characters become '?'. */
void table_add(struct table *table, const char *const *cells);

/* The rows as lines, columns two spaces apart; the caller frees it. */
char *table_format(const struct table *table);
