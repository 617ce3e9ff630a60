/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of the workload server.
 *
 * It goes through the states in one direction: KIND (the first byte), REQUEST (its words), then by
 * kind ECHO, STREAM, UDP_RUN or at once FINISH. Small answers are queued in `out` and always leave
 * before payload; in FINISH the connection ends as soon as `out` is empty.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/connection.h"
#include "workload/pattern.h"
#include "workload/protocol.h"
#include "workload/udp_server.h"

#define OUT_SIZE 512
#define MAX_CHUNK (16 << 20)
/* Steps of one connection before the others get their turn. */
#define STEPS_PER_EVENT 16

enum state {
	STATE_KIND,
	STATE_REQUEST,
	STATE_ECHO,
	STATE_STREAM,
	STATE_UDP_RUN,	 /* upwards: waits for the number sent; downwards: for the end */
	STATE_UDP_DRAIN, /* waits until no more datagrams come */
	STATE_FINISH,
};

struct connection {
	int fd;
	enum state state;
	uint8_t kind;
	size_t in_have;
	size_t out_start;
	size_t out_end;
	union {
		struct wire_stream stream;
		struct wire_udp udp;
		uint64_t sent;
		char bytes[1];
	} in;
	char out[OUT_SIZE];
	bool want_trailer;
	uint64_t request_time;
	struct send_half sending;
	struct receive_half receiving;
	struct udp_server *udp;
	struct udp_run *run;
};

struct connection *connection_new(int fd, struct udp_server *udp)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(fd);
		return NULL;
	}
	connection->fd = fd;
	connection->udp = udp;
	return connection;
}

void connection_free(struct connection *connection)
{
	if (connection->run)
		udp_server_remove(connection->udp, connection->run);
	send_half_free(&connection->sending);
	close(connection->fd);
	free(connection);
}

int connection_descriptor(const struct connection *connection)
{
	return connection->fd;
}

uint32_t connection_wanted_events(const struct connection *connection)
{
	bool output = connection->out_start < connection->out_end;

	switch (connection->state) {
	case STATE_KIND:
	case STATE_REQUEST:
	case STATE_UDP_RUN:
	case STATE_UDP_DRAIN:
		return EPOLLIN | (output ? EPOLLOUT : 0);
	case STATE_ECHO:
		return output ? EPOLLOUT : EPOLLIN;
	case STATE_STREAM:
		return (connection->receiving.active ? EPOLLIN : 0) |
		       (output || connection->sending.active ? EPOLLOUT : 0);
	case STATE_FINISH:
		return EPOLLOUT;
	}
	return 0;
}

static void queue_out(struct connection *connection, const void *data, size_t length)
{
	memcpy(connection->out + connection->out_end, data, length);
	connection->out_end += length;
}

/* Returns false if the connection is broken. */
static bool flush_out(struct connection *connection)
{
	size_t length = connection->out_end - connection->out_start;

	if (length == 0)
		return true;
	ssize_t sent = send(connection->fd, connection->out + connection->out_start, length,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	connection->out_start += (size_t)sent;
	if (connection->out_start == connection->out_end)
		connection->out_start = connection->out_end = 0;
	return true;
}

static void queue_preamble(struct connection *connection)
{
	struct wire_preamble preamble = { .magic = WIRE_MAGIC };

	wire_encode(&preamble.magic, sizeof(preamble.magic));
	socket_congestion(connection->fd, preamble.congestion);
	queue_out(connection, &preamble, sizeof(preamble));
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
	queue_out(connection, &trailer, sizeof(trailer));
}

static bool start_stream(struct connection *connection)
{
	struct wire_stream *request = &connection->in.stream;

	wire_decode(request, sizeof(*request));
	if (request->magic != WIRE_MAGIC || request->size == 0 || request->size > MAX_CHUNK)
		return false;
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
		.chunk = (size_t)request->size,
	};
	connection->receiving = (struct receive_half){
		.active = request->bytes_up > 0,
		.random = request->random,
		.seed = request->seed,
		.limit = request->bytes_up,
		.checksum = CHECKSUM_START,
		.first_bad = NO_LIMIT,
	};
	connection->want_trailer = request->bytes_down != NO_LIMIT;
	connection->state = STATE_STREAM;
	queue_preamble(connection);
	return true;
}

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
		queue_out(connection, &answer, sizeof(answer));
	else
		queue_out(connection, &sent, sizeof(sent));
	connection->state = STATE_FINISH;
	/* A failure shows again, and is dealt with, in the next step. */
	flush_out(connection);
}

