/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows say, in sentences that the spread allows. Pure. */
#pragma once

#include <glib.h>

/*
 * One sentence for each thing that was measured over more than one path: their order, in groups. A
 * path is in the group of a better one unless every round, three or more, puts it a twentieth or
 * more behind the first of that group, and their ratios to the host don't overlap. Then a sentence
 * if rows don't count. title gives a workload's title. Owned texts.
 */
GPtrArray *verdict_sentences(const GPtrArray *rows,
			     const char *(*title)(const char *workload, const void *data),
			     const void *data);
