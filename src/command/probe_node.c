/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probe prints for programs. */

#include "config.h"

#include "command/probe_report.h"

/* The members of a mode's name: what the feature is to it. */
static JsonObject *use_object(const struct feature *feature)
{
	JsonObject *object = json_object_new();

	for (int mode = 0; mode < FEATURE_MODE_COUNT; mode++)
		json_object_set_string_member(object, feature_mode_name((enum feature_mode)mode),
					      feature_use_name(feature->use[mode]));
	return object;
}

static JsonObject *check_object(const struct finding *finding)
{
	const struct feature *feature = finding->feature;
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "name", feature->json);
	json_object_set_boolean_member(object, "ok", finding->state == FINDING_YES);
	json_object_set_string_member(object, "state", finding_state_name(finding->state));
	json_object_set_string_member(object, "detail", finding->detail);
	json_object_set_string_member(object, "without", feature->without);
	json_object_set_string_member(object, "get", feature->get);
	json_object_set_string_member(object, "family", feature->family);
	json_object_set_object_member(object, "use", use_object(feature));
	return object;
}

static JsonArray *checks_array(const struct survey *survey)
{
	JsonArray *array = json_array_new();

	for (size_t i = 0; i < feature_count; i++)
		json_array_add_object_element(array, check_object(&survey->findings[i]));
	return array;
}

static JsonArray *modes_array(const struct survey *survey)
{
	JsonArray *array = json_array_new();

	for (int mode = 0; mode < FEATURE_MODE_COUNT; mode++) {
		const struct mode_finding *found = &survey->modes[mode];
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "name",
					      feature_mode_name((enum feature_mode)mode));
		json_object_set_boolean_member(object, "ok", found->works);
		json_object_set_string_member(object, "why", found->works ? "" : found->why);
		json_array_add_object_element(array, object);
	}
	return array;
}

JsonNode *probe_node(const struct survey *survey)
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_array_member(object, "checks", checks_array(survey));
	json_object_set_array_member(object, "modes", modes_array(survey));
	json_object_set_string_member(object, "mode", survey->mode);
	json_object_set_string_member(object, "device", survey->device);
	json_object_set_string_member(object, "reason", survey->reason);
	json_node_take_object(node, object);
	return node;
}
