/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a long measurement is, on standard error. */
#pragma once

#include <glib.h>

struct progress;

/* total runs; a bar on a terminal, a line now and then elsewhere. */
struct progress *progress_begin(guint total);

/* One more run is done; label says of what. */
void progress_step(struct progress *progress, const char *label);

/* Takes the bar away; NULL is allowed. */
void progress_end(struct progress *progress);

/*
 * "[#####.....]  52%  3 min left  LABEL" for done of total runs after so many seconds; the
 * caller's. Pure.
 */
char *progress_text(guint done, guint total, double seconds, const char *label);
