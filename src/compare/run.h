/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of one thing over one path. */
#pragma once

#include <glib.h>

#include "compare/plan.h"
#include "compare/sample.h"
#include "world/world.h"

/* Where it is done; everything is borrowed. */
struct run_place {
	const struct world *world; /* NULL: on the real host, as the calling user */
	const char *address;	   /* of the server */
	guint port;
	pid_t server;		/* 0: it is elsewhere */
	const char *congestion; /* of the world */
	double rtt;		/* ms */
	double seconds;		/* that the work takes */
};

/*
 * Makes a container with the path's network, has the client work in it, and takes everything away
 * again. The sample says in why if that failed, or that the run does not count; the caller's.
 */
struct sample *run_cell(const struct run_place *place, const struct plan_cell *cell, guint round);

/* The sample of a run that was not made, for the reason that an earlier one failed. */
struct sample *run_skip(const struct run_place *place, const struct plan_cell *cell, guint round,
			const char *reason);
