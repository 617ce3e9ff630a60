/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the workload program. */
#pragma once

#include "workload/workload.h"

/*
 * Fills *ret_options from argv[1..], with defaults for what is not said. Complains and returns
 * false on a wrong option, value or left-over argument.
 */
bool options_parse(int argc, char **argv, struct workload_options *ret_options);

/* Prints the options and what they mean to standard output. */
void options_print_help(void);
