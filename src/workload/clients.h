/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs one blocking client, or several of them in processes of their own, and adds them up. */
#pragma once

#include "workload/histogram.h"
#include "workload/report.h"

struct client_result {
	bool done;
	uint64_t operations;
	uint64_t start; /* workload_now */
	uint64_t end;
	struct histogram latency;
};

/* Fills operations, start, end and latency; returns false after a complaint. */
typedef bool (*client_func)(const struct workload_options *options, struct client_result *result);

/* Runs options->flows clients at the same time; false if any of them failed. */
bool clients_run(const struct workload_options *options, client_func one,
		 struct client_result *ret_total);

/* Adds number of clients, operations, seconds, rate and the latency quantiles in microseconds. */
void clients_report(const struct workload_options *options, const struct client_result *total,
		    struct report *report);
