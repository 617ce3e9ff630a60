/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option table of the workload program: one row is name, kind of value, field and help. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "workload/options.h"

enum value_kind {
	VALUE_FLAG,
	VALUE_TEXT,
	VALUE_ADDRESS,
	VALUE_PORT,
	VALUE_COUNT,
	VALUE_SECONDS,
	VALUE_DESCRIPTOR,
	VALUE_DIRECTION,
};

#define FIELD(name) offsetof(struct workload_options, name)
#define BIT(mode) (1u << (mode))

/* Which modes an option means something to. */
enum mode_set {
	SERVER = BIT(MODE_SERVER),
	BULK = BIT(MODE_STREAM) | BIT(MODE_CHECKSUM),
	REPEATED = BIT(MODE_RR) | BIT(MODE_CONNECT) | BIT(MODE_NAMES),
	IDLE = BIT(MODE_IDLE),
	HOLD = BIT(MODE_HOLD),
	UDP = BIT(MODE_UDP),
	NAMES = BIT(MODE_NAMES),
	CLIENTS = BULK | REPEATED | IDLE | HOLD | UDP,
	ALL = SERVER | CLIENTS,
};

struct option_row {
	const char *name;
	enum value_kind kind;
	size_t field; /* offset into struct workload_options */
	unsigned int modes;
	const char *help;
};

static const struct option_row rows[] = {
	{ "address", VALUE_ADDRESS, FIELD(address), ALL,
	  "A  numeric address of the server (127.0.0.1); names: asked for its usage" },
	{ "port", VALUE_PORT, FIELD(port), ALL,
	  "P  its port (5202); the server takes a free one for 0" },
	{ "dns-port", VALUE_PORT, FIELD(dns_port), SERVER,
	  "P  server: answers every question for an IPv4 address here" },
	{ "connections", VALUE_COUNT, FIELD(connections), SERVER,
	  "N  server: connections at a time at most (16384)" },
	{ "direction", VALUE_DIRECTION, FIELD(direction), BULK | UDP, "D  up, down or both (up)" },
	{ "flows", VALUE_COUNT, FIELD(flows), BULK | REPEATED,
	  "N  connections, or clients at the same time (1)" },
	{ "count", VALUE_COUNT, FIELD(count), REPEATED | IDLE | HOLD,
	  "N  idle, hold: connections (1000); else: stop after N" },
	{ "bytes", VALUE_COUNT, FIELD(bytes), BULK, "N  stream, checksum: payload of each flow" },
	{ "time", VALUE_SECONDS, FIELD(duration), CLIENTS & ~HOLD, "S  seconds to run (5)" },
	{ "timeout", VALUE_SECONDS, FIELD(timeout), ALL,
	  "S  give up after S seconds of silence (30)" },
	{ "rate", VALUE_COUNT, FIELD(rate), UDP, "N  udp: datagrams per second (as many as go)" },
	{ "size", VALUE_COUNT, FIELD(size), BULK | UDP,
	  "N  bytes of a send (131072) or datagram (1472)" },
	{ "seed", VALUE_COUNT, FIELD(seed), BULK, "N  checksum: seed of the payload (1)" },
	{ "congestion", VALUE_TEXT, FIELD(congestion), ALL,
	  "C  congestion control of the sockets" },
	{ "resolver", VALUE_ADDRESS, FIELD(resolver), NAMES,
	  "A  names: DNS server, in place of /etc/resolv.conf's" },
	{ "resolver-port", VALUE_PORT, FIELD(resolver_port), NAMES, "P  names: its port (53)" },
	{ "domain", VALUE_TEXT, FIELD(domain), NAMES,
	  "D  names: what the names end in (slirpway.test)" },
	{ "ready-fd", VALUE_DESCRIPTOR, FIELD(ready_fd), SERVER | IDLE | HOLD,
	  "F  descriptor for a line when all is set up: port or connections" },
	{ "text", VALUE_FLAG, FIELD(text), CLIENTS, "   lines for people in place of JSON" },
};

/* A whole number with an optional k, M or G (powers of 1024). */
static bool parse_count(const char *text, uint64_t *ret_value)
{
	static const char suffixes[] = "kMG";
	char *end = NULL;
	unsigned int shift = 0;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (errno || end == text || text[0] == '-')
		return false;
	if (*end) {
		const char *suffix = strchr(suffixes, *end);
		if (!suffix || end[1])
			return false;
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
	}
	if (value > (UINT64_MAX - 1) >> shift)
		return false;
	*ret_value = (uint64_t)value << shift;
	return true;
}

