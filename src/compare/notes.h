/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader of results should know of how they came about. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/* That the machine had other work, by machine_facts's object; the caller's, or NULL. */
char *note_busy(JsonObject *machine);

/* How many runs the figure with the fewest has; 0 if there is no row. */
guint note_rounds_done(const GPtrArray *rows);

/* That rounds were left out to end in time, of repeat that were planned; the caller's, or NULL. */
char *note_rounds(const GPtrArray *rows, guint repeat);
