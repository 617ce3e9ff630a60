/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a result says beside its rows. */

#include "config.h"

#include "base/shell.h"
#include "compare/facts.h"
#include "compare/json_fields.h"
#include "compare/presence.h"

/* One that a reader may type: what names are chosen for, not where these were. */
#define EXAMPLE_ADDRESS "ADDRESS"
#define EXAMPLE_PORT 5202

static JsonArray *word_array(char *const *words)
{
	JsonArray *array = json_array_new();

	for (; words && *words; words++)
		json_array_add_string_element(array, *words);
	return array;
}

static JsonArray *text_array(const GPtrArray *texts)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < texts->len; i++)
		json_array_add_string_element(array, texts->pdata[i]);
	return array;
}

static JsonArray *mtu_array(const GArray *mtus)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < mtus->len; i++)
		json_array_add_int_element(array, g_array_index(mtus, guint32, i));
	return array;
}

static JsonArray *rtt_array(const GArray *rtts)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < rtts->len; i++)
		json_array_add_double_element(array, g_array_index(rtts, double, i));
	return array;
}

/* The names of the plan's paths that are of peers, or that are not. */
static JsonArray *path_array(const GPtrArray *paths, bool peers)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < paths->len; i++) {
		const struct path *path = paths->pdata[i];

		if ((path->kind == PATH_PEER) == peers)
			json_array_add_string_element(array, path->name);
	}
	return array;
}

static JsonArray *workload_names(const GPtrArray *workloads)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < workloads->len; i++) {
		const struct workload *workload = workloads->pdata[i];

		if (!workload->kind->witness)
			json_array_add_string_element(array, workload->name);
	}
	return array;
}

static JsonObject *options_object(const struct facts_source *source)
{
	const struct plan *plan = source->plan;
	JsonObject *object = json_object_new();

	json_set_number(object, "duration_seconds", plan->seconds);
	json_object_set_int_member(object, "repeat", plan->repeat);
	json_object_set_array_member(object, "paths", path_array(plan->paths, false));
	json_object_set_array_member(object, "peers", path_array(plan->paths, true));
	json_object_set_array_member(object, "workloads", workload_names(plan->workloads));
	json_object_set_array_member(object, "mtu", mtu_array(plan->mtus));
	json_object_set_array_member(object, "rtt_ms", rtt_array(plan->rtts));
	json_object_set_array_member(object, "congestion", word_array(plan->congestions));
	json_object_set_boolean_member(object, "quick", source->request->quick);
	if (source->server)
		json_object_set_string_member(object, "server", source->server);
	else
		json_object_set_null_member(object, "server");
	json_object_set_boolean_member(object, "witness", source->request->witness);
	return object;
}

static JsonArray *presence_array(const GPtrArray *presences)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < presences->len; i++) {
		const struct presence *presence = presences->pdata[i];
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "name", presence->path->name);
		json_object_set_string_member(object, "kind", path_kind_name(presence->path->kind));
		json_object_set_boolean_member(object, "present", presence->present);
		json_object_set_string_member(object, "why", presence->why);
		json_object_set_string_member(object, "version", presence->version);
		json_object_set_string_member(object, "about", presence->path->about);
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonObject *workload_object(const struct workload *workload, double seconds)
{
	g_auto(GStrv) words =
		workload_client_words(workload, EXAMPLE_ADDRESS, EXAMPLE_PORT, seconds);
	g_autofree char *command = shell_join(words);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "name", workload->name);
	json_object_set_string_member(object, "title", workload->title);
	json_object_set_string_member(object, "unit", workload->kind->unit);
	json_object_set_string_member(object, "better",
				      workload->kind->lower_is_better ? "lower" : "higher");
	json_object_set_string_member(object, "about", workload->kind->about);
	json_object_set_string_member(object, "command", command);
	return object;
}

static JsonArray *workload_array(const struct plan *plan)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < plan->workloads->len; i++) {
		const struct workload *workload = plan->workloads->pdata[i];

		if (!workload->kind->witness)
			json_array_add_object_element(array,
						      workload_object(workload, plan->seconds));
	}
	return array;
}

JsonObject *facts_object(const struct facts_source *source)
{
	g_autofree char *command = shell_join(source->command);
	JsonObject *object = json_object_new();
	json_object_set_string_member(object, "started", source->started);
	json_set_number(object, "seconds", source->seconds);
	json_object_set_boolean_member(object, "complete", source->complete);
	json_object_set_string_member(object, "command", command);
	json_object_set_object_member(object, "machine", json_object_ref(source->machine));
	json_object_set_object_member(object, "options", options_object(source));
	json_object_set_array_member(object, "paths", presence_array(source->presences));
	json_object_set_array_member(object, "workloads", workload_array(source->plan));
	json_object_set_array_member(object, "witnesses", json_array_ref(source->witnesses));
	json_object_set_array_member(object, "verdict", text_array(source->verdict));
	json_object_set_int_member(object, "rounds", source->rounds);
	json_object_set_array_member(object, "notes", text_array(source->notes));
	return object;
}
