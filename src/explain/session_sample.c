/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running session at one moment. */

#include "config.h"

#include "control/client.h"
#include "explain/session_sample.h"

/* What of is missing or of another type reads as none. */
static JsonNode *member(JsonObject *object, const char *name)
{
	return object ? json_object_get_member(object, name) : NULL;
}

static JsonObject *object_of(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static uint64_t number_of(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name);

	if (!node || json_node_get_value_type(node) != G_TYPE_INT64)
		return 0;
	return (uint64_t)MAX(json_node_get_int(node), 0);
}

static struct address address_of(JsonObject *object, const char *name)
{
	struct address address = { .family = AF_UNSPEC };
	JsonNode *node = member(object, name);

	if (node && json_node_get_value_type(node) == G_TYPE_STRING)
		address_parse(json_node_get_string(node), &address);
	return address;
}

static GArray *published_ports(JsonObject *status)
{
	GArray *ports = g_array_new(FALSE, FALSE, sizeof(uint16_t));
	JsonNode *node = member(status, "forwards");
	JsonArray *rows = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; rows && i < json_array_get_length(rows); i++) {
		JsonNode *row = json_array_get_element(rows, i);
		uint16_t port;

		if (!JSON_NODE_HOLDS_OBJECT(row))
			continue;
		port = (uint16_t)number_of(json_node_get_object(row), "host_port");
		g_array_append_val(ports, port);
	}
	return ports;
}

bool session_sample_take(const char *name, struct session_sample *ret_sample, GError **error)
{
	g_autoptr(JsonNode) node = control_call(name, "status", NULL, CONTROL_TIMEOUT_MS, error);
	struct session_sample sample = { 0 };
	JsonObject *status, *network;

	if (!node)
		return false;
	status = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	network = object_of(status, "network");
	process_sample_take((pid_t)number_of(status, "pid"), &sample.session);
	process_sample_take((pid_t)number_of(status, "engine_pid"), &sample.engine);
	process_sample_take((pid_t)number_of(status, "supervisor_pid"), &sample.supervisor);
	sample.wakeups = number_of(object_of(status, "counters"), "wakeups");
	sample.trace_lost = number_of(object_of(status, "calls"), "trace_lost");
	sample.gateways[0] = address_of(network, "gateway");
	sample.gateways[1] = address_of(network, "gateway6");
	sample.published = published_ports(status);
	*ret_sample = sample;
	return true;
}

void session_sample_clear(struct session_sample *sample)
{
	g_clear_pointer(&sample->published, g_array_unref);
}
