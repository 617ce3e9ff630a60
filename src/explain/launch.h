/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts slirpway run for a recording, with this very program. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "session/signals.h"

struct launch {
	const char *path;		/* "packet", "hybrid", "syscall": the mode */
	const char *name;		/* of the session */
	const char *capture_file;	/* for --pcap */
	const char *trace_file;		/* for --trace */
	const char *const *run_options; /* further ones; NULL-terminated */
	char *const *command;		/* NULL-terminated */
	const struct signals *signals;	/* what the child restores */
	int input;			/* its standard input */
	int messages;			/* its standard output and error */
	int output;			/* COMMAND's standard output and error */
	int socket;			/* its end of the pair (program.h) */
};

/* All descriptors stay the caller's. Returns the process's id, or -1 with error set. */
pid_t launch_run(const struct launch *launch, GError **error);
