/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of slirpway compare. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/address.h"
#include "compare/plan.h"

struct compare_options {
	struct plan_request plan; /* owned, but for what is allowed */
	GPtrArray *from;	  /* paths of results to draw again, owned */
	char *out;		  /* a directory, or NULL */
	char *server;		  /* the address of one, or NULL */
	guint port;
	char *slirpway; /* the program to measure, or NULL: this one */
	bool json, world;
	char **command; /* of --world: borrowed texts in an owned array */
};

/*
 * Reads the command line. Returns true with *ret_options filled, which compare_options_clear
 * empties; or false with *ret_status set, after the help was printed that was asked for, or the
 * error.
 */
bool compare_options_read(int argc, char **argv, struct compare_options *ret_options,
			  int *ret_status);
void compare_options_clear(struct compare_options *options);
