/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of the workload server.
 *
 * It goes through the states in one direction: KIND (the first byte), REQUEST (its words), then by
 * kind ECHO, USAGE, STREAM, UDP_RUN or at once FINISH. Small answers are queued in `out` and always
 * leave before payload; in FINISH the connection ends as soon as `out` is empty.
 *
 * In ECHO and USAGE the client may rest; in all other states it owes something, or must take what
 * it is owed, and is not waited for longer than `timeout`.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/connection_internal.h"

/* A client at rest holds memory and a descriptor: longer than any run lasts, but not for ever. */
#define REST_TIMEOUT (WIRE_DURATION_MAX + 3600 * NANOSECONDS_PER_SECOND)

struct connection *connection_new(struct connections *all, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(fd);
		return NULL;
	}
	connection->fd = fd;
	connection->udp = all->udp;
	connection->begin = connection->last_event = workload_now();
	connection->next = all->first;
	if (all->first)
		all->first->previous = connection;
	all->first = connection;
	all->count++;
	return connection;
}

void connection_free(struct connections *all, struct connection *connection)
{
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		all->first = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	all->count--;
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
	bool output = connection_has_output(connection);

	switch (connection->state) {
	case STATE_KIND:
	case STATE_REQUEST:
	case STATE_UDP_RUN:
	case STATE_UDP_DRAIN:
		return EPOLLIN | (output ? EPOLLOUT : 0);
	case STATE_ECHO:
	case STATE_USAGE:
		return output ? EPOLLOUT : EPOLLIN;
	case STATE_STREAM:
		return (connection->receiving.active ? EPOLLIN : 0) |
		       (output || connection->sending.active ? EPOLLOUT : 0);
	case STATE_FINISH:
		return EPOLLOUT;
	}
	return 0;
}

static uint64_t deadline(const struct connection *connection, uint64_t timeout)
{
	switch (connection->state) {
	case STATE_KIND:
	case STATE_REQUEST:
		return connection->begin + timeout;
	case STATE_ECHO:
	case STATE_USAGE:
		return connection->last_event +
		       (connection_has_output(connection) ? timeout : REST_TIMEOUT);
	case STATE_UDP_RUN:
	case STATE_UDP_DRAIN:
		return connection->run_end + timeout;
	case STATE_STREAM:
	case STATE_FINISH:
		return connection->last_event + timeout;
	}
	return NO_LIMIT;
}

/* Ends it by a reset: what it still is owed would stay with the kernel until the peer takes it. */
static void give_up(struct connections *all, struct connection *connection)
{
	static const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	connection_free(all, connection);
}

void connections_sweep(struct connections *all, uint64_t now)
{
	struct connection *next;

	for (struct connection *connection = all->first; connection; connection = next) {
		next = connection->next;
		if (now > deadline(connection, all->timeout))
			give_up(all, connection);
	}
}

void connection_queue(struct connection *connection, const void *data, size_t length)
{
	memcpy(connection->out + connection->out_end, data, length);
	connection->out_end += length;
}

bool connection_flush(struct connection *connection)
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

void connection_queue_preamble(struct connection *connection)
{
	struct wire_preamble preamble = { .magic = WIRE_MAGIC };

	wire_encode(&preamble.magic, sizeof(preamble.magic));
	socket_congestion(connection->fd, preamble.congestion);
	connection_queue(connection, &preamble, sizeof(preamble));
}

static void queue_usage(struct connection *connection)
{
	const struct workload_usage usage = workload_usage();
	struct wire_usage answer = {
		.magic = WIRE_MAGIC,
		.cpu_microseconds = usage.cpu_microseconds,
		.context_switches = usage.context_switches,
	};

	wire_encode(&answer, WIRE_USAGE_WORDS);
	socket_congestion(connection->fd, answer.congestion);
	connection_queue(connection, &answer, sizeof(answer));
}

static bool start_kind(struct connection *connection)
{
	connection->in_have = 0;
	switch (connection->kind) {
	case WIRE_CONNECT:
		connection_queue(connection, &connection->kind, 1);
		connection->state = STATE_FINISH;
		return true;
	case WIRE_ECHO:
		connection_queue(connection, &connection->kind, 1);
		connection->state = STATE_ECHO;
		return true;
	case WIRE_USAGE:
		queue_usage(connection);
		connection->state = STATE_USAGE;
		return true;
	case WIRE_STREAM:
	case WIRE_UDP:
		connection->state = STATE_REQUEST;
		return true;
	default:
		return false;
	}
}

int connection_collect(struct connection *connection, void *into, size_t length)
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

static bool step_kind(struct connection *connection)
{
	int state = connection_collect(connection, &connection->kind, 1);

	return state == 0 || (state > 0 && start_kind(connection));
}

static bool step_request(struct connection *connection, const struct flow_buffers *buffers)
{
	bool stream = connection->kind == WIRE_STREAM;
	size_t length = stream ? sizeof(connection->in.stream) : sizeof(connection->in.udp);
	int state = connection_collect(connection, connection->in.bytes, length);

	if (state <= 0)
		return state == 0;
	return stream ? connection_start_stream(connection, buffers->size)
		      : connection_start_udp(connection);
}

static bool step_echo(struct connection *connection)
{
	if (connection_has_output(connection))
		return true;
	ssize_t got = recv(connection->fd, connection->out, CONNECTION_OUT_SIZE, MSG_DONTWAIT);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	connection->out_end = (size_t)got;
	return got > 0;
}

static bool step_usage(struct connection *connection)
{
	if (connection_has_output(connection))
		return true;
	connection->in_have = 0;
	int state = connection_collect(connection, connection->in.bytes, 1);
	if (state > 0)
		queue_usage(connection);
	return state >= 0;
}

static bool step_state(struct connection *connection, bool input,
		       const struct flow_buffers *buffers)
{
	switch (connection->state) {
	case STATE_KIND:
		return step_kind(connection);
	case STATE_REQUEST:
		return step_request(connection, buffers);
	case STATE_ECHO:
		return !input || step_echo(connection);
	case STATE_USAGE:
		return !input || step_usage(connection);
	case STATE_STREAM:
		return connection_step_stream(connection, buffers);
	case STATE_UDP_RUN:
	case STATE_UDP_DRAIN:
		return !input || connection_step_udp(connection);
	case STATE_FINISH:
		return true;
	}
	return false;
}

bool connection_step(struct connections *all, struct connection *connection, uint32_t events)
{
	bool input = events & (EPOLLIN | EPOLLHUP | EPOLLERR);

	connection->last_event = workload_now();
	if (!connection_flush(connection) || !step_state(connection, input, &all->buffers) ||
	    !connection_flush(connection))
		return false;
	return connection->state != STATE_FINISH || connection_has_output(connection);
}
