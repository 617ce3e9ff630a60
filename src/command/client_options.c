/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the commands that speak to sessions: operands and --json. */

#include "config.h"

#include "base/error.h"
#include "command/client_options.h"
#include "command/report.h"
#include "options/values.h"

const struct option_spec client_option_rows[] = {
	{ 0, "json", NULL, value_take_true, offsetof(struct client_options, json), "print JSON" },
	{ .name = NULL },
};

static int print_help(const struct command_spec *spec)
{
	g_autofree char *help = options_help(spec, "slirpway");

	return report_text(spec->name, help);
}

static int report_operands(const struct command_spec *spec)
{
	g_autoptr(GError) error = NULL;

	error_set(&error, SLIRPWAY_ERROR_USAGE, "usage: slirpway %s %s", spec->name,
		  spec->synopsis);
	return report_error(spec->name, error);
}

bool client_options_read(const struct command_spec *spec, int argc, char **argv, guint minimum,
			 guint maximum, struct client_options *ret_options, int *ret_status)
{
	struct client_options options = { .json = false };
	g_autofree char **operands = NULL;
	g_autoptr(GError) error = NULL;
	bool help = false;

	if (!options_parse(spec, argc, argv, false, &options, &operands, &help, &error)) {
		*ret_status = report_error(spec->name, error);
		return false;
	}
	options.count = g_strv_length(operands);
	if (help || options.count < minimum || options.count > maximum) {
		*ret_status = help ? print_help(spec) : report_operands(spec);
		return false;
	}
	options.operands = g_steal_pointer(&operands);
	*ret_options = options;
	return true;
}
