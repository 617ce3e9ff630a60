/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structs to JSON objects and back, by tables of their fields. */

#include "config.h"

#include <math.h>

#include "base/error.h"
#include "compare/json_fields.h"

/* Integers up to here are exact in a double, and read better without a fraction. */
#define EXACT_MAX 9007199254740992.0

/* Ours have a handful. */
#define NESTING_MAX 64

void json_set_number(JsonObject *object, const char *name, double value)
{
	if (!isfinite(value))
		json_object_set_null_member(object, name);
	else if (value == floor(value) && fabs(value) < EXACT_MAX)
		json_object_set_int_member(object, name, (gint64)value);
	else
		json_object_set_double_member(object, name, value);
}

bool json_is_shallow(const char *text, size_t length)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < length; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!in_string && (text[i] == '}' || text[i] == ']') && depth > 0)
			depth--;
		if (depth > NESTING_MAX)
			return false;
	}
	return true;
}

/* True for a member that holds a number. */
static bool holds_number(JsonNode *node)
{
	if (!JSON_NODE_HOLDS_VALUE(node))
		return false;
	return json_node_get_value_type(node) == G_TYPE_INT64 ||
	       json_node_get_value_type(node) == G_TYPE_DOUBLE;
}

double json_get_number(JsonObject *object, const char *name)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && holds_number(node) ? json_node_get_double(node) : NAN;
}

void json_fields_write(JsonObject *object, const struct json_field *fields, size_t count,
		       const void *source)
{
	for (size_t i = 0; i < count; i++) {
		const void *field = (const char *)source + fields[i].offset;
		const char *text;

		switch (fields[i].kind) {
		case JSON_FIELD_TEXT:
			text = *(char *const *)field;
			json_object_set_string_member(object, fields[i].name, text ? text : "");
			break;
		case JSON_FIELD_NUMBER:
			json_set_number(object, fields[i].name, *(const double *)field);
			break;
		case JSON_FIELD_TRUTH:
			json_object_set_boolean_member(object, fields[i].name,
						       *(const bool *)field);
			break;
		}
	}
}

/* node is NULL for what is missing, or null. Returns what was wanted, or NULL. */
static const char *read_field(JsonNode *node, enum json_field_kind kind, void *field)
{
	bool value = node && JSON_NODE_HOLDS_VALUE(node);

	switch (kind) {
	case JSON_FIELD_TEXT:
		if (node && (!value || json_node_get_value_type(node) != G_TYPE_STRING))
			return "a text";
		*(char **)field = node ? json_node_dup_string(node) : g_strdup("");
		break;
	case JSON_FIELD_NUMBER:
		if (node && !holds_number(node))
			return "a number";
		*(double *)field = node ? json_node_get_double(node) : NAN;
		break;
	case JSON_FIELD_TRUTH:
		if (node && (!value || json_node_get_value_type(node) != G_TYPE_BOOLEAN))
			return "true or false";
		*(bool *)field = node && json_node_get_boolean(node);
		break;
	}
	return NULL;
}

bool json_fields_read(JsonObject *object, const struct json_field *fields, size_t count,
		      void *target, GError **error)
{
	for (size_t i = 0; i < count; i++) {
		JsonNode *node = json_object_get_member(object, fields[i].name);
		const char *wanted;

		if (node && JSON_NODE_HOLDS_NULL(node))
			node = NULL;
		wanted = read_field(node, fields[i].kind, (char *)target + fields[i].offset);
		if (wanted) {
			error_set(error, SLIRPWAY_ERROR_USAGE, "\"%s\" is not %s", fields[i].name,
				  wanted);
			json_fields_clear(fields, i, target);
			return false;
		}
	}
	return true;
}

void json_fields_clear(const struct json_field *fields, size_t count, void *target)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].kind == JSON_FIELD_TEXT)
			g_clear_pointer((char **)((char *)target + fields[i].offset), g_free);
}
