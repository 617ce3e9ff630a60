/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bulk transfers of the client.
 *
 * All flows are connected and have the server's preamble before any payload goes up. Rates are
 * those of the receiver: upwards the server measures from the request to the last byte it got and
 * tells so in its trailer, downwards this process does. What still sits in a sender's buffers when
 * its time is over therefore counts only once it has arrived.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/pattern.h"
#include "workload/transfer.h"

#define DEFAULT_CHUNK (128 << 10)
#define EVENTS_PER_WAIT 64
#define STEPS_PER_EVENT 16

/* What all flows moved one way; seconds are those of the slowest. */
struct one_way {
	uint64_t bytes;
	double seconds;
};

static bool make_request(const struct workload_options *options, bool random,
			 struct wire_stream *ret_request)
{
	bool up = options->direction != DIRECTION_DOWN;
	bool down = options->direction != DIRECTION_UP;
	uint64_t chunk = options->size ? options->size : DEFAULT_CHUNK;

	if (chunk > WIRE_SIZE_MAX)
		return workload_complain("--size is at most %d for streams", WIRE_SIZE_MAX);
	*ret_request = (struct wire_stream){
		.magic = WIRE_MAGIC,
		.random = random,
		.bytes_up = up ? options->bytes : 0,
		.bytes_down = down ? options->bytes : 0,
		.duration = options->duration,
		.seed = options->seed,
		.size = chunk,
	};
	return true;
}

static void set_up_halves(struct client_flow *flow, const struct wire_stream *request)
{
	flow->sending = (struct send_half){
		.active = request->bytes_up > 0,
		.random = request->random,
		.seed = request->seed,
		.limit = request->bytes_up,
		.deadline = NO_LIMIT,
		.checksum = CHECKSUM_START,
		.chunk = (size_t)request->size,
	};
	flow->receiving = (struct receive_half){
		.active = request->bytes_down > 0,
		.random = request->random,
		.seed = request->seed,
		.limit = request->bytes_down,
		.checksum = CHECKSUM_START,
		.first_bad = NO_LIMIT,
		.chunk = (size_t)request->size,
	};
	flow->want_trailer = request->bytes_down != NO_LIMIT;
}

static bool send_request(int fd, const struct wire_stream *request)
{
	struct {
		char kind;
		char words[sizeof(*request)];
	} message = { .kind = WIRE_STREAM };
	struct wire_stream words = *request;

	wire_encode(&words, sizeof(words));
	memcpy(message.words, &words, sizeof(words));
	return socket_send_all(fd, &message, sizeof(message));
}

static bool receive_preamble(struct client_flow *flow)
{
	struct wire_preamble *preamble = &flow->preamble;

	if (!socket_receive_all(flow->fd, preamble, sizeof(*preamble)))
		return false;
	wire_decode(&preamble->magic, sizeof(preamble->magic));
	preamble->congestion[CONGESTION_NAME_SIZE - 1] = '\0';
	return preamble->magic == WIRE_MAGIC || workload_complain("the peer is no workload server");
}

static bool connect_flows(struct transfer *transfer)
{
	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		transfer->flows[i].fd = socket_connect(transfer->options);
		if (transfer->flows[i].fd < 0)
			return false;
		transfer->flows[i].open = true;
		transfer->open_count++;
	}
	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		if (!send_request(transfer->flows[i].fd, &transfer->request))
			return false;
	}
	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		if (!receive_preamble(&transfer->flows[i]))
			return false;
		set_up_halves(&transfer->flows[i], &transfer->request);
	}
	return true;
}

static uint32_t wanted_events(const struct client_flow *flow)
{
	bool input = flow->receiving.active || (!flow->sending.active && flow->want_trailer);

	return (input ? EPOLLIN : 0) | (flow->sending.active ? EPOLLOUT : 0);
}

static bool watch(const struct transfer *transfer, int operation, struct client_flow *flow)
{
	struct epoll_event event = { .events = wanted_events(flow), .data.ptr = flow };

	return epoll_ctl(transfer->epoll, operation, flow->fd, &event) == 0 ||
	       workload_complain("epoll: %s", strerror(errno));
}

