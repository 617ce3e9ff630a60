/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client modes stream (rates) and checksum (the data themselves). */

#include "config.h"

#include <inttypes.h>

#include "workload/modes.h"
#include "workload/run_cost.h"
#include "workload/transfer.h"

#define DEFAULT_CHECKSUM_BYTES (64 << 20)

/* Complains about the first difference between what one end sent and the other received. */
static bool flow_is_intact(const struct client_flow *flow, const struct wire_stream *request)
{
	const struct wire_trailer *trailer = &flow->trailer;

	if (request->bytes_up > 0 && (trailer->received != flow->sending.sent ||
				      trailer->received_checksum != flow->sending.checksum ||
				      trailer->first_bad != NO_LIMIT))
		return workload_complain("upwards %" PRIu64 " bytes were sent and %" PRIu64
					 " received, the first wrong one at %" PRId64,
					 flow->sending.sent, trailer->received,
					 (int64_t)trailer->first_bad);
	if (request->bytes_down > 0 && (flow->receiving.checksum != trailer->sent_checksum ||
					flow->receiving.first_bad != NO_LIMIT))
		return workload_complain("downwards the data differ from byte %" PRId64,
					 (int64_t)flow->receiving.first_bad);
	return true;
}

static bool all_intact(const struct transfer *transfer)
{
	bool intact = true;

	for (uint64_t i = 0; i < transfer->flow_count; i++)
		intact = flow_is_intact(&transfer->flows[i], &transfer->request) && intact;
	return intact;
}

/* Runs, and reports on, a transfer of zeros or of a pattern whose arrival is checked. */
static bool run_and_report(const struct workload_options *options, const char *mode, bool pattern)
{
	struct transfer transfer = { .epoll = -1 };
	struct run_cost cost;
	bool done = run_cost_begin(&cost, options) && transfer_run(&transfer, options, pattern) &&
		    run_cost_end(&cost);
	bool intact = done && (!pattern || all_intact(&transfer));

	if (done) {
		struct report *report = report_begin(mode, options);
		transfer_report(&transfer, report);
		if (pattern)
			report_truth(report, "intact", intact);
		run_cost_report(&cost, report);
		done = report_end(report);
	}
	transfer_free(&transfer);
	run_cost_close(&cost);
	return done && intact;
}

bool workload_stream(const struct workload_options *options)
{
	return run_and_report(options, "stream", false);
}

bool workload_checksum(const struct workload_options *options)
{
	struct workload_options limited = *options;

	if (limited.bytes == NO_LIMIT)
		limited.bytes = DEFAULT_CHECKSUM_BYTES;
	return run_and_report(&limited, "checksum", true);
}
