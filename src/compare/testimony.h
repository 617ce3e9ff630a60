/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What witnesses say, beside what our own workload says. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/*
 * Takes the rows of witnesses out of rows (struct row *). workloads (struct workload *) says which
 * those are. Returns an array of objects, the caller's; versions (program -> first line of its
 * --version) may lack some.
 *
 * A witness agrees if its spread and ours overlap, or the medians lie within a tenth. One whose
 * work is of another kind agrees by ratios to the host instead.
 */
JsonArray *testimony_take(GPtrArray *rows, const GPtrArray *workloads, GHashTable *versions);

/* "3 of 4 measurements of witnesses agree with ours.", the caller's; NULL for none. */
char *testimony_sentence(JsonArray *witnesses);
