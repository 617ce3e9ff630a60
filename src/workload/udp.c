/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client mode udp: a stream of numbered datagrams, with a TCP connection for what they don't tell.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "workload/datagram.h"
#include "workload/modes.h"
#include "workload/run_cost.h"

#define DEFAULT_SIZE 1472
/* How often the client says hello to a server that has not begun to send, nanoseconds. */
#define HELLO_INTERVAL (NANOSECONDS_PER_SECOND / 10)

struct udp_client {
	const struct workload_options *options;
	int control; /* blocking TCP */
	int fd;
	struct wire_udp request;
	struct datagram_batch *batch;
	uint64_t sent;
	uint64_t cookie; /* downwards: of the server, 0: not known yet */
	struct datagram_count count;
};

/* Waits for an event of either socket; returns the revents of the UDP socket. */
static short wait_sockets(const struct udp_client *client, short events, uint64_t nanoseconds,
			  bool *ret_control)
{
	const struct timespec limit = {
		.tv_sec = (time_t)(nanoseconds / NANOSECONDS_PER_SECOND),
		.tv_nsec = (long)(nanoseconds % NANOSECONDS_PER_SECOND),
	};
	struct pollfd polled[] = {
		{ .fd = client->fd, .events = events },
		{ .fd = client->control, .events = POLLIN },
	};

	*ret_control = false;
	if (ppoll(polled, 2, &limit, NULL) <= 0)
		return 0;
	*ret_control = polled[1].revents != 0;
	return polled[0].revents;
}

static bool send_request(struct udp_client *client)
{
	char message[1 + sizeof(client->request)] = { WIRE_UDP };
	struct wire_udp words = client->request;
	struct wire_preamble preamble;

	wire_encode(&words, sizeof(words));
	memcpy(message + 1, &words, sizeof(words));
	if (!socket_send_all(client->control, message, sizeof(message)) ||
	    !socket_receive_all(client->control, &preamble, sizeof(preamble)))
		return false;
	wire_decode(&preamble.magic, sizeof(preamble.magic));
	return preamble.magic == WIRE_MAGIC || workload_complain("the peer is no workload server");
}

static bool receive_words(const struct udp_client *client, void *words, size_t size)
{
	if (!socket_receive_all(client->control, words, size))
		return false;
	wire_decode(words, size);
	return true;
}

static bool send_datagrams(struct udp_client *client, struct pacing *pacing)
{
	bool control;

	for (uint64_t now = pacing->start; now < pacing->deadline; now = workload_now()) {
		struct wire_datagram first = {
			.magic = WIRE_MAGIC,
			.run = client->request.run,
			.sequence = pacing->sent,
		};
		unsigned int due = pacing_due(pacing, now);
		if (due == 0) {
			wait_sockets(client, 0, pacing_wait(pacing, now), &control);
		} else {
			int sent = datagram_batch_send(client->batch, client->fd, due,
						       client->request.size, &first, NULL, 0);
			if (sent < 0)
				return workload_complain("send: %s", strerror(errno));
			pacing->sent += (uint64_t)sent;
			if (sent == 0)
				wait_sockets(client, POLLOUT, pacing->deadline - now, &control);
		}
		if (pacing->deadline <= now)
			break;
	}
	return true;
}

static bool run_up(struct udp_client *client, struct wire_udp_result *ret_result)
{
	struct pacing pacing = { .start = workload_now(), .rate = client->request.rate };

	pacing.deadline = pacing.start + client->request.duration;
	if (!send_datagrams(client, &pacing))
		return false;
	client->sent = pacing.sent;
	uint64_t word = pacing.sent;
	wire_encode(&word, sizeof(word));
	return socket_send_all(client->control, &word, sizeof(word)) &&
	       receive_words(client, ret_result, sizeof(*ret_result));
}

static bool say_hello(struct udp_client *client)
{
	const struct wire_datagram hello = {
		.magic = WIRE_MAGIC,
		.run = client->request.run,
		.sequence = NO_LIMIT,
		.cookie = client->cookie,
	};

	return datagram_batch_send(client->batch, client->fd, 1, DATAGRAM_MIN, &hello, NULL, 0) >=
		       0 ||
	       workload_complain("send: %s", strerror(errno));
}

/* Counts it, or takes the cookie and shows it at once. */
static bool take_datagram(struct udp_client *client, const struct wire_datagram *header,
			  uint64_t now)
{
	if (header->sequence != NO_LIMIT) {
		datagram_count_add(&client->count, header->sequence, now);
		return true;
	}
	client->cookie = header->cookie;
	return say_hello(client);
}

