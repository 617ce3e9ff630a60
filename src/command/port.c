/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway port add|remove|list NAME: the forwards of a running session. */

/*
 * The control socket knows one forward per request, the command line knows ranges. So that a range
 * holds whole or not at all, what was added is taken back when a later part of it fails, and
 * nothing is removed before every part is known to be there.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/forward.h"
#include "base/log.h"
#include "base/util.h"
#include "command/client_options.h"
#include "command/commands.h"
#include "command/forward_rows.h"
#include "command/report.h"
#include "control/client.h"
#include "control/member.h"

static const struct command_spec port_command_spec = {
	.name = "port",
	.synopsis = "[--json] add NAME SPEC | remove NAME ID|SPEC | list NAME",
	.summary = "Shows and changes the forwards of a running session. SPEC is "
		   "[HOSTIP:]HOSTPORT:PORT[/tcp|udp], with ranges as a-b:c-d and IPv6 as [v6].",
	.options = client_option_rows,
};

/* Wraps an object, which is now the node's. */
static JsonNode *object_node(JsonObject *object)
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);

	json_node_take_object(node, object);
	return node;
}

static JsonNode *id_arguments(gint64 id)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "id", id);
	return object_node(object);
}

/* The container's address is left to the session. */
static JsonNode *forward_arguments(const struct forward *forward)
{
	JsonObject *object = json_object_new();
	char text[ADDRESS_TEXT_MAX];

	json_object_set_string_member(object, "proto", protocol_name(forward->protocol));
	json_object_set_string_member(object, "host_addr",
				      address_format(&forward->host.address, text));
	json_object_set_int_member(object, "host_port", forward->host.port);
	json_object_set_int_member(object, "guest_port", forward->guest.port);
	return object_node(object);
}

static bool remove_id(const char *name, gint64 id, GError **error)
{
	g_autoptr(JsonNode) answer =
		control_call(name, "remove_hostfwd", id_arguments(id), CONTROL_TIMEOUT_MS, error);

	return answer != NULL;
}

/* Removes the forwards with these ids (gint64). Goes on after a failure; error is the first one. */
static bool remove_ids(const char *name, const GArray *ids, GError **error)
{
	bool removed = true;

	for (guint i = 0; i < ids->len; i++)
		if (!remove_id(name, g_array_index(ids, gint64, i), removed ? error : NULL))
			removed = false;
	return removed;
}

/* Opens one forward; returns its id, or 0 with error set. *ret_late: at the next bind only. */
static gint64 add_forward(const char *name, const struct forward *forward, bool *ret_late,
			  GError **error)
{
	g_autoptr(JsonNode) answer = control_call(name, "add_hostfwd", forward_arguments(forward),
						  CONTROL_TIMEOUT_MS, error);
	g_autoptr(JsonObject) object = NULL;
	gint64 id;

	if (!answer)
		return 0;
	object = member_root(answer);
	id = member_number(object, "id");
	*ret_late = member_truth(object, "at_next_bind");
	if (id <= 0)
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "session %s gave a forward no id", name);
	return id;
}

/* Takes back what was added of a range that failed further on. */
static void take_back(const char *name, const GArray *ids)
{
	g_autoptr(GError) error = NULL;

	if (!remove_ids(name, ids, &error))
		log_warning("port: can't take back a forward that was added already: %s",
			    error->message);
}

/*
 * Returns the ids (gint64) of the forwards of spec, all of them added now, or NULL with error set.
 * Those that open at a program's next bind only are appended to late.
 */
static GArray *add_spec(const char *name, const char *spec, GArray *late, GError **error)
{
	g_autoptr(GArray) forwards = forward_parse(spec, error);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

	if (!forwards) {
		g_prefix_error(error, "%s: ", spec);
		return NULL;
	}
	for (guint i = 0; i < forwards->len; i++) {
		bool is_late = false;
		gint64 id = add_forward(name, &g_array_index(forwards, struct forward, i), &is_late,
					error);

		if (id <= 0) {
			take_back(name, ids);
			return NULL;
		}
		g_array_append_val(ids, id);
		if (is_late)
			g_array_append_val(late, id);
	}
	return g_steal_pointer(&ids);
}

/* Returns the "entries" of list_hostfwd, to be freed with json_array_unref; NULL with error set. */
static JsonArray *list_entries(const char *name, GError **error)
{
	g_autoptr(JsonNode) answer =
		control_call(name, "list_hostfwd", NULL, CONTROL_TIMEOUT_MS, error);
	g_autoptr(JsonObject) object = NULL;
	JsonArray *entries;

	if (!answer)
		return NULL;
	object = member_root(answer);
	entries = member_array(object, "entries");
	return entries ? json_array_ref(entries) : json_array_new();
}

/* True if entry, a row of list_hostfwd, is what forward says. */
static bool entry_matches(JsonObject *entry, const struct forward *forward)
{
	struct address address;

	return strcmp(member_text(entry, "proto"), protocol_name(forward->protocol)) == 0 &&
	       member_number(entry, "host_port") == forward->host.port &&
	       member_number(entry, "guest_port") == forward->guest.port &&
	       address_parse(member_text(entry, "host_addr"), &address) &&
	       address_equal(&address, &forward->host.address);
}

