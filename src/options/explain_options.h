/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of explain. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "options/options.h"

struct explain_invocation {
	char **paths;		/* modes of run, in the order of the runs; owned */
	GPtrArray *run_options; /* const char *, borrowed: for slirpway run */
	char *input;		/* the file that COMMAND reads; NULL: none; owned */
	char *html;		/* the page's file; NULL: none; owned */
	uint32_t events;	/* how many of each kind are listed */
	bool each_frame;
	bool json;
	bool show_output;
	bool world;
	double rtt_ms;	/* of the test world; < 0: not given */
	char **command; /* COMMAND and its arguments: borrowed texts, owned array */
	bool help;	/* --help: nothing else in here counts */
};

extern const struct command_spec explain_command_spec;

/*
 * Fills *ret_invocation (to be cleared in either case after it was called). Returns false with
 * error set.
 */
bool explain_options_parse(int argc, char **argv, struct explain_invocation *ret_invocation,
			   GError **error);

void explain_invocation_clear(struct explain_invocation *invocation);