static bool receive_datagrams(struct udp_client *client)
{
	int got = datagram_batch_receive(client->batch, client->fd);
	uint64_t now = workload_now();

	if (got < 0)
		return workload_complain("receive: %s", strerror(errno));
	for (int i = 0; i < got; i++) {
		struct wire_datagram header;
		struct sockaddr_storage peer;
		socklen_t length;
		if (datagram_batch_header(client->batch, (unsigned int)i, &header, &peer,
					  &length) &&
		    header.run == client->request.run && !take_datagram(client, &header, now))
			return false;
	}
	return true;
}

/* Greets until the first datagram comes, receives until the server says how many it sent. */
static bool receive_until_told(struct udp_client *client)
{
	uint64_t silent_since = workload_now();
	bool told = false;

	while (!told) {
		if (client->count.received == 0 && !say_hello(client))
			return false;
		uint64_t before = client->count.received;
		short ready = wait_sockets(client, POLLIN, HELLO_INTERVAL, &told);
		if (ready && !receive_datagrams(client))
			return false;
		if (client->count.received > before)
			silent_since = workload_now();
		if (workload_now() - silent_since > client->options->timeout)
			return workload_complain("no datagram within the timeout");
	}
	return receive_words(client, &client->sent, sizeof(client->sent));
}

/* What the server has sent may still be on its way; after its last word the control connection is
 * at its end, and always readable, so only the UDP socket is waited for. */
static bool receive_late(struct udp_client *client)
{
	struct pollfd polled = { .fd = client->fd, .events = POLLIN };

	while (client->count.received < client->sent &&
	       poll(&polled, 1, DATAGRAM_QUIET / 1000000) > 0) {
		if (!receive_datagrams(client))
			return false;
	}
	return true;
}

static bool run_down(struct udp_client *client, struct wire_udp_result *ret_result)
{
	if (!receive_until_told(client) || !receive_late(client))
		return false;
	*ret_result = (struct wire_udp_result){
		.received = client->count.received,
		.out_of_order = client->count.out_of_order,
		.nanoseconds = client->count.last_time - client->count.first_time,
	};
	return true;
}

static bool prepare(struct udp_client *client)
{
	const struct workload_options *options = client->options;

	client->request = (struct wire_udp){
		.magic = WIRE_MAGIC,
		.down = options->direction == DIRECTION_DOWN,
		.size = options->size ? options->size : DEFAULT_SIZE,
		.rate = options->rate,
		.duration = options->duration,
	};
	if (client->request.size < DATAGRAM_MIN || client->request.size > DATAGRAM_MAX)
		return workload_complain("--size of a datagram is %zu to %d", DATAGRAM_MIN,
					 DATAGRAM_MAX);
	if (getrandom(&client->request.run, sizeof(client->request.run), 0) < 0)
		return workload_complain("getrandom: %s", strerror(errno));
	client->batch = datagram_batch_new(DATAGRAM_MAX);
	if (!client->batch)
		return workload_complain("no memory");
	client->control = socket_connect(options);
	if (client->control < 0)
		return false;
	client->fd = socket_connect_udp(options);
	return client->fd >= 0 && send_request(client);
}

static bool print_report(const struct udp_client *client, const struct wire_udp_result *result,
			 const struct run_cost *cost)
{
	double seconds = (double)result->nanoseconds / (double)NANOSECONDS_PER_SECOND;
	double rate = seconds > 0 ? (double)result->received / seconds : 0;
	uint64_t lost = client->sent > result->received ? client->sent - result->received : 0;
	struct report *report = report_begin("udp", client->options);

	report_text(report, "direction", client->request.down ? "down" : "up");
	report_count(report, "datagram_bytes", client->request.size);
	report_count(report, "sent", client->sent);
	report_count(report, "received", result->received);
	report_count(report, "bytes", result->received * client->request.size);
	report_count(report, "out_of_order", result->out_of_order);
	report_number(report, "loss", client->sent ? (double)lost / (double)client->sent : 0);
	report_number(report, "seconds", seconds);
	report_number(report, "packets_per_second", rate);
	report_number(report, "gbit_per_second", rate * (double)client->request.size * 8 / 1e9);
	run_cost_report(cost, report);
	return report_end(report);
}

bool workload_udp(const struct workload_options *options)
{
	struct udp_client client = { .options = options, .control = -1, .fd = -1 };
	struct wire_udp_result result = { 0 };
	struct run_cost cost;
	bool done = run_cost_begin(&cost, options) && prepare(&client);

	if (done)
		done = client.request.down ? run_down(&client, &result) : run_up(&client, &result);
	if (done)
		done = run_cost_end(&cost) && print_report(&client, &result, &cost);
	if (client.fd >= 0)
		close(client.fd);
	if (client.control >= 0)
		close(client.control);
	datagram_batch_free(client.batch);
	run_cost_close(&cost);
	return done;
}