static void set_missing_error(const char *name, const char *what, GError **error)
{
	error_set(error, SLIRPWAY_ERROR_NOT_FOUND,
		  "session %s has no forward %s; slirpway port list %s shows those that it has",
		  name, what, name);
}

/* The id of the entry that is forward; 0 with error set if there is none. */
static gint64 find_id(const char *name, JsonArray *entries, const struct forward *forward,
		      GError **error)
{
	char text[FORWARD_TEXT_MAX];

	for (guint i = 0; i < json_array_get_length(entries); i++) {
		JsonObject *entry = member_row(entries, i);

		if (entry && entry_matches(entry, forward))
			return member_number(entry, "id");
	}
	set_missing_error(name, forward_format(forward, text), error);
	return 0;
}

static bool has_id(const char *name, JsonArray *entries, gint64 id, GError **error)
{
	g_autofree char *text = NULL;

	for (guint i = 0; i < json_array_get_length(entries); i++) {
		JsonObject *entry = member_row(entries, i);

		if (entry && member_number(entry, "id") == id)
			return true;
	}
	text = g_strdup_printf("%" G_GINT64_FORMAT, id);
	set_missing_error(name, text, error);
	return false;
}

/* The one id (gint64), if the session has it; NULL with error set. */
static GArray *find_one(const char *name, gint64 id, GError **error)
{
	g_autoptr(JsonArray) entries = list_entries(name, error);
	GArray *ids;

	if (!entries || !has_id(name, entries, id, error))
		return NULL;
	ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_array_append_val(ids, id);
	return ids;
}

/* The ids (gint64) that "3" or "8080-8082:80-82/tcp" stands for; NULL with error set. */
static GArray *find_ids(const char *name, const char *spec, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GArray) forwards = NULL;
	g_autoptr(JsonArray) entries = NULL;
	guint64 number;

	if (g_ascii_string_to_unsigned(spec, 10, 1, G_MAXUINT32, &number, NULL))
		return find_one(name, (gint64)number, error);
	forwards = forward_parse(spec, error);
	if (!forwards) {
		g_prefix_error(error, "%s is neither an id nor a forward: ", spec);
		return NULL;
	}
	entries = list_entries(name, error);
	for (guint i = 0; entries && i < forwards->len; i++) {
		gint64 id =
			find_id(name, entries, &g_array_index(forwards, struct forward, i), error);

		if (!id)
			return NULL;
		g_array_append_val(ids, id);
	}
	return entries ? g_steal_pointer(&ids) : NULL;
}

static void set_ids(JsonObject *object, const char *name, const GArray *ids)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < ids->len; i++)
		json_array_add_int_element(array, g_array_index(ids, gint64, i));
	json_object_set_array_member(object, name, array);
}

/* Prints {"ids": [...], "at_next_bind": [...]}; the second is left out where late is NULL. */
static int print_ids(const GArray *ids, const GArray *late)
{
	g_autoptr(JsonNode) node = NULL;
	JsonObject *object = json_object_new();

	set_ids(object, "ids", ids);
	if (late)
		set_ids(object, "at_next_bind", late);
	node = object_node(object);
	return report_json("port", node);
}

/* Says which forwards can't be reached yet, and why. */
static int print_late(const GArray *late)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < late->len; i++)
		g_string_append_printf(text,
				       "forward %" G_GINT64_FORMAT
				       " opens at the program's next bind: its socket is at "
				       "another place of the host already\n",
				       g_array_index(late, gint64, i));
	return report_text("port", text->str);
}

static int port_add(const char *name, const char *spec, bool json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) late = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GArray) ids = add_spec(name, spec, late, &error);

	if (!ids)
		return report_error("port add", error);
	return json ? print_ids(ids, late) : print_late(late);
}

static int port_remove(const char *name, const char *spec, bool json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) ids = find_ids(name, spec, &error);

	if (!ids || !remove_ids(name, ids, &error))
		return report_error("port remove", error);
	return json ? print_ids(ids, NULL) : EXIT_SUCCESS;
}

static int port_list(const char *name, const char *spec, bool json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonArray) entries = list_entries(name, &error);
	g_autofree char *text = NULL;

	(void)spec;
	if (!entries)
		return report_error("port list", error);
	if (json) {
		g_autoptr(JsonNode) node = json_node_init_array(json_node_alloc(), entries);

		return report_json("port list", node);
	}
	text = forward_rows_text(entries);
	return report_text("port list", text);
}

static const struct {
	const char *verb;
	guint operands;
	int (*run)(const char *name, const char *spec, bool json);
} verbs[] = {
	{ "add", 3, port_add },
	{ "remove", 3, port_remove },
	{ "list", 2, port_list },
};

int command_port(int argc, char **argv)
{
	struct client_options options;
	g_autofree char **operands = NULL;
	g_autoptr(GError) error = NULL;
	int status;

	if (!client_options_read(&port_command_spec, argc, argv, 2, 3, &options, &status))
		return status;
	operands = options.operands;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(operands[0], verbs[i].verb) == 0 && options.count == verbs[i].operands)
			return verbs[i].run(operands[1], operands[2], options.json);
	error_set(&error, SLIRPWAY_ERROR_USAGE, "usage: slirpway port %s",
		  port_command_spec.synopsis);
	return report_error("port", error);
}
