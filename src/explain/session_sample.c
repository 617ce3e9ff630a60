/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running session at one moment. */

#include "config.h"

#include "control/client.h"
#include "control/member.h"
#include "explain/session_sample.h"

static uint64_t number_of(JsonObject *object, const char *name)
{
	return (uint64_t)MAX(member_number(object, name), 0);
}

static struct address address_of(JsonObject *object, const char *name)
{
	struct address address = { .family = AF_UNSPEC };

	/* Where there is none it reads as "-", which is no address. */
	(void)address_parse(member_text(object, name), &address);
	return address;
}

static GArray *published_ports(JsonObject *status)
{
	GArray *ports = g_array_new(FALSE, FALSE, sizeof(uint16_t));
	JsonArray *rows = member_array(status, "forwards");

	for (guint i = 0; rows && i < json_array_get_length(rows); i++) {
		const uint16_t port = (uint16_t)number_of(member_row(rows, i), "host_port");

		g_array_append_val(ports, port);
	}
	return ports;
}

bool session_sample_take(const char *name, struct session_sample *ret_sample, GError **error)
{
	g_autoptr(JsonNode) node = control_call(name, "status", NULL, CONTROL_TIMEOUT_MS, error);
	struct session_sample sample = { 0 };
	g_autoptr(JsonObject) status = NULL;
	JsonObject *network;

	if (!node)
		return false;
	status = member_root(node);
	network = member_object(status, "network");
	process_sample_take((pid_t)number_of(status, "pid"), &sample.session);
	process_sample_take((pid_t)number_of(status, "engine_pid"), &sample.engine);
	process_sample_take((pid_t)number_of(status, "supervisor_pid"), &sample.supervisor);
	sample.wakeups = number_of(member_object(status, "counters"), "wakeups");
	sample.trace_lost = number_of(member_object(status, "calls"), "trace_lost");
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
