/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows say, in sentences that the spread allows. Pure. */
#pragma once

#include <glib.h>

/*
 * One sentence for each thing that was measured over more than one path: their order. Two paths are
 * told apart only if every pair of runs of one round says the same of them, and there are three
 * pairs or more. Then a sentence if rows don't count. title gives a workload's title. Owned texts.
 */
GPtrArray *verdict_sentences(const GPtrArray *rows,
			     const char *(*title)(const char *workload, const void *data),
			     const void *data);
