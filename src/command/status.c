/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway status NAME: what a session is, what it has counted, its forwards and flows. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/table.h"
#include "base/util.h"
#include "command/client_options.h"
#include "command/commands.h"
#include "command/forward_rows.h"
#include "command/report.h"
#include "control/client.h"
#include "control/member.h"
#include "syscall/call_counters.h"

static const struct command_spec status_command_spec = {
	.name = "status",
	.synopsis = "[--json] NAME",
	.summary = "Shows a session: what it is, its counters, forwards and flows.",
	.options = client_option_rows,
};

static char *number_text(JsonObject *object, const char *name)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, member_number(object, name));
}

/* Adds a fact; value is now the call's. */
static void take_fact(struct table *table, const char *name, char *value)
{
	table_add(table, (const char *const[]){ name, value });
	g_free(value);
}

static char *network_text(JsonObject *network, const char *cidr, const char *guest,
			  const char *gateway, const char *dns)
{
	return g_strdup_printf("%s: container %s, gateway %s, DNS %s", member_text(network, cidr),
			       member_text(network, guest), member_text(network, gateway),
			       member_text(network, dns));
}

static char *engine_text(JsonObject *session)
{
	gint64 pid = member_number(session, "engine_pid");
	gint64 restarts = member_number(session, "engine_restarts");

	if (strcmp(member_text(session, "mode"), "syscall") == 0)
		return g_strdup("none: nothing goes by packets");
	if (member_truth(member_object(session, "device"), "gone"))
		return g_strdup("none: the device is gone");
	if (pid <= 0)
		return g_strdup("is being started again");
	return g_strdup_printf("pid %" G_GINT64_FORMAT
			       ", libslirp %s, started again: %" G_GINT64_FORMAT,
			       pid, member_text(session, "slirp_version"), restarts);
}

static char *supervisor_text(JsonObject *session)
{
	gint64 pid = member_number(session, "supervisor_pid");

	if (pid <= 0)
		return g_strdup("is being started again");
	return g_strdup_printf("pid %" G_GINT64_FORMAT ", calls waiting: %" G_GINT64_FORMAT
			       ", started again: %" G_GINT64_FORMAT "%s",
			       pid, member_number(session, "calls_waiting"),
			       member_number(session, "supervisor_restarts"),
			       member_truth(session, "walled") ? ", walled" : ", not walled");
}

static char *device_text(JsonObject *device)
{
	if (!device)
		return g_strdup("none");
	return g_strdup_printf("%s (%s), MTU %" G_GINT64_FORMAT "%s", member_text(device, "name"),
			       member_text(device, "kind"), member_number(device, "mtu"),
			       member_truth(device, "gone") ? ", gone" : "");
}

static char *facts_text(JsonObject *session)
{
	JsonObject *network = member_object(session, "network");
	struct table *table = table_new(2);
	char *text;

	take_fact(table, "name", g_strdup(member_text(session, "name")));
	take_fact(table, "pid", number_text(session, "pid"));
	take_fact(table, "mode", g_strdup(member_text(session, "mode")));
	take_fact(table, "command", member_joined(session, "command", " "));
	take_fact(table, "engine", engine_text(session));
	take_fact(table, "sandbox", member_joined(session, "sandbox", ", "));
	if (strcmp(member_text(session, "mode"), "packet") != 0) {
		take_fact(table, "supervisor", supervisor_text(session));
		take_fact(table, "its sandbox", member_joined(session, "supervisor_sandbox", ", "));
	}
	take_fact(table, "device", device_text(member_object(session, "device")));
	take_fact(table, "IPv4", network_text(network, "cidr", "guest", "gateway", "dns"));
	if (network && json_object_has_member(network, "cidr6"))
		take_fact(table, "IPv6",
			  network_text(network, "cidr6", "guest6", "gateway6", "dns6"));
	text = table_format(table);
	table_free(table);
	return text;
}

/* What a counter counts; "" for one that this program does not know. */
static const char *counter_meaning(const char *name)
{
	for (int i = 0; i < COUNTER_COUNT; i++)
		if (strcmp(counter_name((enum counter)i), name) == 0)
			return counter_text((enum counter)i);
	for (int i = 0; i < CALL_COUNTER_COUNT; i++)
		if (strcmp(call_counter_name((enum call_counter)i), name) == 0)
			return call_counter_text((enum call_counter)i);
	return "";
}

/* Adds the counters that are not zero. */
static void add_counters(struct table *table, JsonObject *counters)
{
	g_autoptr(GList) names = counters ? json_object_get_members(counters) : NULL;

	for (GList *at = names; at; at = at->next) {
		g_autofree char *value = number_text(counters, at->data);

		if (strcmp(value, "0") != 0)
			table_add(table, (const char *const[]){ at->data, value,
								counter_meaning(at->data) });
	}
}

/* Those of frames, then those of calls. */
static char *counters_text(JsonObject *session)
{
	static const char *const headings[] = { "COUNTER", "VALUE", "WHAT" };
	struct table *table = table_new(ARRAY_SIZE(headings));
	char *text;

	table_add(table, headings);
	add_counters(table, member_object(session, "counters"));
	add_counters(table, member_object(session, "calls"));
	text = table_format(table);
	table_free(table);
	return text;
}

static char *flows_text(JsonObject *session)
{
	static const char *const headings[] = { "PROTO",  "STATE",     "CONTAINER",
						"REMOTE", "RECEIVE-Q", "SEND-Q" };
	struct table *table = table_new(ARRAY_SIZE(headings));
	JsonArray *flows = member_array(session, "flows");
	guint length = flows ? json_array_get_length(flows) : 0;
	g_autofree char *rows = NULL;

	table_add(table, headings);
	for (guint i = 0; i < length; i++) {
		JsonObject *flow = member_row(flows, i);
		g_autofree char *receive = number_text(flow, "receive_queue");
		g_autofree char *send = number_text(flow, "send_queue");

		table_add(table, (const char *const[]){
					 member_text(flow, "proto"), member_text(flow, "state"),
					 member_text(flow, "guest"), member_text(flow, "remote"),
					 receive, send });
	}
	rows = table_format(table);
	table_free(table);
	return g_strdup_printf("%s%u of %" G_GINT64_FORMAT " flows\n", rows, length,
			       member_number(session, "flows_total"));
}

static char *status_text(JsonNode *node)
{
	g_autoptr(JsonObject) session = member_root(node);
	g_autofree char *facts = facts_text(session);
	g_autofree char *counters = counters_text(session);
	g_autofree char *forwards = forward_rows_text(member_array(session, "forwards"));
	g_autofree char *flows = flows_text(session);

	return g_strjoin("\n", facts, counters, forwards, flows, NULL);
}

int command_status(int argc, char **argv)
{
	g_autoptr(JsonNode) node = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	struct client_options options;
	int status;

	if (!client_options_read(&status_command_spec, argc, argv, 1, 1, &options, &status))
		return status;
	node = control_call(options.operands[0], "status", NULL, CONTROL_TIMEOUT_MS, &error);
	g_free(options.operands);
	if (!node)
		return report_error("status", error);
	if (options.json)
		return report_json("status", node);
	text = status_text(node);
	return report_text("status", text);
}
