/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the delay relay. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "relay/delay_line.h"

/* The ends of the line. */
#define END_COUNT 2

struct relay_options {
	const char *netns[END_COUNT];	  /* paths, NULL: the namespace the relay starts in */
	const char *interface[END_COUNT]; /* names of the taps */
	struct line_settings line;
	int ready_fd; /* told when the taps are there, then closed; -1: none */
	bool help;
};

/*
 * Fills *ret_options from argv[1..]; the texts stay argv's. Returns false with error set for what
 * is not understood, out of range or left over.
 */
bool relay_options_parse(int argc, char **argv, struct relay_options *ret_options, GError **error);

extern const char relay_options_help[];
