/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway probe: what this kernel and user allow, and which mode auto takes. */

#include "config.h"

#include <stdlib.h>

#include "base/error.h"
#include "command/client_options.h"
#include "command/commands.h"
#include "command/probe_checks.h"
#include "command/report.h"
#include "command/table.h"

static const struct command_spec probe_command_spec = {
	.name = "probe",
	.synopsis = "[--json]",
	.summary = "Shows what this kernel and user allow, and which mode auto takes. The exit\n"
		   "status is 1 if no mode works.",
	.options = client_option_rows,
};

/* What came of one check; detail and error are owned, either may be NULL. */
struct result {
	bool ok;
	char *detail;
	GError *error;
};

/* What auto takes; static texts. */
struct choice {
	const char *mode;   /* NULL: none works */
	const char *device; /* NULL likewise */
	const char *reason;
};

static void result_clear(gpointer data)
{
	struct result *result = data;

	g_free(result->detail);
	g_clear_error(&result->error);
}

/* One struct result for each row of probe_checks. */
static GArray *try_all(void)
{
	GArray *results = g_array_new(FALSE, TRUE, sizeof(struct result));

	g_array_set_clear_func(results, result_clear);
	g_array_set_size(results, (guint)probe_check_count);
	for (size_t i = 0; i < probe_check_count; i++) {
		struct result *result = &g_array_index(results, struct result, i);

		if (probe_checks[i].inside &&
		    !g_array_index(results, struct result, PROBE_USER_NAMESPACES).ok)
			error_set(&result->error, SLIRPWAY_ERROR_DENIED, "needs a user namespace");
		else
			result->ok = probe_checks[i].try(&result->detail, &result->error);
	}
	return results;
}

static struct choice choose(const GArray *results)
{
	static const char *const missing[] = {
		"the calls of a container can't be trapped",
		"sockets can't be put in a program's place",
		"a program's sockets can't be got at",
		"sockets don't tell their network namespace",
	};
	const struct result *rows = (const struct result *)results->data;
	const char *device = rows[PROBE_TAP].ok ? "tap" : "veth";

	if (!rows[PROBE_USER_NAMESPACES].ok)
		return (struct choice){ .reason = "user namespaces can't be made" };
	if (!rows[PROBE_TAP].ok && !rows[PROBE_VETH].ok)
		return (struct choice){ .reason = "neither a tap nor a veth device can be made" };
	for (int row = PROBE_NOTIFICATION; row <= PROBE_NETWORK_COOKIE; row++)
		if (!rows[row].ok)
			return (struct choice){ .mode = "packet",
						.device = device,
						.reason = missing[row - PROBE_NOTIFICATION] };
	return (struct choice){ .mode = "hybrid",
				.device = device,
				.reason = "TCP by sockets of the host, the rest by packets" };
}

/* Why a check failed, or what it found; "" for nothing to say. */
static const char *result_detail(const struct result *result)
{
	if (result->error)
		return result->error->message;
	return result->detail && result->ok ? result->detail : "";
}

static char *probe_text(const GArray *results, const struct choice *choice)
{
	struct table *table = table_new(3);
	g_autofree char *rows = NULL;

	for (size_t i = 0; i < probe_check_count; i++) {
		const struct result *result = &g_array_index(results, struct result, i);

		table_add(table,
			  (const char *const[]){ probe_checks[i].name, result->ok ? "yes" : "no",
						 result_detail(result) });
		if (!result->ok)
			table_add(table, (const char *const[]){ "", "", probe_checks[i].without });
	}
	rows = table_format(table);
	table_free(table);
	return g_strdup_printf("%s\nmode: %s (%s)\ndevice: %s\n", rows,
			       choice->mode ? choice->mode : "none", choice->reason,
			       choice->device ? choice->device : "none");
}

static JsonArray *checks_array(const GArray *results)
{
	JsonArray *array = json_array_new();

	for (size_t i = 0; i < probe_check_count; i++) {
		const struct result *result = &g_array_index(results, struct result, i);
		JsonObject *row = json_object_new();

		json_object_set_string_member(row, "name", probe_checks[i].json);
		json_object_set_boolean_member(row, "ok", result->ok);
		json_object_set_string_member(row, "detail", result_detail(result));
		json_object_set_string_member(row, "without", probe_checks[i].without);
		json_array_add_object_element(array, row);
	}
	return array;
}

static JsonNode *probe_node(const GArray *results, const struct choice *choice)
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_array_member(object, "checks", checks_array(results));
	json_object_set_string_member(object, "mode", choice->mode);
	json_object_set_string_member(object, "device", choice->device);
	json_object_set_string_member(object, "reason", choice->reason);
	json_node_take_object(node, object);
	return node;
}

int command_probe(int argc, char **argv)
{
	g_autoptr(GArray) results = NULL;
	struct client_options options;
	struct choice choice;
	int status;

	if (!client_options_read(&probe_command_spec, argc, argv, 0, 0, &options, &status))
		return status;
	g_free(options.operands);
	results = try_all();
	choice = choose(results);
	if (options.json) {
		g_autoptr(JsonNode) node = probe_node(results, &choice);

		status = report_json("probe", node);
	} else {
		g_autofree char *text = probe_text(results, &choice);

		status = report_text("probe", text);
	}
	return choice.mode ? status : EXIT_FAILURE;
}
