/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the results of compare go: standard output, and the files of --out. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "compare/result.h"

/* Texts of the same results; owned. */
struct compare_output {
	JsonNode *json;
	char *table;
	char *csv; /* NULL: there is none of two results */
};

/* Of one result, or of two beside each other. */
struct compare_output compare_output_of(struct result *const *results, const char *const *labels,
					guint count);
void compare_output_clear(struct compare_output *output);

/* Makes directory and finds out whether files can be made in it, for measuring takes long. */
bool compare_output_prepare(const char *directory, GError **error);

/* Writes compare.json, compare.csv, compare.html and compare.txt into directory, which is made. */
bool compare_output_write(const struct compare_output *output, const char *directory,
			  GError **error);
