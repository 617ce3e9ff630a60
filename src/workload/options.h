/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the workload program. */
#pragma once

#include "workload/workload.h"

/*
 * Fills *ret_options for the mode from argv[1..], with defaults for what is not said. Complains and
 * returns false on a left-over argument, on an option or value that is wrong, and on an option that
 * means nothing to this mode, which is called by its name.
 */
bool options_parse(enum workload_mode mode, const char *mode_name, int argc, char **argv,
		   struct workload_options *ret_options);

/* Prints the options and what they mean to standard output. */
void options_print_help(void);
