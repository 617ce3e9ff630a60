/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stream of a server's connection. */

#include "config.h"

#include "workload/connection_internal.h"
#include "workload/pattern.h"

/* Steps of one connection before the others get their turn. */
#define STEPS_PER_EVENT 16

static bool makes_sense(const struct wire_stream *request)
{
	return request->magic == WIRE_MAGIC && request->size > 0 &&
	       request->size <= WIRE_SIZE_MAX && request->duration <= WIRE_DURATION_MAX;
}

bool connection_start_stream(struct connection *connection, size_t size_max)
{
	struct wire_stream *request = &connection->in.stream;

	wire_decode(request, sizeof(*request));
	if (!makes_sense(request))
		return false;
	size_t chunk = request->size < size_max ? (size_t)request->size : size_max;
	connection->request_time = workload_now();
	connection->sending = (struct send_half){
		.active = request->bytes_down > 0,
		.random = request->random,
		.seed = request->seed,
		.limit = request->bytes_down,
		.deadline = request->bytes_down == NO_LIMIT
				    ? connection->request_time + request->duration
				    : NO_LIMIT,
		.checksum = CHECKSUM_START,
		.chunk = chunk,
	};
	connection->receiving = (struct receive_half){
		.active = request->bytes_up > 0,
		.random = request->random,
		.seed = request->seed,
		.limit = request->bytes_up,
		.checksum = CHECKSUM_START,
		.first_bad = NO_LIMIT,
		.chunk = chunk,
	};
	connection->want_trailer = request->bytes_down != NO_LIMIT;
	connection->state = STATE_STREAM;
	connection_queue_preamble(connection);
	return true;
}

static void queue_trailer(struct connection *connection)
{
	const struct receive_half *receiving = &connection->receiving;
	struct wire_trailer trailer = {
		.magic = WIRE_MAGIC,
		.received = receiving->received,
		.nanoseconds =
			receiving->received ? receiving->last_time - connection->request_time : 0,
		.received_checksum = receiving->checksum,
		.sent_checksum = connection->sending.checksum,
		.first_bad = receiving->first_bad,
	};

	wire_encode(&trailer, sizeof(trailer));
	connection_queue(connection, &trailer, sizeof(trailer));
}

bool connection_step_stream(struct connection *connection, const struct flow_buffers *buffers)
{
	enum flow_step step = FLOW_MORE;

	for (int i = 0; connection->receiving.active && step == FLOW_MORE && i < STEPS_PER_EVENT;
	     i++)
		step = receive_half_step(&connection->receiving, connection->fd, buffers);
	if (step == FLOW_BROKEN)
		return false;
	step = connection_has_output(connection) ? FLOW_BLOCKED : FLOW_MORE;
	for (int i = 0; connection->sending.active && step == FLOW_MORE && i < STEPS_PER_EVENT; i++)
		step = send_half_step(&connection->sending, connection->fd, buffers);
	if (step == FLOW_BROKEN)
		return false;
	if (!connection->receiving.active && !connection->sending.active) {
		if (connection->want_trailer)
			queue_trailer(connection);
		connection->state = STATE_FINISH;
	}
	return true;
}
