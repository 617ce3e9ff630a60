/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of the drop-in for slirp4netns(1). Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "options/options.h"
#include "session/session_config.h"

enum slirp4netns_target {
	SLIRP4NETNS_PID,
	SLIRP4NETNS_PATH,
	SLIRP4NETNS_TAP_FD,
	SLIRP4NETNS_BESS,
};

struct slirp4netns_invocation {
	struct session_config config; /* its configure is -c, its device DEVICE_AUTO */
	enum slirp4netns_target target;
	pid_t pid;	   /* SLIRP4NETNS_PID */
	int tap_fd;	   /* SLIRP4NETNS_TAP_FD */
	char *path;	   /* SLIRP4NETNS_PATH, SLIRP4NETNS_BESS */
	char *userns_path; /* or NULL */
	char *api_socket;  /* or NULL */
	int exit_fd;	   /* -1: none */
	int ready_fd;	   /* -1: none */
	bool help;	   /* --help or --version: nothing else in here counts */
	bool version;
};

extern const struct command_spec slirp4netns_command_spec;

/*
 * Fills *ret_invocation (to be cleared in either case). Returns false with error set. Warnings go
 * to *ret_warnings (owned text of lines that each end in a newline, or NULL).
 */
bool slirp4netns_options_parse(int argc, char **argv, struct slirp4netns_invocation *ret_invocation,
			       char **ret_warnings, GError **error);

/* Frees what the fields own. */
void slirp4netns_invocation_clear(struct slirp4netns_invocation *invocation);
