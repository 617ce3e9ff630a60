/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option table of the workload program: one row is name, kind of value, field and help. */

#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/options.h"

enum value_kind {
	VALUE_FLAG,
	VALUE_TEXT,
	VALUE_PORT,
	VALUE_COUNT,
	VALUE_SECONDS,
	VALUE_DESCRIPTOR,
	VALUE_DIRECTION,
};

struct option_row {
	const char *name;
	enum value_kind kind;
	size_t field; /* offset into struct workload_options */
	const char *help;
};

#define FIELD(name) offsetof(struct workload_options, name)

static const struct option_row rows[] = {
	{ "address", VALUE_TEXT, FIELD(address), "A   numeric address of the server (127.0.0.1)" },
	{ "port", VALUE_PORT, FIELD(port),
	  "P   its port (5202); the server takes a free one for 0" },
	{ "direction", VALUE_DIRECTION, FIELD(direction), "D   up, down or both (up)" },
	{ "flows", VALUE_COUNT, FIELD(flows), "N   concurrent connections or clients (1)" },
	{ "count", VALUE_COUNT, FIELD(count), "N   idle: connections; rr, connect: stop after N" },
	{ "bytes", VALUE_COUNT, FIELD(bytes), "N   stream, checksum: payload of each flow" },
	{ "time", VALUE_SECONDS, FIELD(duration), "S   seconds to run (5)" },
	{ "timeout", VALUE_SECONDS, FIELD(timeout), "S   give up after S seconds of silence (30)" },
	{ "rate", VALUE_COUNT, FIELD(rate), "N   udp: datagrams per second (as many as go)" },
	{ "size", VALUE_COUNT, FIELD(size), "N   bytes of a send (131072) or datagram (1472)" },
	{ "seed", VALUE_COUNT, FIELD(seed), "N   checksum: seed of the payload (1)" },
	{ "congestion", VALUE_TEXT, FIELD(congestion), "C   congestion control of the sockets" },
	{ "ready-fd", VALUE_DESCRIPTOR, FIELD(ready_fd),
	  "FD  server: writes its port here when ready" },
	{ "text", VALUE_FLAG, FIELD(text), "print lines for people in place of JSON" },
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

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
	uint64_t number;

	switch (row->kind) {
	case VALUE_FLAG:
		*(bool *)field = true;
		return true;
	case VALUE_TEXT:
		*(const char **)field = text;
		return true;
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

bool options_parse(int argc, char **argv, struct workload_options *ret_options)
{
	struct workload_options options = {
		.address = "127.0.0.1",
		.port = 5202,
		.direction = DIRECTION_UP,
		.flows = 1,
		.count = NO_LIMIT,
		.bytes = NO_LIMIT,
		.duration = 5 * NANOSECONDS_PER_SECOND,
		.timeout = 30 * NANOSECONDS_PER_SECOND,
		.rate = NO_LIMIT,
		.seed = 1,
		.ready_fd = -1,
	};
	struct option table[ROW_COUNT + 1] = { 0 };
	int index = 0;
	int found;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		table[i].name = rows[i].name;
		table[i].has_arg = rows[i].kind == VALUE_FLAG ? no_argument : required_argument;
	}
	while ((found = getopt_long(argc, argv, "", table, &index)) != -1) {
		if (found != 0)
			return false;
		const struct option_row *row = &rows[index];
		if (!parse_value(row, optarg, (char *)&options + row->field))
			return workload_complain("--%s: \"%s\" is out of range or not understood",
						 row->name, optarg);
	}
	if (optind < argc)
		return workload_complain("unexpected argument \"%s\"", argv[optind]);
	*ret_options = options;
	return true;
}

void options_print_help(void)
{
	puts("\nOptions:");
	for (size_t i = 0; i < ROW_COUNT; i++)
		printf("  --%-11s%s\n", rows[i].name, rows[i].help);
}
