/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prose broken into lines. */

#include "config.h"

#include "command/wrap.h"

GStrv wrap_lines(const char *text, glong width)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
	g_autoptr(GString) line = g_string_new(NULL);

	for (char **word = words; *word; word++) {
		glong length = g_utf8_strlen(line->str, -1);

		if (length > 0 && length + 1 + g_utf8_strlen(*word, -1) > width) {
			g_strv_builder_add(lines, line->str);
			g_string_truncate(line, 0);
		}
		if (line->len > 0)
			g_string_append_c(line, ' ');
		g_string_append(line, *word);
	}
	if (line->len > 0)
		g_strv_builder_add(lines, line->str);
	return g_strv_builder_end(lines);
}

void wrap_append(GString *output, const char *first, const char *text, glong width)
{
	glong indent = g_utf8_strlen(first, -1);
	g_auto(GStrv) lines = wrap_lines(text, width - indent);

	g_string_append(output, first);
	for (char **line = lines; *line; line++)
		g_string_append_printf(output, "%*s%s\n", line == lines ? 0 : (int)indent, "",
				       *line);
}
