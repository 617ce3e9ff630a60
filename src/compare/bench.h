/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The measuring process: a server, and a world around it, and one run after the other. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "compare/plan.h"

/* Where and what one measuring process measures. Everything is borrowed. */
struct bench {
	const struct plan *plan;
	double rtt;
	guint congestion;      /* its index in the plan */
	const char *directory; /* for the world's files */
	const char *relay;     /* the delay line's program, or NULL */
	const char *server;    /* address of a real one, or NULL: make a world */
	guint port;
	double seconds_left; /* no round begins that would take longer; 0: no limit */
	int output;	     /* descriptor for the samples, a line of JSON each */
};

#define BENCH_PORT 5202

/*
 * Runs all rounds in a world built around the calling process (world_fork), or without one if a
 * server is given. Returns an exit status; what went wrong was logged.
 */
int bench_run(const struct bench *bench);

/* Builds a world with a server, and runs command as its user; returns command's exit status. */
int bench_shell(const struct bench *bench, char *const *command);
