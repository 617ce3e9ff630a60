/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that explain has found out about a COMMAND: what the texts, the JSON and the page are of. */
#pragma once

#include <glib.h>

#include "explain/recording.h"

struct explanation {
	int64_t started; /* microseconds since 1970 */
	bool in_world;
	char *const *command;  /* NULL-terminated, borrowed */
	GPtrArray *recordings; /* struct recording *, owned, in the order of the runs */
};

/* What a path does, in a few words; static. */
const char *explanation_about(const char *path);

/* What a recording shows in a sentence or two, for the caller to free. */
char *explanation_summary(const struct recording *recording);

/* A recording's sum over its processes; what is not known is not in it. */
struct process_sample explanation_sum(const struct recording *recording);
