/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session as JSON: what status and list_hostfwd answer. */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "namespace/device.h"
#include "session/forwards.h"
#include "session/status.h"
#include "syscall/call_counters.h"

/* Sets a member from text that may be anything (a command line, the engine's words). */
static void set_text(JsonObject *object, const char *name, const char *text, size_t size)
{
	g_autofree char *bounded = g_strndup(text, size);
	g_autofree char *valid = g_utf8_make_valid(bounded, -1);

	json_object_set_string_member(object, name, valid);
}

static void set_address(JsonObject *object, const char *name, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	json_object_set_string_member(object, name, address_format(address, text));
}

static void set_v4(JsonObject *object, const char *name, struct in_addr v4)
{
	struct address address = address_from_v4(v4);

	set_address(object, name, &address);
}

static void set_v6(JsonObject *object, const char *name, const struct in6_addr *v6)
{
	struct address address = address_from_v6(v6);

	set_address(object, name, &address);
}

static void set_prefix(JsonObject *object, const char *name, struct address address, uint8_t length)
{
	struct prefix prefix = { .address = address, .length = length };
	char text[ADDRESS_TEXT_MAX];

	json_object_set_string_member(object, name, prefix_format(&prefix, text));
}

static void set_endpoint(JsonObject *object, const char *name, const struct endpoint *endpoint)
{
	char text[ADDRESS_TEXT_MAX];

	json_object_set_string_member(object, name, endpoint_format(endpoint, text));
}

/* Forwards know two protocols, flows more. */
static const char *flow_protocol_name(uint8_t protocol)
{
	if (protocol == IPPROTO_ICMP)
		return "icmp";
	return protocol == IPPROTO_ICMPV6 ? "icmp6" : protocol_name(protocol);
}

JsonArray *status_forwards(const GArray *forwards, const struct network *network)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < forwards->len; i++) {
		const struct session_forward *entry =
			&g_array_index(forwards, struct session_forward, i);
		const struct forward *forward = &entry->forward;
		struct address guest = forwards_guest(forward, network);
		JsonObject *row = json_object_new();

		json_object_set_int_member(row, "id", forward->id);
		json_object_set_string_member(row, "proto", protocol_name(forward->protocol));
		set_address(row, "host_addr", &forward->host.address);
		json_object_set_int_member(row, "host_port", forward->host.port);
		set_address(row, "guest_addr", &guest);
		json_object_set_int_member(row, "guest_port", forward->guest.port);
		json_object_set_string_member(
			row, "path", entry->path == FORWARD_BY_SOCKETS ? "syscall" : "packet");
		/* Left out otherwise, as slirp4netns's clients know it. */
		if (entry->late)
			json_object_set_boolean_member(row, "at_next_bind", TRUE);
		json_array_add_object_element(array, row);
	}
	return array;
}

static JsonObject *network_object(const struct network *network)
{
	JsonObject *object = json_object_new();

	set_prefix(object, "cidr", address_from_v4(network->v4_network), network->v4_length);
	set_v4(object, "gateway", network->v4_gateway);
	set_v4(object, "dns", network->v4_dns);
	set_v4(object, "guest", network->v4_guest);
	if (!network->v6)
		return object;
	set_prefix(object, "cidr6", address_from_v6(&network->v6_prefix), network->v6_length);
	set_v6(object, "gateway6", &network->v6_gateway);
	set_v6(object, "dns6", &network->v6_dns);
	set_v6(object, "guest6", &network->v6_guest);
	return object;
}

static JsonObject *device_object(const struct session_config *config, bool gone)
{
	JsonObject *object = json_object_new();

	if (config->device == DEVICE_AUTO)
		json_object_set_null_member(object, "kind");
	else
		json_object_set_string_member(object, "kind", device_kind_name(config->device));
	json_object_set_string_member(object, "name", config->device_name);
	json_object_set_int_member(object, "mtu", config->network.mtu);
	json_object_set_boolean_member(object, "gone", gone);
	return object;
}

static void set_command(JsonObject *object, char *const *command)
{
	JsonArray *array;

	if (command == NULL) {
		json_object_set_null_member(object, "command");
		return;
	}
	array = json_array_new();
	for (; *command != NULL; command++) {
		g_autofree char *valid = g_utf8_make_valid(*command, -1);

		json_array_add_string_element(array, valid);
	}
	json_object_set_array_member(object, "command", array);
}

