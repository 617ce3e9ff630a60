/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results of one run of compare: rows, and the facts around them, as one JSON object. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

struct result {
	JsonObject *facts; /* everything but the rows */
	GPtrArray *rows;   /* struct row *, owned */
};

/* Takes both over. */
struct result *result_new(JsonObject *facts, GPtrArray *rows);
void result_free(struct result *result);

/* The whole as JSON; the caller's. */
JsonNode *result_write(const struct result *result);

/* Reads that back; NULL with error set if node is something else, or of a later version. */
struct result *result_read(JsonNode *node, GError **error);

/* Reads a file that result_write's JSON is in. */
struct result *result_load(const char *path, GError **error);

/* Two results beside each other, for the page; labels name them. The caller's. */
JsonNode *result_pair(struct result *const results[2], const char *const labels[2]);

/* The title of a workload, borrowed; its name where there is none. */
const char *result_title(const struct result *result, const char *workload);

/* What witnesses said, borrowed; NULL where there is no such array. */
JsonArray *result_witnesses(const struct result *result);

/* The sentences of the verdict, or of the notes, borrowed; an owned array. */
GPtrArray *result_verdict(const struct result *result);
GPtrArray *result_notes(const struct result *result);
