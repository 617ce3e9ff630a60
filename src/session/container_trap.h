/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a container's calls are trapped: set up by its first process, then taken over from it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "syscall/filter.h"

/* What is wanted of the first process. */
struct trap_request {
	bool wanted;
	bool required; /* else a container whose calls can't be trapped is as good */
	enum filter_kind kind;
};

struct trap {
	int listener;	 /* of the filter; -1: no call is trapped */
	int route_probe; /* a route_socket of the container, or -1 */
	bool walled;	 /* no task of it can bind or connect TCP by itself */
	pid_t pid;	 /* the container's first process */
};

/* No call is trapped. */
void trap_init(struct trap *trap);

/* Closes the descriptors. */
void trap_clear(struct trap *trap);

/*
 * In the container's first process: installs the filter for this thread and what it will execute.
 * Its trapped calls wait from then on until somebody answers at the listener. The descriptors are
 * close-on-exec. Returns false with error set; then nothing is trapped.
 */
bool trap_set_up(enum filter_kind kind, struct trap *ret_trap, GError **error);

/*
 * In slirpway: copies the descriptors that theirs names out of the process of pidfd. Returns false
 * with error set.
 */
bool trap_take(int pidfd, const struct trap *theirs, struct trap *ret_trap, GError **error);
