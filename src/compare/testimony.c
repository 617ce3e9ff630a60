/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What witnesses say, beside what our own workload says. */

#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "compare/json_fields.h"
#include "compare/row.h"
#include "compare/testimony.h"
#include "compare/witnesses.h"
#include "compare/workloads.h"

#define TOLERANCE 0.1

/* Fewer have hardly a spread. */
#define RUNS_MIN 3

static const struct witness *find_witness(const GPtrArray *workloads, const char *name)
{
	for (guint i = 0; i < workloads->len; i++) {
		const struct workload *workload = workloads->pdata[i];

		if (strcmp(workload->name, name) == 0)
			return workload->kind->witness;
	}
	return NULL;
}

/* Our row of what a witness did over the same path; NULL if there is none. */
static const struct row *find_ours(const GPtrArray *rows, const struct row *row, const char *of)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct row *other = rows->pdata[i];

		if (strcmp(other->workload, of) == 0 && strcmp(other->path, row->path) == 0 &&
		    strcmp(other->congestion, row->congestion) == 0 && other->mtu == row->mtu &&
		    other->rtt_ms == row->rtt_ms)
			return other;
	}
	return NULL;
}

static bool near(double a, double a_minimum, double a_maximum, double b, double b_minimum,
		 double b_maximum)
{
	return (a_minimum <= b_maximum && b_minimum <= a_maximum) ||
	       fabs(a - b) <= TOLERANCE * fabs(b);
}

static bool agrees(const struct row *row, const struct row *ours, const struct witness *witness)
{
	if (!row->valid || !ours || !ours->valid)
		return false;
	if (witness->other_work)
		return near(row->ratio, row->ratio_minimum, row->ratio_maximum, ours->ratio,
			    ours->ratio_minimum, ours->ratio_maximum);
	return near(row->value, row->minimum, row->maximum, ours->value, ours->minimum,
		    ours->maximum);
}

/* Why they are not said to agree, if that is not by the figures. */
static const char *reason(const struct row *row, const struct row *ours)
{
	if (!row->valid)
		return row->why;
	if (!ours)
		return "our own workload was not measured";
	if (!ours->valid)
		return ours->why;
	return MIN(row->samples->len, ours->samples->len) < RUNS_MIN
		       ? "too few runs to have a spread"
		       : "";
}

static JsonObject *testify(const struct row *row, const struct row *ours,
			   const struct witness *witness, GHashTable *versions)
{
	const char *version = g_hash_table_lookup(versions, witness->program);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "program", witness->program);
	json_object_set_string_member(object, "version", version ? version : "");
	json_object_set_string_member(object, "path", row->path);
	json_object_set_string_member(object, "workload", witness->of);
	json_set_number(object, "mtu", row->mtu);
	json_set_number(object, "rtt_ms", row->rtt_ms);
	json_object_set_string_member(object, "congestion", row->congestion);
	json_set_number(object, "value", row->value);
	json_object_set_string_member(object, "unit", row->unit);
	json_set_number(object, "minimum", row->minimum);
	json_set_number(object, "maximum", row->maximum);
	json_set_number(object, "ratio_to_host", row->ratio);
	json_set_number(object, "ours", ours ? ours->value : NAN);
	json_set_number(object, "ratio", ours ? row->value / ours->value : NAN);
	json_object_set_string_member(object, "agrees_by",
				      witness->other_work ? "ratio_to_host" : "value");
	json_object_set_boolean_member(object, "agrees", agrees(row, ours, witness));
	json_object_set_string_member(object, "why", reason(row, ours));
	json_object_set_string_member(object, "command", row->command);
	return object;
}

char *testimony_sentence(JsonArray *witnesses)
{
	const guint count = json_array_get_length(witnesses);
	guint agree = 0;

	for (guint i = 0; i < count; i++)
		agree += json_object_get_boolean_member(json_array_get_object_element(witnesses, i),
							"agrees");
	if (count == 0)
		return NULL;
	return g_strdup_printf("%u of %u measurements of witnesses agree with ours.", agree, count);
}

/* The host's own ratio to the host says nothing. */
static bool is_base_of_ratios(const struct row *row, const struct witness *witness)
{
	return witness->other_work && strcmp(row->path, BASE_PATH) == 0;
}

JsonArray *testimony_take(GPtrArray *rows, const GPtrArray *workloads, GHashTable *versions)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < rows->len;) {
		const struct row *row = rows->pdata[i];
		const struct witness *witness = find_witness(workloads, row->workload);

		if (!witness) {
			i++;
			continue;
		}
		if (!is_base_of_ratios(row, witness))
			json_array_add_object_element(
				array,
				testify(row, find_ours(rows, row, witness->of), witness, versions));
		g_ptr_array_remove_index(rows, i);
	}
	return array;
}
