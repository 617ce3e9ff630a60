/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs one blocking client, or several of them in processes of their own, and adds them up. */
#pragma once

#include "workload/histogram.h"
#include "workload/report.h"

struct client_result {
	bool done;
	uint64_t operations;
	uint64_t not_found; /* names: of the operations, those that found no address */
	uint64_t start;	    /* workload_now */
	uint64_t end;
	struct histogram latency;
};

/* Fills the result, of which latency is initialised; returns false after a complaint. */
typedef bool (*client_func)(const struct workload_options *options, struct client_result *result);

/* One operation with what the client keeps from one to the next; false after a complaint. */
typedef bool (*operation_func)(const struct workload_options *options, void *data);

/*
 * Does the operation again and again, one after the other, until options->count are done or, where
 * there is no count, options->duration is over; fills operations, start, end and latency.
 */
bool client_repeat(const struct workload_options *options, struct client_result *result,
		   operation_func operation, void *data);

/* Runs options->flows clients at the same time; false if any of them failed. */
bool clients_run(const struct workload_options *options, client_func one,
		 struct client_result *ret_total);

/* Adds number of clients, operations, seconds, rate and latency. */
void clients_report(const struct workload_options *options, const struct client_result *total,
		    struct report *report);
