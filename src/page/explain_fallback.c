/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway explain for readers without JavaScript: each path's tables. */

#include "config.h"

#include "page/escape.h"
#include "page/explain_fallback.h"
#include "page/member.h"

#define MILLISECONDS 1000

static void append_cell(GString *html, const char *text)
{
	g_string_append(html, "<td>");
	escape_html(html, text);
	g_string_append(html, "</td>");
}

static void append_event(GString *html, JsonObject *event)
{
	char digits[G_ASCII_DTOSTR_BUF_SIZE];
	double time = 0;

	member_double(event, "time", &time);
	g_string_append(html, "<tr>");
	append_cell(html, g_ascii_formatd(digits, sizeof(digits), "%.2f", time * MILLISECONDS));
	append_cell(html, member_string(event, "direction"));
	append_cell(html, member_string(event, "label"));
	append_cell(html, member_string(event, "text"));
	g_string_append(html, "</tr>\n");
}

static void append_events(GString *html, JsonArray *events)
{
	g_string_append(html, "<div class=\"scroll\"><table><thead><tr><th>ms</th><th></th>"
			      "<th>What</th><th></th></tr></thead><tbody>\n");
	for (guint i = 0; i < list_length(events); i++)
		append_event(html, list_object(events, i));
	g_string_append(html, "</tbody></table></div>\n");
}

static void append_totals(GString *html, JsonArray *rows)
{
	g_string_append(html, "<table><tbody>\n");
	for (guint i = 0; i < list_length(rows); i++) {
		JsonObject *row = list_object(rows, i);

		g_string_append(html, "<tr>");
		append_cell(html, member_string(row, "title"));
		append_cell(html, member_string(row, "value"));
		g_string_append(html, "</tr>\n");
	}
	g_string_append(html, "</tbody></table>\n");
}

static void append_paragraph(GString *html, const char *text)
{
	g_string_append(html, "<p>");
	escape_html(html, text);
	g_string_append(html, "</p>\n");
}

static void append_path(GString *html, JsonObject *path)
{
	g_string_append(html, "<h2>");
	escape_html(html, member_string(path, "path"));
	g_string_append(html, "</h2>\n");
	append_paragraph(html, member_string(path, "about"));
	if (!member_boolean(path, "present")) {
		append_paragraph(html, member_string(path, "why"));
		return;
	}
	append_paragraph(html, member_string(path, "summary"));
	append_events(html, member_list(path, "events"));
	append_totals(html, member_list(path, "table"));
}

char *explain_fallback(JsonObject *explanation)
{
	GString *html = g_string_new("<p>This page is gone through step by step by its own script. "
				     "Without JavaScript, this is what each path did:</p>\n");
	JsonArray *paths = member_list(explanation, "paths");

	for (guint i = 0; i < list_length(paths); i++)
		append_path(html, list_object(paths, i));
	return g_string_free(html, FALSE);
}