static void set_sandbox(JsonObject *object, const char *name, uint32_t layers)
{
	static const struct {
		uint32_t layer;
		const char *name;
	} rows[] = {
		{ SANDBOX_ROOT, "root" },
		{ SANDBOX_CAPS, "caps" },
		{ SANDBOX_FILTER, "filter" },
		{ SANDBOX_LIMITS, "limits" },
	};
	JsonArray *array = json_array_new();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((layers & rows[i].layer) != 0)
			json_array_add_string_element(array, rows[i].name);
	}
	json_object_set_array_member(object, name, array);
}

static void set_count(JsonObject *object, const char *name, uint64_t value)
{
	json_object_set_int_member(object, name, (gint64)MIN(value, (uint64_t)G_MAXINT64));
}

static void set_counters(JsonObject *object, const struct counters *counters)
{
	JsonObject *values = json_object_new();

	for (int i = 0; i < COUNTER_COUNT; i++)
		set_count(values, counter_name((enum counter)i), counters->value[i]);
	json_object_set_object_member(object, "counters", values);
}

static void set_flows(JsonObject *object, const struct engine_status *engine,
		      const struct flow *flows)
{
	JsonArray *array = json_array_new();

	for (uint32_t i = 0; i < engine->flows_sent; i++) {
		const struct flow *flow = &flows[i];
		JsonObject *row = json_object_new();

		json_object_set_string_member(row, "proto", flow_protocol_name(flow->protocol));
		set_text(row, "state", flow->state, sizeof(flow->state));
		set_endpoint(row, "guest", &flow->guest);
		set_endpoint(row, "remote", &flow->remote);
		json_object_set_int_member(row, "receive_queue", flow->receive_queue);
		json_object_set_int_member(row, "send_queue", flow->send_queue);
		json_array_add_object_element(array, row);
	}
	json_object_set_array_member(object, "flows", array);
	json_object_set_int_member(object, "flows_total", engine->flows_total);
}

/* What only the engine knows. */
static void set_engine(JsonObject *object, const struct engine_status *engine,
		       const struct flow *flows)
{
	set_sandbox(object, "sandbox", engine->sandbox);
	set_text(object, "slirp_version", engine->slirp_version, sizeof(engine->slirp_version));
	set_counters(object, &engine->counters);
	set_flows(object, engine, flows);
}

/* What only the supervisor knows. */
static void set_supervisor(JsonObject *object, const struct supervisor_status *supervisor)
{
	JsonObject *values = json_object_new();

	_Static_assert((int)CALL_COUNTER_COUNT <= CALL_COUNTERS_MAX, "each counter has its place");
	for (int i = 0; i < CALL_COUNTER_COUNT; i++)
		set_count(values, call_counter_name((enum call_counter)i), supervisor->counters[i]);
	json_object_set_object_member(object, "calls", values);
	json_object_set_int_member(object, "calls_waiting", supervisor->waiting);
	set_sandbox(object, "supervisor_sandbox", supervisor->sandbox);
}

/* The process id of a worker, null while there is none. */
static void set_worker_pid(JsonObject *object, const char *name, pid_t pid, bool answered)
{
	if (pid > 0 && answered)
		json_object_set_int_member(object, name, pid);
	else
		json_object_set_null_member(object, name);
}

JsonNode *status_node(const struct status_source *source)
{
	const struct session_config *config = source->config;
	const struct session_status *workers = &source->workers;
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "name", config->name);
	json_object_set_int_member(object, "pid", getpid());
	json_object_set_string_member(object, "mode", session_mode_name(source->mode));
	set_worker_pid(object, "engine_pid", source->engine_pid, workers->engine != NULL);
	set_worker_pid(object, "supervisor_pid", source->supervisor_pid,
		       workers->supervisor != NULL);
	json_object_set_int_member(object, "engine_restarts", source->engine_restarts);
	json_object_set_int_member(object, "supervisor_restarts", source->supervisor_restarts);
	json_object_set_boolean_member(object, "walled", source->walled);
	set_command(object, source->command);
	if (source->mode == SESSION_MODE_SYSCALL)
		json_object_set_null_member(object, "device");
	else
		json_object_set_object_member(object, "device",
					      device_object(config, source->device_gone));
	json_object_set_object_member(object, "network", network_object(&config->network));
	json_object_set_array_member(object, "forwards",
				     status_forwards(source->forwards, &config->network));
	if (workers->engine != NULL)
		set_engine(object, workers->engine, workers->flows);
	if (workers->supervisor != NULL)
		set_supervisor(object, workers->supervisor);
	json_node_take_object(node, object);
	return node;
}
