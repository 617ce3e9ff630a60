/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON that came from a session or a file. */

#include "config.h"

#include <string.h>

#include "control/member.h"

#define NONE "-"

JsonObject *member_root(JsonNode *node)
{
	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_dup_object(node) : json_object_new();
}

/* The member called name if its value has the given type, else NULL. */
static JsonNode *member_of_type(JsonObject *object, const char *name, GType type)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && json_node_get_value_type(node) == type ? node : NULL;
}

const char *member_text(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_type(object, name, G_TYPE_STRING);

	return node ? json_node_get_string(node) : NONE;
}

gint64 member_number(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_type(object, name, G_TYPE_INT64);

	return node ? json_node_get_int(node) : 0;
}

bool member_truth(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_type(object, name, G_TYPE_BOOLEAN);

	return node && json_node_get_boolean(node);
}

JsonObject *member_object(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_type(object, name, JSON_TYPE_OBJECT);

	return node ? json_node_get_object(node) : NULL;
}

JsonArray *member_array(JsonObject *object, const char *name)
{
	JsonNode *node = member_of_type(object, name, JSON_TYPE_ARRAY);

	return node ? json_node_get_array(node) : NULL;
}

JsonObject *member_row(JsonArray *array, guint index)
{
	JsonNode *node = json_array_get_element(array, index);

	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

char *member_joined(JsonObject *object, const char *name, const char *separator)
{
	JsonArray *array = member_array(object, name);
	guint length = array ? json_array_get_length(array) : 0;
	GString *text = g_string_new(length ? NULL : NONE);

	for (guint i = 0; i < length; i++) {
		JsonNode *node = json_array_get_element(array, i);
		const char *word = json_node_get_value_type(node) == G_TYPE_STRING
					   ? json_node_get_string(node)
					   : NONE;

		g_string_append_printf(text, "%s%s", i ? separator : "", word);
	}
	return g_string_free(text, FALSE);
}

char *member_endpoint(JsonObject *object, const char *address_name, const char *port_name)
{
	const char *address = member_text(object, address_name);
	gint64 port = member_number(object, port_name);

	return g_strdup_printf(strchr(address, ':') ? "[%s]:%" G_GINT64_FORMAT
						    : "%s:%" G_GINT64_FORMAT,
			       address, port);
}
