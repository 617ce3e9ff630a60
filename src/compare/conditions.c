/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that may be compared with each other, and what they have in common. */

#include "config.h"

#include <math.h>

#include "compare/conditions.h"

static GPtrArray *find_group(const GPtrArray *groups, const struct row *row)
{
	for (guint i = 0; i < groups->len; i++) {
		GPtrArray *group = groups->pdata[i];

		if (row_is_comparable(group->pdata[0], row))
			return group;
	}
	return NULL;
}

GPtrArray *conditions_groups(const GPtrArray *rows)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

	for (guint i = 0; i < rows->len; i++) {
		GPtrArray *group = find_group(groups, rows->pdata[i]);

		if (!group) {
			group = g_ptr_array_new();
			g_ptr_array_add(groups, group);
		}
		g_ptr_array_add(group, rows->pdata[i]);
	}
	return groups;
}

char *conditions_text(const struct row *row)
{
	return conditions_words(row->mtu, row->rtt_ms, row->congestion);
}

char *conditions_words(double mtu, double rtt_ms, const char *congestion)
{
	return g_strdup_printf("MTU %.0f, RTT %g ms, %s", mtu, rtt_ms, congestion);
}

char *conditions_ratio(double ratio)
{
	if (!isfinite(ratio))
		return g_strdup("-");
	return g_strdup_printf(ratio < 0.1 ? "%.3f" : "%.2f", ratio);
}

char *conditions_number(double value)
{
	if (!isfinite(value))
		return g_strdup("-");
	return g_strdup_printf(fabs(value) >= 100 ? "%.0f" : "%.3g", value);
}
