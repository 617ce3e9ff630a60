/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bulk transfer over one or more flows, as the client sees it. */
#pragma once

#include "workload/flow.h"
#include "workload/protocol.h"
#include "workload/report.h"

struct client_flow {
	int fd;
	bool open;
	bool want_trailer;
	size_t trailer_have;
	struct wire_trailer trailer;
	struct wire_preamble preamble;
	struct send_half sending;
	struct receive_half receiving;
};

struct transfer {
	const struct workload_options *options;
	struct wire_stream request;
	struct client_flow *flows;
	uint64_t flow_count;
	uint64_t open_count;
	uint64_t start;
	int epoll;
	struct flow_buffers buffers;
};

/*
 * Runs a transfer to its end; random payload is checked on arrival, otherwise it is zeros. The
 * options stay the caller's and must outlive the transfer. To be freed also when it failed.
 */
bool transfer_run(struct transfer *transfer, const struct workload_options *options, bool random);
void transfer_free(struct transfer *transfer);

/* Adds direction, flows, congestion control, bytes, seconds and rates. */
void transfer_report(const struct transfer *transfer, struct report *report);
