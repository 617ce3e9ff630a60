/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a result says beside its rows: when, where, what was asked for and what there was. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "compare/plan.h"

/* Everything is borrowed. */
struct facts_source {
	const char *started; /* ISO 8601, UTC */
	double seconds;	     /* that it took */
	bool complete;	     /* nobody ended it early */
	char *const *command;
	JsonObject *machine;
	const struct plan_request *request;
	const struct plan *plan;
	const char *server;	    /* NULL: worlds */
	const GPtrArray *presences; /* struct presence * */
	const GPtrArray *verdict;   /* char * */
	const GPtrArray *notes;	    /* char * */
	guint rounds;		    /* that each figure has at least */
	JsonArray *witnesses;
};

/* A new object. */
JsonObject *facts_object(const struct facts_source *source);
