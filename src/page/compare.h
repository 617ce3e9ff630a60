/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway compare. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/*
 * One self-contained HTML text that shows results: an object whose "format" is "slirpway-compare",
 * or "slirpway-compare-pair" with two such objects in "runs". Members may be missing. The caller
 * frees it. Errors: SLIRPWAY_ERROR_USAGE if it is something else, or of a version we don't know.
 */
char *page_compare(JsonNode *results, GError **error);