static bool parse_seconds(const char *text, uint64_t *ret_nanoseconds)
{
	char *end = NULL;

	errno = 0;
	double value = strtod(text, &end);
	if (errno || end == text || *end || !(value > 0 && value <= 86400))
		return false;
	*ret_nanoseconds = (uint64_t)(value * (double)NANOSECONDS_PER_SECOND);
	return true;
}

static bool parse_direction(const char *text, enum direction *ret_direction)
{
	static const char *const names[] = {
		[DIRECTION_UP] = "up",
		[DIRECTION_DOWN] = "down",
		[DIRECTION_BOTH] = "both",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_direction = (enum direction)i;
			return true;
		}
	}
	return false;
}

static bool parse_small(const char *text, uint64_t max, uint64_t *ret_value)
{
	return parse_count(text, ret_value) && *ret_value <= max;
}

static bool parse_value(const struct option_row *row, const char *text, void *field)
{
	struct in6_addr address[1];
	uint64_t number;

	switch (row->kind) {
	case VALUE_FLAG:
		*(bool *)field = true;
		return true;
	case VALUE_TEXT:
		*(const char **)field = text;
		return true;
	case VALUE_ADDRESS:
		*(const char **)field = text;
		return inet_pton(AF_INET, text, address) == 1 ||
		       inet_pton(AF_INET6, text, address) == 1;
	case VALUE_PORT:
		if (!parse_small(text, UINT16_MAX, &number))
			return false;
		*(uint16_t *)field = (uint16_t)number;
		return true;
	case VALUE_COUNT:
		if (!parse_count(text, &number) || number == 0)
			return false;
		*(uint64_t *)field = number;
		return true;
	case VALUE_SECONDS:
		return parse_seconds(text, field);
	case VALUE_DESCRIPTOR:
		if (!parse_small(text, INT32_MAX, &number))
			return false;
		*(int *)field = (int)number;
		return true;
	case VALUE_DIRECTION:
		return parse_direction(text, field);
	}
	return false;
}

static const struct workload_options defaults = {
	.port = 5202,
	.direction = DIRECTION_UP,
	.flows = 1,
	.count = NO_LIMIT,
	.connections = 16384,
	.bytes = NO_LIMIT,
	.duration = 5 * NANOSECONDS_PER_SECOND,
	.timeout = 30 * NANOSECONDS_PER_SECOND,
	.rate = NO_LIMIT,
	.seed = 1,
	.resolver_port = 53,
	.domain = "slirpway.test",
	.ready_fd = -1,
};

static void make_table(struct option table[static ARRAY_SIZE(rows) + 1])
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		table[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].kind == VALUE_FLAG ? no_argument : required_argument,
		};
	}
	table[ARRAY_SIZE(rows)] = (struct option){ 0 };
}

/* What is wrong only in company. */
static bool check_together(const struct workload_options *options)
{
	if (options->mode == MODE_UDP && options->direction == DIRECTION_BOTH)
		return workload_complain("udp goes up or down, not both");
	if (options->mode == MODE_STREAM && options->direction == DIRECTION_BOTH &&
	    options->bytes == NO_LIMIT)
		return workload_complain("--direction both needs --bytes");
	if (options->resolver_port == 0)
		return workload_complain("--resolver-port: 0 is no port to ask");
	if (options->resolver_port != defaults.resolver_port && !options->resolver)
		return workload_complain("--resolver-port needs --resolver");
	return true;
}

bool options_parse(enum workload_mode mode, const char *mode_name, int argc, char **argv,
		   struct workload_options *ret_options)
{
	struct workload_options options = defaults;
	struct option table[ARRAY_SIZE(rows) + 1];
	int index = 0;
	int found;

	options.mode = mode;
	make_table(table);
	optind = 0; /* a fresh start, getopt(3) */
	while ((found = getopt_long(argc, argv, "", table, &index)) != -1) {
		if (found != 0)
			return false;
		const struct option_row *row = &rows[index];
		if (!(row->modes & BIT(mode)))
			return workload_complain("--%s means nothing to %s", row->name, mode_name);
		if (!parse_value(row, optarg, (char *)&options + row->field))
			return workload_complain("--%s: \"%s\" is out of range or not understood",
						 row->name, optarg);
	}
	if (optind < argc)
		return workload_complain("unexpected argument \"%s\"", argv[optind]);
	if (!options.address && mode != MODE_NAMES)
		options.address = "127.0.0.1";
	*ret_options = options;
	return check_together(ret_options);
}

void options_print_help(void)
{
	puts("\nOptions:");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		printf("  --%-14s%s\n", rows[i].name, rows[i].help);
	puts("  --help, --version");
}
