/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP runs of the workload server, all on one socket and told apart by the number in each datagram.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "workload/datagram.h"
#include "workload/udp_server.h"

#define MAX_RUNS 64

struct peer {
	struct sockaddr_storage address;
	socklen_t length;
};

struct udp_run {
	struct udp_run *next;
	struct wire_udp request;
	udp_run_done_func done;
	void *data;
	/* Upwards. */
	bool draining;
	uint64_t drain_start;
	uint64_t announced;
	struct datagram_count count;
	/* Downwards: begins when the client's hello, with the cookie, says where it is. */
	uint64_t cookie;
	bool peer_known;
	struct peer peer;
	struct pacing pacing;
	bool blocked; /* the socket was full */
};

struct udp_server {
	int fd;
	unsigned int run_count;
	struct udp_run *runs;
	struct datagram_batch *batch;
};

struct udp_server *udp_server_new(int fd)
{
	struct udp_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->fd = fd;
	server->batch = datagram_batch_new(DATAGRAM_MAX);
	if (!server->batch) {
		free(server);
		return NULL;
	}
	return server;
}

void udp_server_free(struct udp_server *server)
{
	while (server->runs)
		udp_server_remove(server, server->runs);
	datagram_batch_free(server->batch);
	free(server);
}

struct udp_run *udp_server_add(struct udp_server *server, const struct wire_udp *request,
			       udp_run_done_func done, void *data)
{
	struct udp_run *run;
	uint64_t cookie = 0;

	if (server->run_count == MAX_RUNS || getrandom(&cookie, sizeof(cookie), 0) < 0)
		return NULL;
	if (request->size < DATAGRAM_MIN || request->size > DATAGRAM_MAX || request->rate == 0)
		return NULL;
	run = calloc(1, sizeof(*run));
	if (!run)
		return NULL;
	run->request = *request;
	run->cookie = cookie | 1; /* not 0 */
	run->done = done;
	run->data = data;
	run->next = server->runs;
	server->runs = run;
	server->run_count++;
	return run;
}

void udp_server_remove(struct udp_server *server, struct udp_run *run)
{
	struct udp_run **link = &server->runs;

	while (*link && *link != run)
		link = &(*link)->next;
	if (*link)
		*link = run->next;
	server->run_count--;
	free(run);
}

void udp_server_drain(struct udp_run *run, uint64_t sent)
{
	run->draining = true;
	run->drain_start = workload_now();
	run->announced = sent;
}

/* Tells the cookie to whoever said hello; no more bytes than came, in case he did not. */
static void answer_hello(const struct udp_server *server, const struct udp_run *run,
			 const struct peer *peer)
{
	struct wire_datagram hello = {
		.magic = WIRE_MAGIC,
		.run = run->request.run,
		.sequence = NO_LIMIT,
		.cookie = run->cookie,
	};

	wire_encode(&hello, sizeof(hello));
	/* One that is lost is asked for again. */
	sendto(server->fd, &hello, sizeof(hello), MSG_NOSIGNAL | MSG_DONTWAIT,
	       (const struct sockaddr *)&peer->address, peer->length);
}

static void take_hello(const struct udp_server *server, struct udp_run *run,
		       const struct wire_datagram *header, const struct peer *peer, uint64_t now)
{
	if (run->peer_known)
		return;
	if (header->cookie != run->cookie) {
		answer_hello(server, run, peer);
		return;
	}
	run->peer_known = true;
	run->peer = *peer;
	run->pacing = (struct pacing){
		.start = now,
		.deadline = now + run->request.duration,
		.rate = run->request.rate,
	};
}

static void receive_batch(struct udp_server *server)
{
	int got = datagram_batch_receive(server->batch, server->fd);
	uint64_t now = workload_now();

	for (int i = 0; i < got; i++) {
		struct wire_datagram header;
		struct peer peer;
		if (!datagram_batch_header(server->batch, (unsigned int)i, &header, &peer.address,
					   &peer.length))
			continue;
		struct udp_run *run = server->runs;
		while (run && run->request.run != header.run)
			run = run->next;
		if (run && run->request.down)
			take_hello(server, run, &header, &peer, now);
		else if (run && header.sequence != NO_LIMIT)
			datagram_count_add(&run->count, header.sequence, now);
	}
}

static void send_due(struct udp_server *server, struct udp_run *run, uint64_t now)
{
	unsigned int due = pacing_due(&run->pacing, now);
	struct wire_datagram first = {
		.magic = WIRE_MAGIC,
		.run = run->request.run,
		.sequence = run->pacing.sent,
	};

	run->blocked = false;
	if (due == 0)
		return;
	int sent = datagram_batch_send(server->batch, server->fd, due, run->request.size, &first,
				       &run->peer.address, run->peer.length);
	if (sent > 0)
		run->pacing.sent += (uint64_t)sent;
	else if (sent == 0)
		run->blocked = true;
	else /* The run ends here; the client sees how many there were. */
		run->pacing.deadline = now;
}

/* The time at which a draining run is over even if datagrams are missing. */
static uint64_t drain_deadline(const struct udp_run *run)
{
	uint64_t last =
		run->count.last_time > run->drain_start ? run->count.last_time : run->drain_start;
	return last + DATAGRAM_QUIET;
}

static bool run_is_over(const struct udp_run *run, uint64_t now)
{
	if (run->request.down)
		return run->peer_known && now >= run->pacing.deadline;
	return run->draining &&
	       (run->count.received >= run->announced || now >= drain_deadline(run));
}

static void finish_run(struct udp_run *run)
{
	const struct udp_run_result result = {
		.sent = run->pacing.sent,
		.received = run->count.received,
		.out_of_order = run->count.out_of_order,
		.nanoseconds = run->count.last_time - run->count.first_time,
	};
	udp_run_done_func done = run->done;

	run->done = NULL;
	if (done)
		done(&result, run->data);
}

void udp_server_step(struct udp_server *server)
{
	receive_batch(server);
	uint64_t now = workload_now();
	for (struct udp_run *run = server->runs; run; run = run->next) {
		if (run->request.down && run->peer_known)
			send_due(server, run, now);
		if (run->done && run_is_over(run, now))
			finish_run(run);
	}
}

bool udp_server_wants_output(const struct udp_server *server)
{
	for (const struct udp_run *run = server->runs; run; run = run->next) {
		if (run->blocked)
			return true;
	}
	return false;
}

/* Nanoseconds until the run needs a step by the clock, or NO_LIMIT. */
static uint64_t run_wait(const struct udp_run *run, uint64_t now)
{
	uint64_t until = NO_LIMIT;

	if (!run->done)
		return NO_LIMIT;
	if (run->peer_known && !run->blocked)
		return pacing_wait(&run->pacing, now);
	if (run->peer_known)
		until = run->pacing.deadline;
	else if (run->draining)
		until = drain_deadline(run);
	if (until == NO_LIMIT)
		return NO_LIMIT;
	return until > now ? until - now : 0;
}

int udp_server_timeout(const struct udp_server *server)
{
	uint64_t now = workload_now();
	uint64_t soonest = NO_LIMIT;

	for (const struct udp_run *run = server->runs; run; run = run->next) {
		uint64_t wait = run_wait(run, now);
		if (wait < soonest)
			soonest = wait;
	}
	return soonest == NO_LIMIT ? -1 : (int)((soonest + 999999) / 1000000);
}
