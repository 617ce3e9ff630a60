/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From runs to rows. */

#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "compare/row.h"
#include "compare/sample.h"
#include "compare/statistics.h"
#include "compare/summary.h"
#include "compare/workloads.h"

static bool belongs(const struct sample *sample, const struct row *row)
{
	return strcmp(sample->path, row->path) == 0 &&
	       strcmp(sample->workload, row->workload) == 0 &&
	       strcmp(sample->congestion, row->congestion) == 0 && sample->mtu == row->mtu &&
	       sample->rtt_ms == row->rtt_ms;
}

static struct row *find_row(const GPtrArray *rows, const struct sample *sample)
{
	for (guint i = 0; i < rows->len; i++)
		if (belongs(sample, rows->pdata[i]))
			return rows->pdata[i];
	return NULL;
}

static const struct workload *find_workload(const GPtrArray *workloads, const char *name)
{
	for (guint i = 0; i < workloads->len; i++) {
		const struct workload *workload = workloads->pdata[i];

		if (strcmp(workload->name, name) == 0)
			return workload;
	}
	return NULL;
}

static void describe_work(struct row *row, const struct workload *workload)
{
	const struct workload_kind *kind = workload->kind;

	row->unit = g_strdup(kind->unit);
	row->better = g_strdup(kind->lower_is_better ? "lower" : "higher");
	row->cpu_unit = g_strdup(workload_cpu_unit(kind));
	if (kind->number)
		*(kind->counts_connections ? &row->connections : &row->flows) = workload->number;
}

static struct row *begin_row(const struct sample *sample, const GPtrArray *workloads)
{
	const struct workload *workload = find_workload(workloads, sample->workload);
	struct row *row = row_new();

	row->path = g_strdup(sample->path);
	row->workload = g_strdup(sample->workload);
	row->congestion = g_strdup(sample->congestion);
	row->command = g_strdup(sample->command);
	row->mtu = sample->mtu;
	row->rtt_ms = sample->rtt_ms;
	row->why = g_strdup("");
	row->valid = true;
	if (workload)
		describe_work(row, workload);
	return row;
}

/* The value at its round's place, so that pairs of two paths can be found. */
static void put_value(struct row *row, const struct sample *sample)
{
	const guint round = sample->round >= 0 ? (guint)sample->round : 0;
	const double none = NAN;

	while (row->samples->len <= round)
		g_array_append_val(row->samples, none);
	if (!sample->why[0])
		g_array_index(row->samples, double, round) = sample->value;
}

/* A row does not count because of any of its runs; the reasons are told once each. */
static void take_validity(struct row *row, const struct sample *sample)
{
	g_autofree char *before = row->why;

	if (!sample->why[0]) {
		row->why = g_steal_pointer(&before);
		return;
	}
	row->valid = false;
	if (before[0] && strstr(before, sample->why))
		row->why = g_steal_pointer(&before);
	else
		row->why = g_strconcat(before, before[0] ? "; " : "", sample->why, NULL);
}

static void take_measures(struct row *row, const GPtrArray *samples)
{
	g_autofree const struct measures **measures =
		g_new(const struct measures *, samples->len + 1);
	g_autofree GArray **percentiles = g_new(GArray *, samples->len + 1);
	guint count = 0;

	for (guint i = 0; i < samples->len; i++) {
		const struct sample *sample = samples->pdata[i];

		if (!belongs(sample, row) || sample->why[0])
			continue;
		measures[count] = &sample->measures;
		percentiles[count++] = sample->percentiles;
	}
	row->measures = measures_median(measures, count);
	g_array_unref(row->percentiles);
	row->percentiles = percentiles_median(percentiles, count);
}

static void take_figures(struct row *row)
{
	const struct statistics statistics =
		statistics_of((const double *)row->samples->data, row->samples->len);

	row->value = statistics.median;
	row->minimum = statistics.minimum;
	row->maximum = statistics.maximum;
	if (isnan(row->value) && row->valid) {
		row->valid = false;
		g_free(row->why);
		row->why = g_strdup("no run gave a figure");
	}
}

static const struct row *find_base(const GPtrArray *rows, const struct row *row)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct row *other = rows->pdata[i];

		if (strcmp(other->path, BASE_PATH) == 0 && row_is_comparable(other, row))
			return other;
	}
	return NULL;
}

static void take_ratios(struct row *row, const struct row *base)
{
	const struct statistics statistics = statistics_of_ratios(
		(const double *)row->samples->data, (const double *)base->samples->data,
		MIN(row->samples->len, base->samples->len));

	row->ratio = statistics.median;
	row->ratio_minimum = statistics.minimum;
	row->ratio_maximum = statistics.maximum;
}

GPtrArray *summary_rows(const GPtrArray *samples, const GPtrArray *workloads)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)row_free);

	for (guint i = 0; i < samples->len; i++) {
		const struct sample *sample = samples->pdata[i];
		struct row *row = find_row(rows, sample);

		if (!row) {
			row = begin_row(sample, workloads);
			g_ptr_array_add(rows, row);
		}
		put_value(row, sample);
		take_validity(row, sample);
	}
	for (guint i = 0; i < rows->len; i++) {
		take_measures(rows->pdata[i], samples);
		take_figures(rows->pdata[i]);
	}
	for (guint i = 0; i < rows->len; i++) {
		const struct row *base = find_base(rows, rows->pdata[i]);

		if (base && base->valid)
			take_ratios(rows->pdata[i], base);
	}
	return rows;
}