static bool arm_flows(struct transfer *transfer)
{
	transfer->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (transfer->epoll < 0)
		return workload_complain("epoll: %s", strerror(errno));
	transfer->start = workload_now();
	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		struct client_flow *flow = &transfer->flows[i];
		if (flow->sending.limit == NO_LIMIT)
			flow->sending.deadline = transfer->start + transfer->options->duration;
		if (!socket_set_nonblocking(flow->fd) || !watch(transfer, EPOLL_CTL_ADD, flow))
			return false;
	}
	return true;
}

static bool complain_broken(const char *what)
{
	return workload_complain("%s: %s", what,
				 errno ? strerror(errno) : "the peer ended the stream too early");
}

static bool step_sending(struct client_flow *flow, const struct flow_buffers *buffers)
{
	enum flow_step step = FLOW_MORE;

	for (int i = 0; flow->sending.active && step == FLOW_MORE && i < STEPS_PER_EVENT; i++)
		step = send_half_step(&flow->sending, flow->fd, buffers);
	if (step == FLOW_BROKEN)
		return complain_broken("send");
	if (step == FLOW_FINISHED && flow->sending.limit == NO_LIMIT &&
	    shutdown(flow->fd, SHUT_WR) < 0)
		return complain_broken("shutdown");
	return true;
}

static bool step_receiving(struct client_flow *flow, const struct flow_buffers *buffers)
{
	enum flow_step step = FLOW_MORE;

	for (int i = 0; flow->receiving.active && step == FLOW_MORE && i < STEPS_PER_EVENT; i++)
		step = receive_half_step(&flow->receiving, flow->fd, buffers);
	return step != FLOW_BROKEN || complain_broken("receive");
}

/* Reads what has come of the trailer; *ret_complete tells whether that was all. */
static bool step_trailer(struct client_flow *flow, bool *ret_complete)
{
	ssize_t got = recv(flow->fd, (char *)&flow->trailer + flow->trailer_have,
			   sizeof(flow->trailer) - flow->trailer_have, MSG_DONTWAIT);

	*ret_complete = false;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got <= 0) {
		errno = got == 0 ? 0 : errno;
		return complain_broken("trailer");
	}
	flow->trailer_have += (size_t)got;
	if (flow->trailer_have < sizeof(flow->trailer))
		return true;
	wire_decode(&flow->trailer, sizeof(flow->trailer));
	*ret_complete = true;
	return flow->trailer.magic == WIRE_MAGIC || workload_complain("the trailer is garbled");
}

static bool step_flow(struct transfer *transfer, struct client_flow *flow)
{
	bool complete = false;

	if (!step_sending(flow, &transfer->buffers) || !step_receiving(flow, &transfer->buffers))
		return false;
	if (flow->sending.active || flow->receiving.active)
		return watch(transfer, EPOLL_CTL_MOD, flow);
	if (flow->want_trailer && !step_trailer(flow, &complete))
		return false;
	if (flow->want_trailer && !complete)
		return watch(transfer, EPOLL_CTL_MOD, flow);
	flow->open = false;
	transfer->open_count--;
	return epoll_ctl(transfer->epoll, EPOLL_CTL_DEL, flow->fd, NULL) == 0;
}

/* Sends that are blocked when their time is over get no event: they are stepped by the clock. */
static bool step_overdue(struct transfer *transfer)
{
	bool any = false;

	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		struct client_flow *flow = &transfer->flows[i];
		if (!flow->open || !flow->sending.active || workload_now() < flow->sending.deadline)
			continue;
		any = true;
		if (!step_flow(transfer, flow))
			return false;
	}
	return any || workload_complain("no progress within the timeout");
}

