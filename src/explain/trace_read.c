/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the lines that --trace writes. */

#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "explain/trace_read.h"

/* A copy of the text, fit for a terminal, or NULL. */
static char *take_text(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);
	char *text;

	if (!node || json_node_get_value_type(node) != G_TYPE_STRING)
		return NULL;
	text = g_strdup(json_node_get_string(node));
	log_make_printable(text);
	return text;
}

static int64_t take_number(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	if (!node || json_node_get_value_type(node) != G_TYPE_INT64)
		return 0;
	return MAX(json_node_get_int(node), 0);
}

/* "2024-01-31T12:00:00.000001Z" as microseconds since 1970. */
static bool take_time(JsonObject *object, int64_t *ret_time)
{
	g_autofree char *text = take_text(object, "time");
	g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, NULL) : NULL;

	if (!time)
		return false;
	*ret_time = g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
	return true;
}

static bool take_note(JsonObject *object, struct trace_note *ret_note, GError **error)
{
	struct trace_note note = { 0 };

	note.call = take_text(object, "call");
	if (!note.call || !take_time(object, &note.time)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "a line of the trace has no call or no time");
		g_free(note.call);
		return false;
	}
	note.pid = take_number(object, "pid");
	note.microseconds = (uint64_t)take_number(object, "microseconds");
	note.comm = take_text(object, "comm");
	note.address = take_text(object, "address");
	note.verdict = take_text(object, "verdict");
	note.reason = take_text(object, "reason");
	note.error = take_text(object, "error");
	*ret_note = note;
	return true;
}

bool trace_line_read(const char *line, size_t length, struct trace_note *ret_note, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	g_autoptr(GError) reason = NULL;
	JsonNode *root;

	if (length > TRACE_LINE_MAX) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "a line of the trace has %zu bytes",
			  length);
		return false;
	}
	if (!json_parser_load_from_data(parser, line, (gssize)length, &reason)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "a line of the trace is no JSON: %s",
			  reason->message);
		return false;
	}
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "a line of the trace is no JSON object");
		return false;
	}
	return take_note(json_node_get_object(root), ret_note, error);
}

void trace_note_clear(struct trace_note *note)
{
	g_free(note->comm);
	g_free(note->call);
	g_free(note->address);
	g_free(note->verdict);
	g_free(note->reason);
	g_free(note->error);
	*note = (struct trace_note){ 0 };
}
