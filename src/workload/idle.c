/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client modes idle (round trips on one connection beside many that rest) and hold. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "workload/modes.h"
#include "workload/resting.h"
#include "workload/round_trips.h"
#include "workload/run_cost.h"

static void report_resting(struct report *report, const struct resting *resting, uint64_t alive)
{
	report_count(report, "connections", resting->count);
	report_number(report, "seconds_to_open", resting->seconds_to_open);
	report_count(report, "alive", alive);
}

static bool all_live(const struct resting *resting, uint64_t alive)
{
	return alive == resting->count ||
	       workload_complain("%" PRIu64 " of %" PRIu64 " connections died",
				 resting->count - alive, resting->count);
}

/* The count of the options is that of the resting ones: the active one goes by time. */
static bool run_active(const struct workload_options *options, struct client_result *ret_total)
{
	struct workload_options active = *options;

	active.count = NO_LIMIT;
	return clients_run(&active, round_trips_client, ret_total);
}

static bool run_idle(const struct workload_options *options, const struct resting *resting,
		     struct run_cost *cost)
{
	struct client_result total;

	/* What opening them has cost is no part of the figures. */
	if (!workload_tell_ready(options, resting->count) || !run_cost_begin(cost, options) ||
	    !run_active(options, &total) || !run_cost_end(cost))
		return false;
	uint64_t alive = resting_count_alive(resting);
	struct report *report = report_begin("idle", options);
	clients_report(options, &total, report);
	report_resting(report, resting, alive);
	run_cost_report_congestion(cost, report);
	run_cost_report(cost, report);
	return report_end(report) && all_live(resting, alive);
}

bool workload_idle(const struct workload_options *options)
{
	struct run_cost cost = { .server = -1 };
	struct resting resting;
	bool done = resting_open(&resting, options) && run_idle(options, &resting, &cost);

	run_cost_close(&cost);
	resting_close(&resting);
	return done;
}

static void wait_for_end_of_input(void)
{
	char ignored[256];
	ssize_t got;

	do {
		got = read(STDIN_FILENO, ignored, sizeof(ignored));
	} while (got > 0 || (got < 0 && errno == EINTR));
}

static bool hold(const struct workload_options *options, const struct resting *resting)
{
	printf("ready %" PRIu64 "\n", resting->count);
	fflush(stdout);
	if (!workload_tell_ready(options, resting->count))
		return false;
	wait_for_end_of_input();
	uint64_t alive = resting_count_alive(resting);
	struct report *report = report_begin("hold", options);
	report_resting(report, resting, alive);
	return report_end(report) && all_live(resting, alive);
}

bool workload_hold(const struct workload_options *options)
{
	struct resting resting;
	bool done = resting_open(&resting, options) && hold(options, &resting);

	resting_close(&resting);
	return done;
}
