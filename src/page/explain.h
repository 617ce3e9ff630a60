/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway explain. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/*
 * One self-contained HTML text that shows what slirpway explain --json prints
 * (doc/explain.schema.json), to be gone through step by step. Members may be missing. The caller
 * frees it. Errors: SLIRPWAY_ERROR_USAGE if it is something else, or of a version we don't know.
 */
char *page_explain(JsonNode *explanation, GError **error);
