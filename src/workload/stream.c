/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client modes stream (rates) and checksum (the data themselves). */

#include "config.h"

#include <inttypes.h>

#include "workload/transfer.h"

#define DEFAULT_CHECKSUM_BYTES (64 << 20)

bool workload_stream(const struct workload_options *options)
{
	struct transfer transfer;
	struct report report;
	bool done = transfer_run(&transfer, options, false);

	if (done) {
		report_begin(&report, "stream", options);
		transfer_report(&transfer, &report);
		done = report_end(&report);
	}
	transfer_free(&transfer);
	return done;
}

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

bool workload_checksum(const struct workload_options *options)
{
	struct workload_options limited = *options;
	struct transfer transfer;
	struct report report;

	if (limited.bytes == NO_LIMIT)
		limited.bytes = DEFAULT_CHECKSUM_BYTES;
	bool done = transfer_run(&transfer, &limited, true);
	bool intact = done;
	if (done) {
		for (uint64_t i = 0; i < transfer.flow_count; i++)
			intact = flow_is_intact(&transfer.flows[i], &transfer.request) && intact;
		report_begin(&report, "checksum", options);
		transfer_report(&transfer, &report);
		report_truth(&report, "intact", intact);
		done = report_end(&report);
	}
	transfer_free(&transfer);
	return done && intact;
}
