/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing results as JSON or as lines. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "workload/report.h"

static void print_name(struct report *report, const char *name)
{
	if (report->text)
		printf("%s: ", name);
	else
		printf("%s\"%s\": ", report->first ? "{" : ", ", name);
	report->first = false;
}

static void end_value(const struct report *report)
{
	if (report->text)
		putchar('\n');
}

void report_begin(struct report *report, const char *workload,
		  const struct workload_options *options)
{
	report->text = options->text;
	report->first = true;
	report_text(report, "workload", workload);
	report_text(report, "address", options->address);
	report_count(report, "port", options->port);
}

void report_text(struct report *report, const char *name, const char *value)
{
	print_name(report, name);
	printf(report->text ? "%s" : "\"%s\"", value);
	end_value(report);
}

void report_count(struct report *report, const char *name, uint64_t value)
{
	print_name(report, name);
	printf("%" PRIu64, value);
	end_value(report);
}

void report_number(struct report *report, const char *name, double value)
{
	print_name(report, name);
	printf("%.6g", value);
	end_value(report);
}

void report_truth(struct report *report, const char *name, bool value)
{
	print_name(report, name);
	fputs(value ? "true" : "false", stdout);
	end_value(report);
}

bool report_end(struct report *report)
{
	report_number(report, "cpu_seconds", workload_cpu_seconds());
	if (!report->text)
		puts("}");
	if (fflush(stdout) == 0)
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
