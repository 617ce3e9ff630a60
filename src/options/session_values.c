/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takers of the option values that only run and attach have. */

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/message.h"
#include "base/util.h"
#include "options/session_values.h"
#include "options/values.h"
#include "session/session_config.h"
#include "session/registry.h"

#define DNS_PORT 53

bool session_take_mode(const char *value, void *field, GError **error)
{
	static const struct value_choice modes[] = {
		{ "auto", SESSION_MODE_AUTO },
		{ "hybrid", SESSION_MODE_HYBRID },
		{ "packet", SESSION_MODE_PACKET },
		{ "syscall", SESSION_MODE_SYSCALL },
	};
	int mode;

	if (!value_choose(value, modes, ARRAY_SIZE(modes), &mode, error))
		return false;
	*(enum session_mode *)field = (enum session_mode)mode;
	return true;
}

bool session_take_name(const char *value, void *field, GError **error)
{
	if (!registry_name_valid(value)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "a name is 1 to 64 letters, digits, '.', '_' and '-', and starts with "
			  "neither '.' nor '-'");
		return false;
	}
	return value_take_text(value, field, error);
}

bool session_take_publish(const char *value, void *field, GError **error)
{
	GArray *forwards = *(GArray **)field;
	g_autoptr(GArray) more = forward_parse(value, error);

	if (!more)
		return false;
	g_array_append_vals(forwards, more->data, more->len);
	return true;
}

bool session_take_allow(const char *value, void *field, GError **error)
{
	return policy_add(field, value, true, error);
}

bool session_take_deny(const char *value, void *field, GError **error)
{
	return policy_add(field, value, false, error);
}

/* An address goes to its family's place, a name to the interface's. */
bool session_take_outbound(const char *value, void *field, GError **error)
{
	struct session_config *config = field;
	struct address address;

	if (!address_parse(value, &address))
		return value_take_interface(value, &config->outbound_interface, error);
	if (address_is_unspecified(&address) || address_is_multicast(&address)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "needs an address that this host has, or an interface");
		return false;
	}
	address = address_unmapped(&address);
	if (address.family == AF_INET)
		config->outbound_v4 = address;
	else
		config->outbound_v6 = address;
	return true;
}

/* Reads "ADDR", "ADDR:PORT" or "[v6]:PORT". */
static bool parse_dns_server(const char *value, struct endpoint *ret_server)
{
	g_autofree char *text = g_strdup(value);
	guint64 port = DNS_PORT;
	char *colon;

	if (!address_parse(text, &ret_server->address)) {
		colon = strrchr(text, ':');
		if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
			return false;
		*colon = '\0';
		if (!address_parse(text, &ret_server->address) ||
		    (ret_server->address.family == AF_INET6 && text[0] != '['))
			return false;
	}
	ret_server->address = address_unmapped(&ret_server->address);
	ret_server->port = (uint16_t)port;
	return true;
}

bool session_take_dns(const char *value, void *field, GError **error)
{
	struct session_config *config = field;
	struct endpoint server;

	if (strcmp(value, "none") == 0) {
		config->dns = false;
		return true;
	}
	if (!parse_dns_server(value, &server) || address_is_unspecified(&server.address) ||
	    address_is_multicast(&server.address)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "needs the IP address of a DNS server, or \"none\"");
		return false;
	}
	if (server.address.family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&server.address.v6)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "a link-local address says nothing without its interface; name such a "
			  "server in /etc/resolv.conf");
		return false;
	}
	if (config->dns_servers->len >= DNS_SERVERS_MAX) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "at most %d DNS servers can be named",
			  DNS_SERVERS_MAX);
		return false;
	}
	g_array_append_val(config->dns_servers, server);
	return true;
}

bool session_take_device(const char *value, void *field, GError **error)
{
	static const struct value_choice kinds[] = {
		{ "auto", DEVICE_AUTO },
		{ "tap", DEVICE_TAP },
		{ "veth", DEVICE_VETH },
	};
	int kind;

	if (!value_choose(value, kinds, ARRAY_SIZE(kinds), &kind, error))
		return false;
	*(enum device_kind *)field = (enum device_kind)kind;
	return true;
}

bool session_take_map_root(const char *value, void *field, GError **error)
{
	(void)value;
	(void)error;
	*(enum user_map *)field = USER_MAP_ROOT;
	return true;
}

bool session_take_map_current(const char *value, void *field, GError **error)
{
	(void)value;
	(void)error;
	*(enum user_map *)field = USER_MAP_CURRENT;
	return true;
}

bool session_take_map_auto(const char *value, void *field, GError **error)
{
	(void)value;
	(void)error;
	*(enum user_map *)field = USER_MAP_AUTO;
	return true;
}
