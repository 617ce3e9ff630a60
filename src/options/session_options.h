/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of run and attach. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/log.h"
#include "options/options.h"
#include "session/session_config.h"

/* What run or attach was asked to do. */
struct invocation {
	struct session_config config;
	char **command;	   /* run: COMMAND and its arguments, borrowed from argv; NULL-terminated;
			      the array is owned */
	char *netns_path;  /* attach: a path, or NULL */
	char *userns_path; /* attach: or NULL */
	pid_t pid;	   /* attach: a process, or 0 */
	int ready_fd;	   /* -1: none; one byte '1' is written to it when the network works */
	enum log_level log_level; /* for log_set_level */
	bool help;		  /* --help: nothing else in here counts */
};

extern const struct command_spec run_command_spec;
extern const struct command_spec attach_command_spec;

/*
 * Both fill *ret_invocation (to be cleared in either case after they were called); attach's mode is
 * auto or packet. Return false with error set.
 */
bool session_options_parse_run(int argc, char **argv, struct invocation *ret_invocation,
			       GError **error);
bool session_options_parse_attach(int argc, char **argv, struct invocation *ret_invocation,
				  GError **error);

/* Frees what the fields own. */
void invocation_clear(struct invocation *invocation);
