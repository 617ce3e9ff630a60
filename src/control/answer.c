/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two shapes of an answer: a value or an error. */

#include "config.h"

#include "base/error.h"
#include "control/answer.h"

static const char *error_code_name(const GError *error)
{
	enum slirpway_error code = SLIRPWAY_ERROR_SYSTEM;

	if (error->domain == SLIRPWAY_ERROR)
		code = (enum slirpway_error)error->code;
	switch (code) {
	case SLIRPWAY_ERROR_USAGE:
		return "usage";
	case SLIRPWAY_ERROR_SYSTEM:
		return "system";
	case SLIRPWAY_ERROR_NOT_FOUND:
		return "not_found";
	case SLIRPWAY_ERROR_IN_USE:
		return "in_use";
	case SLIRPWAY_ERROR_DENIED:
		return "denied";
	case SLIRPWAY_ERROR_TIMEOUT:
		return "timeout";
	}
	return "system";
}

/* Prints object, which is now the call's. */
static char *object_text(JsonObject *object)
{
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);

	json_node_take_object(node, object);
	return json_to_string(node, FALSE);
}

char *answer_return(JsonNode *value)
{
	JsonObject *answer = json_object_new();

	if (value == NULL) {
		value = json_node_new(JSON_NODE_OBJECT);
		json_node_take_object(value, json_object_new());
	}
	json_object_set_member(answer, "return", value);
	if (JSON_NODE_HOLDS_OBJECT(value) &&
	    json_object_has_member(json_node_get_object(value), "entries"))
		json_object_set_member(
			answer, "entries",
			json_object_dup_member(json_node_get_object(value), "entries"));
	return object_text(answer);
}

char *answer_error(const GError *error)
{
	g_autofree char *text = g_utf8_make_valid(error->message, -1);
	JsonObject *answer = json_object_new();
	JsonObject *body = json_object_new();

	json_object_set_string_member(body, "code", error_code_name(error));
	json_object_set_string_member(body, "desc", text);
	json_object_set_object_member(answer, "error", body);
	return object_text(answer);
}
