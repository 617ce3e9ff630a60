/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option table of the delay relay: one row is name, kind of value, field and range. */

#include "config.h"

#include <getopt.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "relay/options.h"

enum value_kind {
	VALUE_TEXT,
	VALUE_INTERFACE,
	VALUE_UINT64, /* a number times unit */
	VALUE_SIZE,   /* the same, in a size_t */
	VALUE_DESCRIPTOR,
	VALUE_FLAG,
};

struct option_row {
	const char *name;
	enum value_kind kind;
	size_t field; /* offset into struct relay_options */
	double min;
	double max;
	double unit;
};

#define FIELD(name) offsetof(struct relay_options, name)

static const struct option_row rows[] = {
	{ "netns-a", VALUE_TEXT, FIELD(netns[0]), 0, 0, 0 },
	{ "netns-b", VALUE_TEXT, FIELD(netns[1]), 0, 0, 0 },
	{ "name-a", VALUE_INTERFACE, FIELD(interface[0]), 0, 0, 0 },
	{ "name-b", VALUE_INTERFACE, FIELD(interface[1]), 0, 0, 0 },
	{ "delay-ms", VALUE_UINT64, FIELD(line.delay), 0, 60000, 1e6 },
	{ "rate-mbit", VALUE_UINT64, FIELD(line.rate), 0.001, 1e6, 1e6 },
	{ "queue-mbyte", VALUE_SIZE, FIELD(line.queue_size), 0.01, 4096, 1 << 20 },
	{ "ready-fd", VALUE_DESCRIPTOR, FIELD(ready_fd), 0, 1 << 20, 1 },
	{ "help", VALUE_FLAG, FIELD(help), 0, 0, 0 },
};

const char relay_options_help[] =
	"Usage: slirpway-delay-relay [--netns-a PATH] [--netns-b PATH] [--name-a IF] [--name-b "
	"IF]\n"
	"         [--delay-ms MS] [--rate-mbit N] [--queue-mbyte N] [--ready-fd FD]\n\n"
	"Creates tap IF (relay0) in both network namespaces (the one it starts in) and carries\n"
	"frames between them, each way MS late (0) and at most N Mbit/s fast; of frames that wait\n"
	"it keeps N MiB (64) each way and drops the rest. Writes a newline to FD when the taps "
	"are\n"
	"there. It ends on SIGTERM or SIGINT, or when a tap is deleted; the taps are gone then, "
	"and\n"
	"it prints how much it has carried.\n";

static bool parse_number(const struct option_row *row, const char *text, double *ret_value,
			 GError **error)
{
	char *end = NULL;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= row->min && value <= row->max)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "--%s: \"%s\" is not a number from %g to %g",
			  row->name, text, row->min, row->max);
		return false;
	}
	*ret_value = value * row->unit;
	return true;
}

static bool parse_interface(const char *text, const char **ret_name, GError **error)
{
	if (*text && strlen(text) < IFNAMSIZ) {
		*ret_name = text;
		return true;
	}
	error_set(error, SLIRPWAY_ERROR_USAGE, "\"%s\" is no name of an interface", text);
	return false;
}

static bool apply(const struct option_row *row, const char *text, void *field, GError **error)
{
	double number = 0;

	switch (row->kind) {
	case VALUE_TEXT:
		*(const char **)field = text;
		return true;
	case VALUE_INTERFACE:
		return parse_interface(text, field, error);
	case VALUE_FLAG:
		*(bool *)field = true;
		return true;
	case VALUE_UINT64:
	case VALUE_SIZE:
	case VALUE_DESCRIPTOR:
		break;
	}
	if (!parse_number(row, text, &number, error))
		return false;
	if (row->kind == VALUE_UINT64)
		*(uint64_t *)field = (uint64_t)number;
	else if (row->kind == VALUE_SIZE)
		*(size_t *)field = (size_t)number;
	else
		*(int *)field = (int)number;
	return true;
}

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

bool relay_options_parse(int argc, char **argv, struct relay_options *ret_options, GError **error)
{
	struct relay_options options = {
		.interface = { "relay0", "relay0" },
		.line.queue_size = 64 << 20,
		.ready_fd = -1,
	};
	struct option table[ARRAY_SIZE(rows) + 1];
	int index = 0;
	int found;

	make_table(table);
	optind = 0; /* a fresh start, getopt(3) */
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":", table, &index)) != -1) {
		if (found != 0) {
			error_set(error, SLIRPWAY_ERROR_USAGE, "%s %s", argv[optind - 1],
				  found == ':' ? "needs a value"
					       : "is no option; --help lists them");
			return false;
		}
		if (!apply(&rows[index], optarg, (char *)&options + rows[index].field, error))
			return false;
	}
	if (optind < argc) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "unexpected argument \"%s\"", argv[optind]);
		return false;
	}
	*ret_options = options;
	return true;
}
