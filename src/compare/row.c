/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of the results. */

#include "config.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "compare/json_fields.h"
#include "compare/row.h"
#include "control/member.h"

#define TEXT(name)                                                                                 \
	{                                                                                          \
#name, JSON_FIELD_TEXT, offsetof(struct row, name)                                 \
	}
#define NUMBER(name)                                                                               \
	{                                                                                          \
#name, JSON_FIELD_NUMBER, offsetof(struct row, name)                               \
	}

static const struct json_field fields[] = {
	TEXT(path),
	TEXT(workload),
	NUMBER(mtu),
	NUMBER(rtt_ms),
	TEXT(congestion),
	NUMBER(flows),
	NUMBER(connections),
	NUMBER(value),
	TEXT(unit),
	TEXT(better),
	NUMBER(minimum),
	NUMBER(maximum),
	NUMBER(ratio),
	NUMBER(ratio_minimum),
	NUMBER(ratio_maximum),
	{ "valid", JSON_FIELD_TRUTH, offsetof(struct row, valid) },
	TEXT(why),
	TEXT(command),
};

struct row *row_new(void)
{
	struct row *row = g_new0(struct row, 1);

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].kind == JSON_FIELD_NUMBER)
			*(double *)((char *)row + fields[i].offset) = NAN;
	measures_clear(&row->measures);
	row->samples = g_array_new(FALSE, FALSE, sizeof(double));
	row->percentiles = g_array_new(FALSE, FALSE, sizeof(struct percentile));
	return row;
}

void row_free(struct row *row)
{
	if (!row)
		return;
	json_fields_clear(fields, ARRAY_SIZE(fields), row);
	g_free(row->cpu_unit);
	g_array_unref(row->samples);
	g_array_unref(row->percentiles);
	g_free(row);
}

JsonObject *row_write(const struct row *row)
{
	JsonObject *object = json_object_new();
	JsonArray *samples = json_array_new();

	json_fields_write(object, fields, ARRAY_SIZE(fields), row);
	for (guint i = 0; i < row->samples->len; i++) {
		double value = g_array_index(row->samples, double, i);

		if (isnan(value))
			json_array_add_null_element(samples);
		else
			json_array_add_double_element(samples, value);
	}
	json_object_set_array_member(object, "samples", samples);
	measures_write(&row->measures, row->cpu_unit ? row->cpu_unit : "", object);
	json_object_set_array_member(object, "percentiles", percentiles_node(row->percentiles));
	return object;
}

static void read_samples(JsonArray *array, GArray *samples)
{
	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);
		double value = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : NAN;

		g_array_append_val(samples, value);
	}
}

static char *read_cpu_unit(JsonObject *object)
{
	JsonObject *cpu = member_object(object, "cpu");

	return g_strdup(cpu ? member_text(cpu, "unit") : "");
}

struct row *row_read(JsonObject *object, GError **error)
{
	struct row *row = g_new0(struct row, 1);

	if (!json_fields_read(object, fields, ARRAY_SIZE(fields), row, error)) {
		g_free(row);
		return NULL;
	}
	row->cpu_unit = read_cpu_unit(object);
	row->samples = g_array_new(FALSE, FALSE, sizeof(double));
	read_samples(member_array(object, "samples"), row->samples);
	measures_read(object, &row->measures);
	row->percentiles = percentiles_read(member_array(object, "percentiles"));
	if (row->path[0] && row->workload[0])
		return row;
	error_set(error, SLIRPWAY_ERROR_USAGE, "a row without a path or a workload");
	row_free(row);
	return NULL;
}

bool row_is_comparable(const struct row *a, const struct row *b)
{
	return strcmp(a->workload, b->workload) == 0 && strcmp(a->congestion, b->congestion) == 0 &&
	       a->mtu == b->mtu && a->rtt_ms == b->rtt_ms;
}
