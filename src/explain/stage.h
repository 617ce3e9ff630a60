/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A test world to explain commands in: world/world.h with a server on its remote machine. */
#pragma once

#include <glib.h>

struct stage_request {
	double rtt_ms; /* to the remote; 0: as short as can be */
	int (*perform)(void *data);
	void *data;
};

/*
 * Builds the world, has perform run in a process that is an ordinary user on its host, and takes
 * the world away. Returns what perform did, an exit status; or -1 with error set where there is no
 * world. To be called before this process makes threads or takes signals.
 */
int stage_run(const struct stage_request *request, GError **error);
