/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text tables with columns as wide as they need to be. */

#include "config.h"

#include "base/log.h"
#include "base/table.h"

struct table {
	GPtrArray *cells; /* char *, row after row */
	guint columns;
};

struct table *table_new(guint columns)
{
	struct table *table = g_new0(struct table, 1);

	table->cells = g_ptr_array_new_with_free_func(g_free);
	table->columns = columns;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	g_ptr_array_unref(table->cells);
	g_free(table);
}

void table_add(struct table *table, const char *const *cells)
{
	for (guint i = 0; i < table->columns; i++) {
		char *copy = g_strdup(cells[i]);

		log_make_printable(copy);
		g_ptr_array_add(table->cells, copy);
	}
}

/* How wide a column must be, in characters. */
static glong column_width(const struct table *table, guint column)
{
	glong width = 0;

	for (guint i = column; i < table->cells->len; i += table->columns)
		width = MAX(width, g_utf8_strlen(table->cells->pdata[i], -1));
	return width;
}

/* Ends the line that text ends with, without the spaces of empty last cells. */
static void end_line(GString *text)
{
	gsize length = text->len;

	while (length > 0 && text->str[length - 1] == ' ')
		length--;
	g_string_truncate(text, length);
	g_string_append_c(text, '\n');
}

char *table_format(const struct table *table)
{
	g_autofree glong *widths = g_new(glong, table->columns);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	for (guint i = 0; i < table->cells->len; i++) {
		const char *cell = table->cells->pdata[i];
		guint column = i % table->columns;
		glong padding = widths[column] - g_utf8_strlen(cell, -1) + 2;

		g_string_append(text, cell);
		if (column + 1 < table->columns)
			g_string_append_printf(text, "%*s", (int)padding, "");
		else
			end_line(text);
	}
	return g_string_free(text, FALSE);
}
