/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts this program once more, as one of the worker processes of a session. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "session/worker_kind.h"

/* The number under which a worker finds its end of the socket. */
#define WORKER_SOCKET_DESCRIPTOR 3

/* A running worker; whoever has it must reap it. */
struct worker_child {
	pid_t pid;
	int pidfd;  /* CLOEXEC */
	int socket; /* the session's end, CLOEXEC */
};

/*
 * Runs "/proc/self/exe ARGUMENT LEVEL" (the argument of kind, the log level's word) in a session of
 * its own (so that no terminal stops it), with the worker's end of a new socket pair and standard
 * error as all that it inherits. It ends with the calling thread. Returns false with error set.
 */
bool worker_spawn(const struct worker_kind *kind, struct worker_child *ret_child, GError **error);
