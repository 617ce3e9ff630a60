/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client of slirpway-workload prints. */

#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "compare/client_output.h"
#include "compare/json_fields.h"
#include "compare/measures.h"
#include "compare/witnesses.h"
#include "control/member.h"

/* Of a request and its answer. */
#define EXCHANGE_BYTES 2

#define BITS_PER_GIGABIT 1e9

static char *find_text(JsonObject *object, const char *name)
{
	return g_strdup(json_object_get_string_member_with_default(object, name, NULL));
}

static double payload_bytes(JsonObject *object, const struct workload_kind *kind, double exchanges)
{
	return kind->bulk ? json_get_number(object, "bytes") : exchanges * EXCHANGE_BYTES;
}

static double count_connections(const struct workload *workload, double exchanges)
{
	if (workload->kind->connection_each)
		return exchanges;
	return MAX(workload->number, 1);
}

static void read_workload(JsonObject *object, const struct workload_kind *kind,
			  struct client_output *output)
{
	output->value = json_get_number(object, kind->value);
	output->exchanges = kind->exchanges ? json_get_number(object, kind->exchanges) : 0;
	output->bytes = payload_bytes(object, kind, output->exchanges);
	output->cpu_seconds = json_get_number(object, "cpu_seconds");
	output->server_cpu_seconds = json_get_number(object, "server_cpu_seconds");
	output->loss = json_get_number(object, "loss");
	output->congestion = find_text(object, "congestion");
	output->server_congestion = find_text(object, "server_congestion");
}

/* What was received counts, as it does for ours. */
static void read_iperf3(JsonObject *object, struct client_output *output)
{
	JsonObject *end = member_object(object, "end");
	JsonObject *received = member_object(end, "sum_received");

	output->value = json_get_number(received, "bits_per_second") / BITS_PER_GIGABIT;
	output->bytes = json_get_number(received, "bytes");
	if (!end)
		return;
	output->congestion = find_text(end, "sender_tcp_congestion");
	output->server_congestion = find_text(end, "receiver_tcp_congestion");
}

static void read_flat(JsonObject *object, struct client_output *output)
{
	output->value = json_get_number(object, "value_us");
	if (isnan(output->value))
		output->value = json_get_number(object, "value_rate");
	output->bytes = json_get_number(object, "bytes");
	output->exchanges = json_get_number(object, "operations");
}

static struct client_output *read_object(JsonObject *object, const struct workload *workload)
{
	const struct workload_kind *kind = workload->kind;
	struct client_output *output = g_new0(struct client_output, 1);

	output->cpu_seconds = output->server_cpu_seconds = output->loss = NAN;
	switch (kind->witness ? kind->witness->format : OUTPUT_WORKLOAD) {
	case OUTPUT_WORKLOAD:
		read_workload(object, kind, output);
		break;
	case OUTPUT_IPERF3:
		read_iperf3(object, output);
		break;
	case OUTPUT_FLAT:
		read_flat(object, output);
		break;
	}
	output->connections = count_connections(workload, output->exchanges);
	output->percentiles = percentiles_read(member_array(object, "percentiles"));
	return output;
}

struct client_output *client_output_parse(const char *text, const struct workload *workload,
					  GError **error)
{
	g_autoptr(JsonNode) node =
		json_is_shallow(text, strlen(text)) ? json_from_string(text, NULL) : NULL;
	struct client_output *output;

	if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the workload printed no JSON: %s", text);
		return NULL;
	}
	output = read_object(json_node_get_object(node), workload);
	if (isfinite(output->value) && isfinite(output->bytes) && output->bytes > 0)
		return output;
	client_output_free(output);
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "%s told no figure of work done: %s",
		  workload->name, text);
	return NULL;
}

void client_output_free(struct client_output *output)
{
	if (!output)
		return;
	g_free(output->congestion);
	g_free(output->server_congestion);
	g_array_unref(output->percentiles);
	g_free(output);
}
