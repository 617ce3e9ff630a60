/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Published ports as values: parsing and printing of "[HOSTIP:]HOSTPORT:PORT[/tcp|udp]". */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/forward.h"
#include "base/util.h"

#define PORT_MAX 65535

static const struct {
	const char *name;
	uint8_t protocol;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
};

/* Neighbouring ports, both ends included. */
struct port_range {
	uint16_t first;
	uint16_t last;
};

/* Takes "/udp" off the end of text. */
static bool take_protocol(char *text, uint8_t *ret_protocol, GError **error)
{
	char *slash = strrchr(text, '/');

	*ret_protocol = IPPROTO_TCP;
	if (!slash)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(slash + 1, protocols[i].name) == 0) {
			*ret_protocol = protocols[i].protocol;
			*slash = '\0';
			return true;
		}
	}
	error_set(error, SLIRPWAY_ERROR_USAGE, "protocol \"%s\" is neither tcp nor udp", slash + 1);
	return false;
}

static bool parse_port(const char *text, uint16_t *ret_port, GError **error)
{
	guint64 port;

	if (!g_ascii_string_to_unsigned(text, 10, 1, PORT_MAX, &port, NULL)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "\"%s\" is not a port: a number from 1 to %d is needed", text, PORT_MAX);
		return false;
	}
	*ret_port = (uint16_t)port;
	return true;
}

/* Reads "80" or "80-89"; cuts text. */
static bool parse_port_range(char *text, struct port_range *ret_range, GError **error)
{
	char *dash = strchr(text, '-');
	struct port_range range;

	if (dash)
		*dash = '\0';
	if (!parse_port(text, &range.first, error))
		return false;
	range.last = range.first;
	if (dash && !parse_port(dash + 1, &range.last, error))
		return false;
	if (range.last < range.first) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "port range %u-%u runs backwards",
			  range.first, range.last);
		return false;
	}
	*ret_range = range;
	return true;
}

/* Cuts text at its last colon and returns what follows, or NULL if there is none. */
static char *take_last_field(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static bool parse_host_address(const char *text, struct address *ret_address, GError **error)
{
	struct address address;

	if (!address_parse(text, &address)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "host address \"%s\" is no IP address",
			  text);
		return false;
	}
	if (address.family == AF_INET6 && text[0] != '[') {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "an IPv6 host address needs brackets: \"[%s]\"", text);
		return false;
	}
	*ret_address = address_unmapped(&address);
	return true;
}

/* Reads "[HOSTIP:]HOSTPORT" into the address and the range; cuts text. */
static bool parse_host(char *text, struct address *ret_address, struct port_range *ret_range,
		       GError **error)
{
	const struct address any_v4 = { .family = AF_INET };
	char *ports = take_last_field(text);

	if (!ports) {
		*ret_address = any_v4;
		return parse_port_range(text, ret_range, error);
	}
	return parse_host_address(text, ret_address, error) &&
	       parse_port_range(ports, ret_range, error);
}

GArray *forward_parse(const char *spec, GError **error)
{
	g_autofree char *text = g_strdup(spec);
	struct forward forward = { .id = 0 };
	struct port_range host, guest;
	char *guest_text;
	GArray *forwards;

	if (!take_protocol(text, &forward.protocol, error))
		return NULL;
	guest_text = take_last_field(text);
	/* A bracket at the end of either part is that of an address, so that a port is missing. */
	if (!guest_text || text[0] == '\0' || g_str_has_suffix(text, "]") ||
	    g_str_has_suffix(guest_text, "]")) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "a published port is written [HOSTIP:]HOSTPORT:PORT[/tcp|udp]");
		return NULL;
	}
	if (!parse_port_range(guest_text, &guest, error) ||
	    !parse_host(text, &forward.host.address, &host, error))
		return NULL;
	if (host.last - host.first != guest.last - guest.first) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "port ranges %u-%u and %u-%u differ in length", host.first, host.last,
			  guest.first, guest.last);
		return NULL;
	}
	forwards = g_array_new(FALSE, TRUE, sizeof(struct forward));
	for (int i = 0; i <= host.last - host.first; i++) {
		forward.host.port = (uint16_t)(host.first + i);
		forward.guest.port = (uint16_t)(guest.first + i);
		g_array_append_val(forwards, forward);
	}
	return forwards;
}

bool forward_same_host(const struct forward *a, const struct forward *b)
{
	return a->protocol == b->protocol && endpoint_equal(&a->host, &b->host);
}

const char *forward_format(const struct forward *forward, char buffer[static FORWARD_TEXT_MAX])
{
	char host[ADDRESS_TEXT_MAX], guest[ADDRESS_TEXT_MAX];

	endpoint_format(&forward->host, host);
	if (forward->guest.address.family == AF_UNSPEC)
		snprintf(guest, sizeof(guest), "container:%u", forward->guest.port);
	else
		endpoint_format(&forward->guest, guest);
	snprintf(buffer, FORWARD_TEXT_MAX, "%s %s -> %s", protocol_name(forward->protocol), host,
		 guest);
	return buffer;
}

const char *protocol_name(uint8_t protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (protocols[i].protocol == protocol)
			return protocols[i].name;
	}
	return "unknown";
}
