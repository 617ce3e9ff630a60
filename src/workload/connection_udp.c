/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server's connection that controls a run of datagrams. */

#include "config.h"

#include "workload/connection_internal.h"

/* Called by the UDP server when a run is over: tells the client the outcome. */
static void udp_run_done(const struct udp_run_result *result, void *data)
{
	struct connection *connection = data;
	struct wire_udp_result answer = {
		.received = result->received,
		.out_of_order = result->out_of_order,
		.nanoseconds = result->nanoseconds,
	};
	uint64_t sent = result->sent;

	wire_encode(&answer, sizeof(answer));
	wire_encode(&sent, sizeof(sent));
	if (connection->state == STATE_UDP_DRAIN)
		connection_queue(connection, &answer, sizeof(answer));
	else
		connection_queue(connection, &sent, sizeof(sent));
	connection->state = STATE_FINISH;
	connection->last_event = workload_now();
	/* A failure shows again, and is dealt with, in the next step. */
	connection_flush(connection);
}

bool connection_start_udp(struct connection *connection)
{
	struct wire_udp *request = &connection->in.udp;

	wire_decode(request, sizeof(*request));
	if (request->magic != WIRE_MAGIC || request->duration > WIRE_DURATION_MAX)
		return false;
	connection->run = udp_server_add(connection->udp, request, udp_run_done, connection);
	if (!connection->run)
		return false;
	connection->in_have = 0;
	connection->run_end = workload_now() + request->duration;
	connection->state = STATE_UDP_RUN;
	connection_queue_preamble(connection);
	return true;
}

bool connection_step_udp(struct connection *connection)
{
	int state =
		connection_collect(connection, connection->in.bytes, sizeof(connection->in.sent));

	if (state <= 0)
		return state == 0;
	/* Said once: whoever says more has no business here. */
	if (connection->state == STATE_UDP_DRAIN)
		return false;
	wire_decode(&connection->in.sent, sizeof(connection->in.sent));
	connection->state = STATE_UDP_DRAIN;
	connection->in_have = 0;
	udp_server_drain(connection->run, connection->in.sent);
	return true;
}
