/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places and their addresses; addresses back to names. */

#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#define MAPPED_PREFIX "::ffff:"

/* Ports from here on are the kernel's choice, and not printed. */
#define PORT_EPHEMERAL 32768

static const struct {
	const char *variable; /* of the environment; NULL: the address is fixed */
	const char *address;  /* else a prefix to it */
	int family;
} places[PLACES] = {
	[REMOTE4] = { "WORLD_REMOTE4", "", AF_INET },
	[REMOTE6] = { "WORLD_REMOTE6", "", AF_INET6 },
	[REMOTE_MAPPED] = { "WORLD_REMOTE4", MAPPED_PREFIX, AF_INET6 },
	[SILENT4] = { "SCRIPT_SILENT4", "", AF_INET },
	[SILENT6] = { "SCRIPT_SILENT6", "", AF_INET6 },
	[NO_ROUTE4] = { NULL, "203.0.113.1", AF_INET },
	[NO_ROUTE6] = { NULL, "2001:db8:f::1", AF_INET6 },
	[NO_HOST4] = { NULL, "203.0.113.33", AF_INET },
	[PROHIBITED4] = { NULL, "203.0.113.65", AF_INET },
	[FAR_AWAY4] = { NULL, "203.0.113.129", AF_INET },
	[LOOPBACK4] = { NULL, "127.0.0.1", AF_INET },
	[LOOPBACK6] = { NULL, "::1", AF_INET6 },
	[LOOPBACK_MAPPED] = { NULL, MAPPED_PREFIX "127.0.0.1", AF_INET6 },
	[ANY4] = { NULL, "0.0.0.0", AF_INET },
	[ANY6] = { NULL, "::", AF_INET6 },
	[ANY_MAPPED] = { NULL, MAPPED_PREFIX "0.0.0.0", AF_INET6 },
	[OWN4] = { "SCRIPT_OWN4", "", AF_INET },
	[OWN6] = { "SCRIPT_OWN6", "", AF_INET6 },
	[OWN_MAPPED] = { "SCRIPT_OWN4", MAPPED_PREFIX, AF_INET6 },
	[ELSEWHERE4] = { NULL, "192.0.2.77", AF_INET },
	[ELSEWHERE6] = { NULL, "2001:db8:e::77", AF_INET6 },
};

/* The host's own address is "own" too: it is what sockets of the host have. */
static const struct {
	const char *name;
	const char *variable;
	const char *address;
} names[] = {
	{ "remote", "WORLD_REMOTE4", NULL },  { "remote", "WORLD_REMOTE6", NULL },
	{ "own", "SCRIPT_OWN4", NULL },	      { "own", "SCRIPT_OWN6", NULL },
	{ "own", "WORLD_HOST4", NULL },	      { "own", "WORLD_HOST6", NULL },
	{ "loopback", NULL, "127.0.0.1" },    { "loopback", NULL, "::1" },
	{ "any", NULL, "0.0.0.0" },	      { "any", NULL, "::" },
	{ "silent", "SCRIPT_SILENT4", NULL }, { "silent", "SCRIPT_SILENT6", NULL },
};

static const char *environment(const char *variable)
{
	const char *value = getenv(variable);

	if (value)
		return value;
	fprintf(stderr, "socket_script: %s is not set\n", variable);
	exit(2);
}

int place_family(enum place place)
{
	return places[place].family;
}

socklen_t place_address(enum place place, uint16_t port, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	char text[128];

	snprintf(text, sizeof(text), "%s%s", places[place].address,
		 places[place].variable ? environment(places[place].variable) : "");
	memset(ret_address, 0, sizeof(*ret_address));
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(ret_address, &v4, sizeof(v4));
		return sizeof(v4);
	}
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
		memcpy(ret_address, &v6, sizeof(v6));
		return sizeof(v6);
	}
	fprintf(stderr, "socket_script: \"%s\" is no address\n", text);
	exit(2);
}

static const char *host_name(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *address =
			names[i].variable ? getenv(names[i].variable) : names[i].address;

		if (address && strcmp(address, text) == 0)
			return names[i].name;
	}
	return "unknown";
}

static const char *port_text(uint16_t port, char buffer[static 16])
{
	if (port >= PORT_EPHEMERAL)
		return "ephemeral";
	snprintf(buffer, 16, "%u", port);
	return buffer;
}

const char *address_text(const struct sockaddr_storage *address, char buffer[static 64])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	char text[INET6_ADDRSTRLEN], port[16];
	const char *prefix = "";
	const char *host = text;

	if (address->ss_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		port_text(ntohs(v4->sin_port), port);
		snprintf(buffer, 64, "%s %s", host_name(text),
			 port_text(ntohs(v4->sin_port), port));
		return buffer;
	}
	if (address->ss_family != AF_INET6) {
		snprintf(buffer, 64, "family %d", address->ss_family);
		return buffer;
	}
	inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		prefix = "mapped ";
		host = text + strlen(MAPPED_PREFIX);
	}
	snprintf(buffer, 64, "%s%s %s", prefix, host_name(host),
		 port_text(ntohs(v6->sin6_port), port));
	return buffer;
}
