/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All worlds of a plan, one after the other: starts the measuring processes and hears them. */
#pragma once

#include <glib.h>

#include "compare/plan.h"
#include "compare/toolbox.h"

/* Everything is borrowed. */
struct campaign {
	const struct plan *plan;
	const struct toolbox *toolbox;
	const char *server; /* NULL: make worlds */
	guint port;
};

/*
 * Measures, and appends each struct sample to samples; shows progress. Returns 0 when all is done,
 * or the number of the signal (SIGINT, SIGTERM, SIGHUP) that ended it early, or -1 with error set.
 * Whatever happens, what was measured is in samples, and no process is left.
 */
int campaign_run(const struct campaign *campaign, GPtrArray *samples, GError **error);

/* Runs command in a world of the plan's first round-trip time and congestion control; its status,
 * or -1 with error set. */
int campaign_shell(const struct campaign *campaign, char *const *command, GError **error);
