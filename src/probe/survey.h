/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All features tried, and what follows for the modes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "probe/feature.h"

enum finding_state {
	FINDING_NO,
	FINDING_YES,
	FINDING_UNKNOWN, /* could not be tried, as something else is missing */
};

/* What came of one feature. */
struct finding {
	const struct feature *feature;
	enum finding_state state;
	char *detail; /* what was found, or why it can't be had; owned, never NULL */
};

/* Whether a mode works here. */
struct mode_finding {
	bool works;
	char *why; /* owned; why it doesn't; NULL where it does */
};

struct survey {
	struct finding *findings; /* feature_count of them, in the table's order; owned */
	struct mode_finding modes[FEATURE_MODE_COUNT];

	/* What auto takes. */
	const char *mode;   /* NULL: it finds none that works */
	const char *device; /* likewise; "tap" or "veth" */
	char *reason;	    /* owned */
};

/* Tries all, each in a child; while this process has one thread. survey_free frees it. */
struct survey *survey_new(void);

/* Draws the conclusions from findings as they are in survey, and trial. Pure. */
void survey_conclude(struct survey *survey, const struct feature_trial *trial);

/* The finding of the feature with that json name. */
const struct finding *survey_find(const struct survey *survey, const char *json);

/* "no", "yes", "unknown". */
const char *finding_state_name(enum finding_state state);

/* NULL is allowed. */
void survey_free(struct survey *survey);