static int wait_milliseconds(const struct transfer *transfer)
{
	uint64_t now = workload_now();
	uint64_t wait = transfer->options->timeout;
	uint64_t deadline = transfer->start + transfer->options->duration;

	if (transfer->request.bytes_up == NO_LIMIT && now < deadline && deadline - now < wait)
		wait = deadline - now;
	return (int)(wait / 1000000) + 1;
}

static bool run_flows(struct transfer *transfer)
{
	struct epoll_event events[EVENTS_PER_WAIT];

	while (transfer->open_count > 0) {
		int count = epoll_wait(transfer->epoll, events, EVENTS_PER_WAIT,
				       wait_milliseconds(transfer));
		if (count < 0 && errno != EINTR)
			return workload_complain("epoll_wait: %s", strerror(errno));
		if (count == 0 && !step_overdue(transfer))
			return false;
		for (int i = 0; i < count; i++) {
			if (!step_flow(transfer, events[i].data.ptr))
				return false;
		}
	}
	return true;
}

static void add_flow(struct one_way *total, uint64_t bytes, uint64_t nanoseconds)
{
	double seconds = (double)nanoseconds / (double)NANOSECONDS_PER_SECOND;

	total->bytes += bytes;
	if (seconds > total->seconds)
		total->seconds = seconds;
}

static double gigabits(const struct one_way *total)
{
	return total->seconds > 0 ? (double)total->bytes * 8 / total->seconds / 1e9 : 0;
}

static struct one_way sum_up(const struct transfer *transfer)
{
	struct one_way total = { 0 };

	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		const struct client_flow *flow = &transfer->flows[i];
		if (flow->want_trailer)
			add_flow(&total, flow->trailer.received, flow->trailer.nanoseconds);
	}
	return total;
}

static struct one_way sum_down(const struct transfer *transfer)
{
	struct one_way total = { 0 };

	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		const struct receive_half *receiving = &transfer->flows[i].receiving;
		if (receiving->received > 0)
			add_flow(&total, receiving->received,
				 receiving->last_time - transfer->start);
	}
	return total;
}

bool transfer_run(struct transfer *transfer, const struct workload_options *options, bool random)
{
	*transfer = (struct transfer){ .options = options, .epoll = -1 };
	if (!make_request(options, random, &transfer->request) ||
	    !socket_raise_limit(options->flows + 16) ||
	    !flow_buffers_init(&transfer->buffers, (size_t)transfer->request.size))
		return false;
	transfer->flows = calloc(options->flows, sizeof(*transfer->flows));
	if (!transfer->flows)
		return workload_complain("no memory");
	transfer->flow_count = options->flows;
	return connect_flows(transfer) && arm_flows(transfer) && run_flows(transfer);
}

void transfer_free(struct transfer *transfer)
{
	for (uint64_t i = 0; i < transfer->flow_count; i++) {
		send_half_free(&transfer->flows[i].sending);
		if (transfer->flows[i].fd > 0)
			close(transfer->flows[i].fd);
	}
	free(transfer->flows);
	flow_buffers_free(&transfer->buffers);
	if (transfer->epoll >= 0)
		close(transfer->epoll);
}

void transfer_report(const struct transfer *transfer, struct report *report)
{
	const struct one_way up = sum_up(transfer);
	const struct one_way down = sum_down(transfer);
	char congestion[CONGESTION_NAME_SIZE];

	socket_congestion(transfer->flows[0].fd, congestion);
	report_text(report, "direction", report_direction_name(transfer->options->direction));
	report_count(report, "flows", transfer->flow_count);
	report_text(report, "congestion", congestion);
	report_text(report, "server_congestion", transfer->flows[0].preamble.congestion);
	report_count(report, "bytes", up.bytes + down.bytes);
	report_number(report, "seconds", up.seconds > down.seconds ? up.seconds : down.seconds);
	report_number(report, "gbit_per_second", gigabits(&up) + gigabits(&down));
	if (transfer->options->direction == DIRECTION_BOTH) {
		report_number(report, "up_gbit_per_second", gigabits(&up));
		report_number(report, "down_gbit_per_second", gigabits(&down));
	}
}
