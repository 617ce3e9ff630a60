/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts this program once more, as the packet engine. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* The number under which the engine finds its end of the socket. */
#define ENGINE_SOCKET_DESCRIPTOR 3

/* A running engine; whoever has it must reap it. */
struct engine_child {
	pid_t pid;
	int pidfd;  /* CLOEXEC */
	int socket; /* the session's end, CLOEXEC */
};

/*
 * Runs "/proc/self/exe --engine" in a session of its own (so that no terminal stops it), with the
 * engine's end of a new socket pair and standard error as all that it inherits. It ends with the
 * calling thread. Returns false with error set.
 */
bool engine_spawn(struct engine_child *ret_child, GError **error);
