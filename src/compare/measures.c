/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured beside the figure itself. */

#include "config.h"

#include <math.h>
#include <string.h>

#include "base/util.h"
#include "compare/json_fields.h"
#include "compare/measures.h"
#include "compare/statistics.h"
#include "control/member.h"

/* Where each is in JSON: a member of an object of the row, or of the row itself. */
static const struct {
	const char *object; /* NULL: the row */
	const char *name;
} places[MEASURE_COUNT] = {
	[MEASURE_LOSS] = { NULL, "loss" },
	[MEASURE_CPU_PROGRAM] = { "cpu", "program" },
	[MEASURE_CPU_SERVER] = { "cpu", "server" },
	[MEASURE_CPU_ENGINE] = { "cpu", "engine" },
	[MEASURE_CPU_SUPERVISOR] = { "cpu", "supervisor" },
	[MEASURE_CPU_TOTAL] = { "cpu", "total" },
	[MEASURE_MEMORY_ENGINE] = { "memory_bytes", "engine" },
	[MEASURE_MEMORY_SUPERVISOR] = { "memory_bytes", "supervisor" },
	[MEASURE_MEMORY_SESSION] = { "memory_bytes", "session" },
	[MEASURE_PACKETS] = { "counters", "packets" },
	[MEASURE_SWAPS] = { "counters", "swaps" },
	[MEASURE_TRAPPED] = { "counters", "trapped" },
};

static const char *const objects[] = { "cpu", "memory_bytes", "counters" };

void measures_clear(struct measures *measures)
{
	for (size_t i = 0; i < MEASURE_COUNT; i++)
		measures->value[i] = NAN;
}

struct measures measures_median(const struct measures *const *runs, guint count)
{
	g_autofree double *values = g_new(double, count + 1);
	struct measures result;

	for (size_t i = 0; i < MEASURE_COUNT; i++) {
		for (guint run = 0; run < count; run++)
			values[run] = runs[run]->value[i];
		result.value[i] = statistics_of(values, count).median;
	}
	return result;
}

/* An object with the measures that belong in it; NULL if none of them is known. */
static JsonObject *group_object(const struct measures *measures, const char *object)
{
	JsonObject *group = json_object_new();
	bool known = false;

	for (size_t i = 0; i < MEASURE_COUNT; i++) {
		if (!places[i].object || strcmp(places[i].object, object) != 0)
			continue;
		json_set_number(group, places[i].name, measures->value[i]);
		known = known || !isnan(measures->value[i]);
	}
	if (known)
		return group;
	json_object_unref(group);
	return NULL;
}

void measures_write(const struct measures *measures, const char *cpu_unit, JsonObject *object)
{
	json_set_number(object, places[MEASURE_LOSS].name, measures->value[MEASURE_LOSS]);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		JsonObject *group = group_object(measures, objects[i]);

		if (!group)
			json_object_set_null_member(object, objects[i]);
		else
			json_object_set_object_member(object, objects[i], group);
		if (group && strcmp(objects[i], "cpu") == 0)
			json_object_set_string_member(group, "unit", cpu_unit);
	}
}

/* The object that a measure is in; NULL if it is not there. */
static JsonObject *place_object(JsonObject *object, const char *name)
{
	return name ? member_object(object, name) : object;
}

void measures_read(JsonObject *object, struct measures *ret_measures)
{
	for (size_t i = 0; i < MEASURE_COUNT; i++)
		ret_measures->value[i] =
			json_get_number(place_object(object, places[i].object), places[i].name);
}

JsonArray *percentiles_node(const GArray *percentiles)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < percentiles->len; i++) {
		const struct percentile *percentile =
			&g_array_index(percentiles, struct percentile, i);
		JsonObject *object = json_object_new();

		json_set_number(object, "percent", percentile->percent);
		json_set_number(object, "microseconds", percentile->microseconds);
		json_array_add_object_element(array, object);
	}
	return array;
}

GArray *percentiles_read(JsonArray *array)
{
	GArray *percentiles = g_array_new(FALSE, FALSE, sizeof(struct percentile));

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);
		struct percentile percentile;

		if (!JSON_NODE_HOLDS_OBJECT(node))
			continue;
		percentile.percent = json_get_number(json_node_get_object(node), "percent");
		percentile.microseconds =
			json_get_number(json_node_get_object(node), "microseconds");
		if (!isnan(percentile.percent) && !isnan(percentile.microseconds))
			g_array_append_val(percentiles, percentile);
	}
	return percentiles;
}

/* The latency of a percent in one run; NAN if it has none. */
static double find_percent(const GArray *run, double percent)
{
	for (guint i = 0; i < run->len; i++)
		if (g_array_index(run, struct percentile, i).percent == percent)
			return g_array_index(run, struct percentile, i).microseconds;
	return NAN;
}

GArray *percentiles_median(GArray *const *runs, guint count)
{
	GArray *result = g_array_new(FALSE, FALSE, sizeof(struct percentile));
	g_autofree double *values = g_new(double, count + 1);

	for (guint i = 0; count > 0 && i < runs[0]->len; i++) {
		struct percentile percentile = g_array_index(runs[0], struct percentile, i);

		for (guint run = 0; run < count; run++)
			values[run] = find_percent(runs[run], percentile.percent);
		percentile.microseconds = statistics_of(values, count).median;
		g_array_append_val(result, percentile);
	}
	return result;
}
