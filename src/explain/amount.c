/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Amounts as people read them. */

#include "config.h"

#include <glib.h>

#include "explain/amount.h"

#define KIB 1024.0

const char *amount_bytes(uint64_t bytes, char text[static AMOUNT_TEXT_MAX])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double amount = (double)bytes / KIB;
	guint unit = 0;

	if (bytes < 10 * 1024) {
		g_snprintf(text, AMOUNT_TEXT_MAX, "%" G_GUINT64_FORMAT " byte%s", bytes,
			   bytes == 1 ? "" : "s");
		return text;
	}
	while (amount >= KIB && unit + 1 < G_N_ELEMENTS(units)) {
		amount /= KIB;
		unit++;
	}
	g_snprintf(text, AMOUNT_TEXT_MAX, "%.1f %s", amount, units[unit]);
	return text;
}

const char *amount_time(uint64_t microseconds, char text[static AMOUNT_TEXT_MAX])
{
	if (microseconds < 1000)
		g_snprintf(text, AMOUNT_TEXT_MAX, "%" G_GUINT64_FORMAT " us", microseconds);
	else if (microseconds < G_USEC_PER_SEC)
		g_snprintf(text, AMOUNT_TEXT_MAX, "%.1f ms", (double)microseconds / 1000);
	else
		g_snprintf(text, AMOUNT_TEXT_MAX, "%.2f s", (double)microseconds / G_USEC_PER_SEC);
	return text;
}

const char *amount_times(uint64_t count, char text[static AMOUNT_TEXT_MAX])
{
	if (count == 1)
		g_strlcpy(text, "once", AMOUNT_TEXT_MAX);
	else
		g_snprintf(text, AMOUNT_TEXT_MAX, "%" G_GUINT64_FORMAT " times", count);
	return text;
}
