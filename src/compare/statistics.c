/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be said of a few measured values. */

#include "config.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/statistics.h"

static int compare_values(const void *a, const void *b)
{
	const double x = *(const double *)a;
	const double y = *(const double *)b;

	return (x > y) - (x < y);
}

struct statistics statistics_of(const double *values, size_t count)
{
	struct statistics result = { NAN, NAN, NAN };
	g_autofree double *sorted = g_new(double, count + 1);
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		if (!isnan(values[i]))
			sorted[used++] = values[i];
	if (used == 0)
		return result;
	qsort(sorted, used, sizeof(*sorted), compare_values);
	result.minimum = sorted[0];
	result.maximum = sorted[used - 1];
	result.median = (sorted[(used - 1) / 2] + sorted[used / 2]) / 2;
	return result;
}

struct statistics statistics_of_ratios(const double *values, const double *base, size_t count)
{
	g_autofree double *ratios = g_new(double, count + 1);

	for (size_t i = 0; i < count; i++)
		ratios[i] = base[i] != 0 ? values[i] / base[i] : NAN;
	return statistics_of(ratios, count);
}
