/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as comma-separated values. */

#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"
#include "compare/result_csv.h"
#include "compare/row.h"

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_TRUTH };

#define TEXT(name)                                                                                 \
	{                                                                                          \
#name, COLUMN_TEXT, offsetof(struct row, name)                                     \
	}
#define NUMBER(name)                                                                               \
	{                                                                                          \
#name, COLUMN_NUMBER, offsetof(struct row, name)                                   \
	}
#define MEASURE(name, which)                                                                       \
	{                                                                                          \
		name, COLUMN_NUMBER, offsetof(struct row, measures.value[which])                   \
	}

static const struct {
	const char *name;
	enum column_kind kind;
	size_t offset;
} columns[] = {
	TEXT(workload),
	TEXT(path),
	NUMBER(mtu),
	NUMBER(rtt_ms),
	TEXT(congestion),
	NUMBER(flows),
	NUMBER(connections),
	NUMBER(ratio),
	NUMBER(ratio_minimum),
	NUMBER(ratio_maximum),
	NUMBER(value),
	TEXT(unit),
	NUMBER(minimum),
	NUMBER(maximum),
	TEXT(better),
	{ "valid", COLUMN_TRUTH, offsetof(struct row, valid) },
	TEXT(why),
	TEXT(cpu_unit),
	MEASURE("cpu_program", MEASURE_CPU_PROGRAM),
	MEASURE("cpu_server", MEASURE_CPU_SERVER),
	MEASURE("cpu_engine", MEASURE_CPU_ENGINE),
	MEASURE("cpu_supervisor", MEASURE_CPU_SUPERVISOR),
	MEASURE("cpu_total", MEASURE_CPU_TOTAL),
	MEASURE("memory_engine_bytes", MEASURE_MEMORY_ENGINE),
	MEASURE("memory_supervisor_bytes", MEASURE_MEMORY_SUPERVISOR),
	MEASURE("memory_session_bytes", MEASURE_MEMORY_SESSION),
	MEASURE("packets", MEASURE_PACKETS),
	MEASURE("swaps", MEASURE_SWAPS),
	MEASURE("trapped", MEASURE_TRAPPED),
	MEASURE("loss", MEASURE_LOSS),
	TEXT(command),
};

/* Quoted where it has to be. */
static void append_text(GString *line, const char *text)
{
	if (!text || !text[strcspn(text, ",\"\r\n")]) {
		g_string_append(line, text ? text : "");
		return;
	}
	g_string_append_c(line, '"');
	for (; *text; text++) {
		if (*text == '"')
			g_string_append_c(line, '"');
		g_string_append_c(line, *text);
	}
	g_string_append_c(line, '"');
}

/* Empty for what is not known; a point whatever the locale. */
static void append_number(GString *line, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (isfinite(value))
		g_string_append(line, g_ascii_formatd(text, sizeof(text), "%.10g", value));
}

static void append_field(GString *line, size_t column, const struct row *row)
{
	const void *field = (const char *)row + columns[column].offset;

	switch (columns[column].kind) {
	case COLUMN_TEXT:
		append_text(line, *(char *const *)field);
		break;
	case COLUMN_NUMBER:
		append_number(line, *(const double *)field);
		break;
	case COLUMN_TRUTH:
		g_string_append(line, *(const bool *)field ? "true" : "false");
		break;
	}
}

char *result_csv(const GPtrArray *rows)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		g_string_append_printf(text, "%s%s", i ? "," : "", columns[i].name);
	g_string_append(text, "\r\n");
	for (guint row = 0; row < rows->len; row++) {
		for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
			if (i)
				g_string_append_c(text, ',');
			append_field(text, i, rows->pdata[row]);
		}
		g_string_append(text, "\r\n");
	}
	return g_string_free(text, FALSE);
}
