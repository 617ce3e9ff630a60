/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader of results should know of how they came about. */

#include "config.h"

#include "compare/json_fields.h"
#include "compare/notes.h"
#include "compare/row.h"

char *note_busy(JsonObject *machine)
{
	const double load = json_get_number(machine, "load_average");
	const double cores = json_get_number(machine, "cores");

	/* Not so where either is unknown, NAN. */
	if (!(cores > 0 && load > cores))
		return NULL;
	return g_strdup_printf("The machine had other work when this run began: a load average of"
			       " %.3g on %.0f core%s. Such figures vary.",
			       load, cores, cores == 1 ? "" : "s");
}

guint note_rounds_done(const GPtrArray *rows)
{
	guint rounds = rows->len ? G_MAXUINT : 0;

	for (guint i = 0; i < rows->len; i++)
		rounds = MIN(rounds, ((const struct row *)rows->pdata[i])->samples->len);
	return rounds;
}

static const char *ordinal_ending(guint number)
{
	static const char *const endings[] = { "th", "st", "nd", "rd" };
	const guint unit = number % 10;

	return number % 100 / 10 != 1 && unit < G_N_ELEMENTS(endings) ? endings[unit] : "th";
}

char *note_rounds(const GPtrArray *rows, guint repeat)
{
	const guint rounds = note_rounds_done(rows);

	if (rounds == 0 || rounds >= repeat)
		return NULL;
	return g_strdup_printf("The %u%s round would not have ended in time; figures are medians"
			       " of %u run%s.",
			       rounds + 1, ordinal_ending(rounds + 1), rounds,
			       rounds == 1 ? "" : "s");
}
