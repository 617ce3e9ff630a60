/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway compare for readers without JavaScript: the verdict and one table. */

#include "config.h"

#include "page/compare_fallback.h"
#include "page/escape.h"
#include "page/member.h"

enum cell_kind { CELL_TEXT, CELL_NUMBER, CELL_CODE };

static const struct column {
	const char *heading;
	const char *member;
	enum cell_kind kind;
} columns[] = {
	{ "Workload", "workload", CELL_TEXT },
	{ "Path", "path", CELL_TEXT },
	{ "MTU", "mtu", CELL_NUMBER },
	{ "RTT, ms", "rtt_ms", CELL_NUMBER },
	{ "Congestion", "congestion", CELL_TEXT },
	{ "Flows", "flows", CELL_NUMBER },
	{ "Ratio to host", "ratio", CELL_NUMBER },
	{ "Value", "value", CELL_NUMBER },
	{ "Unit", "unit", CELL_TEXT },
	{ "Lowest", "minimum", CELL_NUMBER },
	{ "Highest", "maximum", CELL_NUMBER },
	{ "Not counted because", "why", CELL_TEXT },
	{ "Command", "command", CELL_CODE },
};

/* Three significant digits, but whole numbers whole: an MTU is 65520. */
static void append_number(GString *html, double number)
{
	char digits[G_ASCII_DTOSTR_BUF_SIZE];

	if (number > 100 || number < -100)
		g_ascii_formatd(digits, sizeof(digits), "%.0f", number);
	else
		g_ascii_formatd(digits, sizeof(digits), "%.3g", number);
	g_string_append(html, digits);
}

static void append_cell(GString *html, const struct column *column, JsonObject *row)
{
	double number;

	g_string_append(html, "<td>");
	if (column->kind == CELL_CODE)
		g_string_append(html, "<code>");
	if (column->kind != CELL_NUMBER)
		escape_html(html, member_string(row, column->member));
	else if (member_double(row, column->member, &number))
		append_number(html, number);
	if (column->kind == CELL_CODE)
		g_string_append(html, "</code>");
	g_string_append(html, "</td>");
}

static void append_headings(GString *html)
{
	g_string_append(html, "<thead><tr>");
	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		g_string_append_printf(html, "<th scope=\"col\">%s</th>", columns[i].heading);
	g_string_append(html, "</tr></thead>\n");
}

static void append_table(GString *html, JsonArray *rows)
{
	g_string_append(html, "<div class=\"scroll\"><table>");
	append_headings(html);
	g_string_append(html, "<tbody>");
	for (guint i = 0; i < list_length(rows); i++) {
		JsonObject *row = list_object(rows, i);

		g_string_append(html,
				member_boolean(row, "valid") ? "<tr>" : "<tr class=\"invalid\">");
		for (guint j = 0; j < G_N_ELEMENTS(columns); j++)
			append_cell(html, &columns[j], row);
		g_string_append(html, "</tr>\n");
	}
	g_string_append(html, "</tbody></table></div>\n");
}

static void append_sentences(GString *html, JsonArray *sentences)
{
	for (guint i = 0; i < list_length(sentences); i++) {
		JsonNode *sentence = json_array_get_element(sentences, i);

		g_string_append(html, "<p>");
		if (JSON_NODE_HOLDS_VALUE(sentence))
			escape_html(html, json_node_get_string(sentence));
		g_string_append(html, "</p>\n");
	}
}

static void append_run(GString *html, JsonObject *run)
{
	g_string_append(html, "<h2>Results ");
	escape_html(html, member_string(run, "label"));
	g_string_append(html, "</h2>\n");
	append_sentences(html, member_list(run, "verdict"));
	append_sentences(html, member_list(run, "notes"));
	append_table(html, member_list(run, "rows"));
}

char *compare_fallback(JsonObject *results)
{
	GString *html = g_string_new(
		"<h1>slirpway compare</h1>\n<p>The charts are drawn by this page's own script. "
		"Without JavaScript, these are the results:</p>\n");
	JsonArray *runs = member_list(results, "runs");

	if (runs == NULL)
		append_run(html, results);
	for (guint i = 0; i < list_length(runs); i++)
		append_run(html, list_object(runs, i));
	return g_string_free(html, FALSE);
}
