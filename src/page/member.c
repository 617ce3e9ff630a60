/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects that may be missing, null or of another kind. */

#include "config.h"

#include <math.h>

#include "page/member.h"

static JsonNode *member_of_kind(JsonObject *object, const char *name, JsonNodeType kind)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

	return node != NULL && JSON_NODE_TYPE(node) == kind ? node : NULL;
}

const char *member_string(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_kind(object, name, JSON_NODE_VALUE);
	const char *text = node != NULL ? json_node_get_string(node) : NULL;

	return text != NULL ? text : "";
}

bool member_double(JsonObject *object, const char *name, double *number)
{
	JsonNode *node = member_of_kind(object, name, JSON_NODE_VALUE);
	GType type = node != NULL ? json_node_get_value_type(node) : G_TYPE_INVALID;
	double value;

	if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
		return false;
	value = json_node_get_double(node);
	if (!isfinite(value))
		return false;
	*number = value;
	return true;
}

bool member_boolean(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_kind(object, name, JSON_NODE_VALUE);

	return node != NULL && json_node_get_value_type(node) == G_TYPE_BOOLEAN &&
	       json_node_get_boolean(node);
}

JsonArray *member_list(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_kind(object, name, JSON_NODE_ARRAY);

	return node != NULL ? json_node_get_array(node) : NULL;
}

JsonObject *list_object(JsonArray *array, guint index)
{
	JsonNode *node = json_array_get_element(array, index);

	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

guint list_length(JsonArray *array)
{
	return array != NULL ? json_array_get_length(array) : 0;
}
