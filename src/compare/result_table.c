/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as text for a terminal. */

#include "config.h"

#include <math.h>
#include <stdbool.h>

#include "base/table.h"
#include "base/util.h"
#include "compare/conditions.h"
#include "compare/json_fields.h"
#include "compare/result_table.h"
#include "compare/row.h"
#include "control/member.h"

/* So it need not be the ratio of the figures that stand beside it. */
#define RATIO_MEANING "x HOST: the median of the ratios to the host's run of the same round"

#define MEBIBYTE (1024.0 * 1024.0)

static char *range_text(double minimum, double maximum)
{
	g_autofree char *low = conditions_number(minimum);
	g_autofree char *high = conditions_number(maximum);

	return isfinite(minimum) ? g_strdup_printf("%s..%s", low, high) : g_strdup("-");
}

static char *memory_text(const struct row *row)
{
	double bytes = 0;
	bool known = false;

	for (int i = MEASURE_MEMORY_ENGINE; i <= MEASURE_MEMORY_SESSION; i++) {
		known = known || isfinite(row->measures.value[i]);
		if (isfinite(row->measures.value[i]))
			bytes += row->measures.value[i];
	}
	return known ? g_strdup_printf("%.1f MiB", bytes / MEBIBYTE) : g_strdup("-");
}

static char *figure_text(const struct row *row)
{
	g_autofree char *number = conditions_number(row->value);

	return g_strdup_printf("%s %s", number, row->unit);
}

static void add_row(struct table *table, const struct row *row)
{
	g_autofree char *ratio = conditions_ratio(row->ratio);
	g_autofree char *figure = figure_text(row);
	g_autofree char *spread = range_text(row->minimum, row->maximum);
	g_autofree char *cpu = conditions_number(row->measures.value[MEASURE_CPU_TOTAL]);
	g_autofree char *memory = memory_text(row);
	g_autofree char *note =
		row->valid ? g_strdup("") : g_strconcat("DOES NOT COUNT: ", row->why, NULL);

	table_add(table,
		  (const char *const[]){ row->path, ratio, figure, spread, cpu, memory, note });
}

/* "CPU s/GiB"; rows that failed know of none. */
static char *cpu_heading(const GPtrArray *group)
{
	for (guint i = 0; i < group->len; i++) {
		const struct row *row = group->pdata[i];

		if (isfinite(row->measures.value[MEASURE_CPU_TOTAL]))
			return g_strdup_printf("CPU %s", row->cpu_unit);
	}
	return g_strdup("CPU");
}

static char *group_text(const struct result *result, const GPtrArray *group)
{
	const struct row *first = group->pdata[0];
	g_autofree char *conditions = conditions_text(first);
	g_autofree char *cpu = cpu_heading(group);
	const char *const headings[] = { "PATH", "x HOST", "FIGURE", "SPREAD", cpu, "MEMORY", "" };
	struct table *table = table_new(ARRAY_SIZE(headings));
	g_autofree char *lines = NULL;

	table_add(table, headings);
	for (guint i = 0; i < group->len; i++)
		add_row(table, group->pdata[i]);
	lines = table_format(table);
	table_free(table);
	return g_strdup_printf("%s (%s)\n%s", result_title(result, first->workload), conditions,
			       lines);
}

static void add_witness(struct table *table, JsonObject *witness)
{
	g_autofree char *theirs = conditions_number(json_get_number(witness, "value"));
	g_autofree char *ours = conditions_number(json_get_number(witness, "ours"));
	g_autofree char *ratio = conditions_ratio(json_get_number(witness, "ratio"));
	g_autofree char *conditions = conditions_words(json_get_number(witness, "mtu"),
						       json_get_number(witness, "rtt_ms"),
						       member_text(witness, "congestion"));
	const bool agrees = member_truth(witness, "agrees");

	table_add(table, (const char *const[]){
				 member_text(witness, "program"), member_text(witness, "workload"),
				 conditions, member_text(witness, "path"), theirs, ours,
				 member_text(witness, "unit"), ratio, agrees ? "yes" : "no",
				 member_text(witness, "why") });
}

/* "" where no witness was heard. */
static char *witnesses_text(const struct result *result)
{
	const char *const headings[] = { "WITNESS", "WORKLOAD", "CONDITIONS", "PATH",	"THEIRS",
					 "OURS",    "UNIT",	"RATIO",      "AGREES", "" };
	JsonArray *witnesses = result_witnesses(result);
	struct table *table;
	char *lines;

	if (!witnesses || json_array_get_length(witnesses) == 0)
		return g_strdup("");
	table = table_new(ARRAY_SIZE(headings));
	table_add(table, headings);
	for (guint i = 0; i < json_array_get_length(witnesses); i++) {
		JsonNode *node = json_array_get_element(witnesses, i);

		if (JSON_NODE_HOLDS_OBJECT(node))
			add_witness(table, json_node_get_object(node));
	}
	lines = table_format(table);
	table_free(table);
	return lines;
}

char *result_table(const struct result *result)
{
	g_autofree char *witnesses = witnesses_text(result);
	g_autoptr(GPtrArray) groups = conditions_groups(result->rows);
	g_autoptr(GPtrArray) verdict = result_verdict(result);
	g_autoptr(GPtrArray) notes = result_notes(result);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < groups->len; i++) {
		g_autofree char *group = group_text(result, groups->pdata[i]);

		g_string_append_printf(text, "%s\n", group);
	}
	if (groups->len > 0)
		g_string_append(text, RATIO_MEANING "\n\n");
	if (witnesses[0])
		g_string_append_printf(text, "%s\n", witnesses);
	for (guint i = 0; i < verdict->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)verdict->pdata[i]);
	for (guint i = 0; i < notes->len; i++)
		g_string_append_printf(text, "Note: %s\n", (const char *)notes->pdata[i]);
	return g_string_free(text, FALSE);
}

/* The row of another run that is of the same thing. */
static const struct row *find_same(const struct result *result, const struct row *row)
{
	for (guint i = 0; i < result->rows->len; i++) {
		const struct row *other = result->rows->pdata[i];

		if (g_strcmp0(other->path, row->path) == 0 && row_is_comparable(other, row))
			return other;
	}
	return NULL;
}

static void add_pair(struct table *table, const struct row *a, const struct row *b)
{
	g_autofree char *conditions = conditions_text(a);
	g_autofree char *ratio_a = conditions_ratio(a->ratio);
	g_autofree char *ratio_b = conditions_ratio(b->ratio);
	g_autofree char *figure_a = figure_text(a);
	g_autofree char *figure_b = figure_text(b);
	g_autofree char *change = conditions_ratio(b->value / a->value);
	const char *note = a->valid && b->valid ? "" : "does not count";

	table_add(table, (const char *const[]){ a->workload, conditions, a->path, ratio_a, ratio_b,
						figure_a, figure_b, change, note });
}

char *result_table_of_two(struct result *const results[2], const char *const labels[2])
{
	const char *const headings[] = { "WORKLOAD", "CONDITIONS", "PATH", "A x HOST", "B x HOST",
					 "A",	     "B",	   "B/A",  "" };
	struct table *table = table_new(ARRAY_SIZE(headings));
	g_autofree char *lines = NULL;

	table_add(table, headings);
	for (guint i = 0; i < results[0]->rows->len; i++) {
		const struct row *row = results[0]->rows->pdata[i];
		const struct row *other = find_same(results[1], row);

		if (other)
			add_pair(table, row, other);
	}
	lines = table_format(table);
	table_free(table);
	return g_strdup_printf("A: %s\nB: %s\n\n%s", labels[0], labels[1], lines);
}
