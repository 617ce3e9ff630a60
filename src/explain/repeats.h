/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes again and again: the first few are told one by one, all others together. Pure. */
#pragma once

#include <glib.h>

#include "explain/event.h"

struct repeats;

struct repeats *repeats_new(void);

/* NULL is allowed. */
void repeats_free(struct repeats *repeats);

/*
 * Counts one more of what key names; key is now the call's. Returns NULL where it is among the
 * first, or where there are too many kinds to remember them; else the place of the event in which
 * it is told with the others like it. That holds NULL until the caller has put an event there.
 */
struct event **repeats_add(struct repeats *repeats, char *key);