static bool start_udp(struct connection *connection)
{
	struct wire_udp *request = &connection->in.udp;

	wire_decode(request, sizeof(*request));
	if (request->magic != WIRE_MAGIC)
		return false;
	connection->run = udp_server_add(connection->udp, request, udp_run_done, connection);
	if (!connection->run)
		return false;
	connection->in_have = 0;
	connection->state = STATE_UDP_RUN;
	queue_preamble(connection);
	return true;
}

static bool start_kind(struct connection *connection)
{
	connection->in_have = 0;
	switch (connection->kind) {
	case WIRE_CONNECT:
		queue_out(connection, &connection->kind, 1);
		connection->state = STATE_FINISH;
		return true;
	case WIRE_ECHO:
		queue_out(connection, &connection->kind, 1);
		connection->state = STATE_ECHO;
		return true;
	case WIRE_STREAM:
	case WIRE_UDP:
		connection->state = STATE_REQUEST;
		return true;
	default:
		return false;
	}
}

/* Collects length bytes into `in`. Returns 1 when they are there, 0 if not yet, -1 at the end. */
static int collect(struct connection *connection, void *into, size_t length)
{
	ssize_t got = recv(connection->fd, (char *)into + connection->in_have,
			   length - connection->in_have, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	connection->in_have += (size_t)got;
	if (got == 0)
		return -1;
	return connection->in_have == length;
}

static bool step_request(struct connection *connection)
{
	bool stream = connection->kind == WIRE_STREAM;
	size_t length = stream ? sizeof(connection->in.stream) : sizeof(connection->in.udp);
	int state = collect(connection, connection->in.bytes, length);

	if (state <= 0)
		return state == 0;
	return stream ? start_stream(connection) : start_udp(connection);
}

static bool step_echo(struct connection *connection)
{
	if (connection->out_start < connection->out_end)
		return true;
	ssize_t got = recv(connection->fd, connection->out, OUT_SIZE, MSG_DONTWAIT);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	connection->out_end = (size_t)got;
	return got > 0;
}

static bool step_stream(struct connection *connection, const struct flow_buffers *buffers)
{
	enum flow_step step = FLOW_MORE;

	for (int i = 0; connection->receiving.active && step == FLOW_MORE && i < STEPS_PER_EVENT;
	     i++)
		step = receive_half_step(&connection->receiving, connection->fd, buffers);
	if (step == FLOW_BROKEN)
		return false;
	step = connection->out_start < connection->out_end ? FLOW_BLOCKED : FLOW_MORE;
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

static bool step_udp(struct connection *connection)
{
	int state = collect(connection, connection->in.bytes, sizeof(connection->in.sent));

	if (state <= 0)
		return state == 0;
	wire_decode(&connection->in.sent, sizeof(connection->in.sent));
	connection->state = STATE_UDP_DRAIN;
	connection->in_have = 0;
	udp_server_drain(connection->run, connection->in.sent);
	return true;
}

bool connection_step(struct connection *connection, uint32_t events,
		     const struct flow_buffers *buffers)
{
	int state;

	if (!flush_out(connection))
		return false;
	switch (connection->state) {
	case STATE_KIND:
		state = collect(connection, &connection->kind, 1);
		if (state < 0 || (state > 0 && !start_kind(connection)))
			return false;
		break;
	case STATE_REQUEST:
		if (!step_request(connection))
			return false;
		break;
	case STATE_ECHO:
		if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !step_echo(connection))
			return false;
		break;
	case STATE_STREAM:
		if (!step_stream(connection, buffers))
			return false;
		break;
	case STATE_UDP_RUN:
	case STATE_UDP_DRAIN:
		if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !step_udp(connection))
			return false;
		break;
	case STATE_FINISH:
		break;
	}
	if (!flush_out(connection))
		return false;
	return connection->state != STATE_FINISH || connection->out_start < connection->out_end;
}
