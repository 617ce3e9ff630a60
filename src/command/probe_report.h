/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probe prints of a survey. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "probe/survey.h"

/* The table, what is missing and how to get it, and the modes: for people, in 100 columns. */
char *probe_text(const struct survey *survey);

/* The same for programs, slirpway(1) has the members; the caller's. */
JsonNode *probe_node(const struct survey *survey);
