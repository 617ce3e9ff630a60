/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows say, in sentences that the spread allows. */

#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "compare/conditions.h"
#include "compare/row.h"
#include "compare/statistics.h"
#include "compare/verdict.h"

/* That all of so few pairs agree by chance happens to one in four of twos, one in eight of threes.
 */
#define PAIRS_MIN 3

/* Less is what a machine with other work to do makes of any two. */
#define MARGIN 0.05

#define TOGETHER                                                                                   \
	"Numbers are ratios to the host; \"~\" is before a path that is not told apart from"       \
	" the first of its group, because rounds disagree, differ by less than a twentieth, or"    \
	" are fewer than three."

static bool lower_is_better(const struct row *row)
{
	return g_strcmp0(row->better, "lower") == 0;
}

/* What orders rows: the ratio, which a slow moment of the machine does not change. */
static double rank_value(const struct row *row)
{
	return isfinite(row->ratio) ? row->ratio : row->value;
}

/* The best first. */
static gint compare_rows(gconstpointer a, gconstpointer b)
{
	const struct row *x = *(const struct row *const *)a;
	const struct row *y = *(const struct row *const *)b;
	const gint order = (rank_value(x) > rank_value(y)) - (rank_value(x) < rank_value(y));

	return lower_is_better(x) ? order : -order;
}

/* The rows of a group that count, in their order; borrowed, in a new array. */
static GPtrArray *order_rows(const GPtrArray *group)
{
	GPtrArray *ordered = g_ptr_array_new();

	for (guint i = 0; i < group->len; i++) {
		const struct row *row = group->pdata[i];

		if (row->valid && isfinite(row->value))
			g_ptr_array_add(ordered, group->pdata[i]);
	}
	g_ptr_array_sort(ordered, compare_rows);
	return ordered;
}

static guint count_pairs(const struct row *a, const struct row *b)
{
	const guint length = MIN(a->samples->len, b->samples->len);
	guint count = 0;

	for (guint i = 0; i < length; i++)
		count += !isnan(g_array_index(a->samples, double, i)) &&
			 !isnan(g_array_index(b->samples, double, i));
	return count;
}

/* True if the ratios to the host overlap; of rows without such, false. */
static bool ratios_overlap(const struct row *a, const struct row *b)
{
	return a->ratio_minimum <= b->ratio_maximum && b->ratio_minimum <= a->ratio_maximum;
}

/* True if every round says the same of the two, and clearly, and so do all rounds together. */
static bool told_apart(const struct row *a, const struct row *b)
{
	const struct statistics ratios = statistics_of_ratios(
		(const double *)a->samples->data, (const double *)b->samples->data,
		MIN(a->samples->len, b->samples->len));

	return count_pairs(a, b) >= PAIRS_MIN &&
	       (ratios.minimum > 1 + MARGIN || ratios.maximum < 1 - MARGIN) &&
	       !ratios_overlap(a, b);
}

static void append_path(GString *text, const struct row *row)
{
	g_string_append(text, row->path);
	if (strcmp(row->path, BASE_PATH) != 0 && isfinite(row->ratio)) {
		g_autofree char *ratio = conditions_ratio(row->ratio);

		g_string_append_printf(text, " (%s)", ratio);
	}
}

/*
 * Paths in groups, the best first. A group ends where every round puts a path behind the group's
 * first one: neighbours alone would make a chain of which the ends are far apart.
 */
static char *order_sentence(const GPtrArray *ordered, const char *title, bool *ret_together)
{
	g_autofree char *conditions = conditions_text(ordered->pdata[0]);
	const struct row *first = ordered->pdata[0];
	GString *text = g_string_new(NULL);

	g_string_printf(text, "%s (%s): ", title, conditions);
	for (guint i = 0; i < ordered->len; i++) {
		const bool apart = i > 0 && told_apart(first, ordered->pdata[i]);

		if (i > 0)
			g_string_append(text, apart ? ", then " : " ~ ");
		append_path(text, ordered->pdata[i]);
		*ret_together = *ret_together || (i > 0 && !apart);
		if (apart)
			first = ordered->pdata[i];
	}
	g_string_append_c(text, '.');
	return g_string_free(text, FALSE);
}

static char *invalid_sentence(const GPtrArray *rows)
{
	guint count = 0;

	for (guint i = 0; i < rows->len; i++)
		count += !((const struct row *)rows->pdata[i])->valid;
	if (count == 0)
		return NULL;
	return g_strdup_printf("%u of %u rows %s not count; each says why.", count, rows->len,
			       count == 1 ? "does" : "do");
}

GPtrArray *verdict_sentences(const GPtrArray *rows,
			     const char *(*title)(const char *workload, const void *data),
			     const void *data)
{
	g_autoptr(GPtrArray) groups = conditions_groups(rows);
	GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
	char *invalid = invalid_sentence(rows);
	bool together = false;

	for (guint i = 0; i < groups->len; i++) {
		g_autoptr(GPtrArray) ordered = order_rows(groups->pdata[i]);

		if (ordered->len < 2)
			continue;
		g_ptr_array_add(
			sentences,
			order_sentence(ordered,
				       title(((struct row *)ordered->pdata[0])->workload, data),
				       &together));
	}
	if (together)
		g_ptr_array_add(sentences, g_strdup(TOGETHER));
	if (invalid)
		g_ptr_array_add(sentences, invalid);
	return sentences;
}
