/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the commands that speak to sessions: operands and --json. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "options/options.h"

struct client_options {
	bool json;
	char **operands; /* borrowed texts in an owned array, NULL-terminated */
	guint count;
};

/* The only option that they have; for their command_spec. */
extern const struct option_spec client_option_rows[];

/*
 * Reads the command line of spec, which takes minimum to maximum operands. Returns true with
 * *ret_options filled (clear it with g_free of its operands); or false with *ret_status set to the
 * exit status, after it has printed the help that was asked for, or the error.
 */
bool client_options_read(const struct command_spec *spec, int argc, char **argv, guint minimum,
			 guint maximum, struct client_options *ret_options, int *ret_status);
