/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway list: the sessions of this user. */

#include "config.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/table.h"
#include "base/util.h"
#include "command/client_options.h"
#include "command/commands.h"
#include "command/report.h"
#include "control/client.h"
#include "control/member.h"
#include "session/registry.h"

/* How long sessions may keep the others from being shown; all are asked at once. */
#define SESSION_TIMEOUT_MS 1000

static const struct command_spec list_command_spec = {
	.name = "list",
	.synopsis = "[--json]",
	.summary = "Shows the sessions of this user.",
	.options = client_option_rows,
};

/* One session that is asked, by a thread where there can be one. */
struct query {
	const char *name;
	GThread *thread;
	JsonNode *node;
	GError *error;
};

static void *ask_session(void *data)
{
	struct query *query = data;

	query->node = control_call(query->name, "status", NULL, SESSION_TIMEOUT_MS, &query->error);
	return NULL;
}

/* Waits for the answer: one that just ended is left out, one that fails is told of. */
static void take_answer(struct query *query, JsonArray *sessions, int *status)
{
	if (query->thread)
		g_thread_join(query->thread);
	if (query->node)
		json_array_add_element(sessions, query->node);
	else if (!g_error_matches(query->error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_NOT_FOUND))
		*status = report_error("list", query->error);
	g_clear_error(&query->error);
}

/* Asks each session for its status. */
static JsonArray *query_sessions(GPtrArray *names, int *status)
{
	JsonArray *sessions = json_array_new();
	g_autofree struct query *queries = g_new0(struct query, names->len);

	for (guint i = 0; i < names->len; i++) {
		queries[i].name = names->pdata[i];
		queries[i].thread = g_thread_try_new("list", ask_session, &queries[i], NULL);
		if (!queries[i].thread)
			ask_session(&queries[i]);
	}
	for (guint i = 0; i < names->len; i++)
		take_answer(&queries[i], sessions, status);
	return sessions;
}

static char *sessions_text(JsonArray *sessions)
{
	static const char *const headings[] = { "NAME",	  "PID",      "MODE",
						"DEVICE", "FORWARDS", "COMMAND" };
	struct table *table = table_new(ARRAY_SIZE(headings));
	char *text;

	table_add(table, headings);
	for (guint i = 0; i < json_array_get_length(sessions); i++) {
		JsonObject *session = member_row(sessions, i);
		JsonArray *forwards = member_array(session, "forwards");
		g_autofree char *pid =
			g_strdup_printf("%" G_GINT64_FORMAT, member_number(session, "pid"));
		g_autofree char *count =
			g_strdup_printf("%u", forwards ? json_array_get_length(forwards) : 0);
		g_autofree char *command = member_joined(session, "command", " ");

		table_add(table,
			  (const char *const[]){
				  member_text(session, "name"), pid, member_text(session, "mode"),
				  member_text(member_object(session, "device"), "name"), count,
				  command });
	}
	text = table_format(table);
	table_free(table);
	return text;
}

int command_list(int argc, char **argv)
{
	g_autoptr(GPtrArray) names = NULL;
	g_autoptr(JsonNode) node = NULL;
	g_autoptr(GError) error = NULL;
	struct client_options options;
	int status = EXIT_SUCCESS;
	int printed;

	if (!client_options_read(&list_command_spec, argc, argv, 0, 0, &options, &status))
		return status;
	g_free(options.operands);
	names = registry_list(&error);
	if (!names)
		return report_error("list", error);
	node = json_node_new(JSON_NODE_ARRAY);
	json_node_take_array(node, query_sessions(names, &status));
	if (options.json) {
		printed = report_json("list", node);
	} else {
		g_autofree char *text = sessions_text(json_node_get_array(node));

		printed = report_text("list", text);
	}
	return printed == EXIT_SUCCESS ? status : printed;
}
