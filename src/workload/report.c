/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as JSON or as lines. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "workload/percentiles.h"
#include "workload/report.h"

struct report {
	JsonBuilder *builder; /* NULL: lines, printed at once */
};

struct report *report_begin(const char *mode, const struct workload_options *options)
{
	struct report *report = g_new0(struct report, 1);

	if (!options->text) {
		report->builder = json_builder_new();
		json_builder_begin_object(report->builder);
	}
	report_text(report, "mode", mode);
	if (options->address) {
		report_text(report, "address", options->address);
		report_count(report, "port", options->port);
	}
	return report;
}

void report_text(struct report *report, const char *name, const char *value)
{
	if (!report->builder) {
		printf("%s: %s\n", name, value);
		return;
	}
	json_builder_set_member_name(report->builder, name);
	json_builder_add_string_value(report->builder, value);
}

void report_count(struct report *report, const char *name, uint64_t value)
{
	if (!report->builder) {
		printf("%s: %" PRIu64 "\n", name, value);
		return;
	}
	json_builder_set_member_name(report->builder, name);
	json_builder_add_int_value(report->builder, (gint64)value);
}

void report_number(struct report *report, const char *name, double value)
{
	if (!report->builder) {
		printf("%s: %.6g\n", name, value);
		return;
	}
	json_builder_set_member_name(report->builder, name);
	json_builder_add_double_value(report->builder, value);
}

void report_truth(struct report *report, const char *name, bool value)
{
	if (!report->builder) {
		printf("%s: %s\n", name, value ? "true" : "false");
		return;
	}
	json_builder_set_member_name(report->builder, name);
	json_builder_add_boolean_value(report->builder, value);
}

static void report_curve(struct report *report, const struct percentile *curve)
{
	if (!report->builder) {
		for (size_t i = 0; i < PERCENTILE_COUNT; i++)
			printf("percentile %g: %.6g us\n", curve[i].percent, curve[i].microseconds);
		return;
	}
	json_builder_set_member_name(report->builder, "percentiles");
	json_builder_begin_array(report->builder);
	for (size_t i = 0; i < PERCENTILE_COUNT; i++) {
		json_builder_begin_object(report->builder);
		report_number(report, "percent", curve[i].percent);
		report_number(report, "microseconds", curve[i].microseconds);
		json_builder_end_object(report->builder);
	}
	json_builder_end_array(report->builder);
}

void report_latency(struct report *report, const struct histogram *latency)
{
	static const struct {
		const char *name;
		double fraction;
	} rows[] = { { "p50_us", 0.5 }, { "p90_us", 0.9 }, { "p99_us", 0.99 }, { "max_us", 1 } };
	struct percentile curve[PERCENTILE_COUNT];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		report_number(report, rows[i].name,
			      (double)histogram_quantile(latency, rows[i].fraction) / 1e3);
	percentiles_compute(latency, curve);
	report_curve(report, curve);
}

static void print_object(struct report *report)
{
	json_builder_end_object(report->builder);
	g_autoptr(JsonNode) root = json_builder_get_root(report->builder);
	g_autofree char *text = json_to_string(root, FALSE);

	puts(text);
	g_object_unref(report->builder);
}

bool report_end(struct report *report)
{
	if (report->builder)
		print_object(report);
	g_free(report);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	return workload_complain("cannot write the result: %s", strerror(errno));
}

const char *report_direction_name(enum direction direction)
{
	switch (direction) {
	case DIRECTION_UP:
		return "up";
	case DIRECTION_DOWN:
		return "down";
	case DIRECTION_BOTH:
		return "both";
	}
	return "unknown";
}
