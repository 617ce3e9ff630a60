/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Relays DNS queries over UDP to the host's servers. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "slirp-glue/build.h"
#include "slirp-glue/dns_message.h"
#include "slirp-glue/dns_relay.h"
#include "slirp-glue/dns_server.h"
#include "slirp-glue/dns_stream.h"
#include "slirp-glue/wire.h"

/*
 * A query under way keeps a copy of its frame, from which the answer's headers are made, and its
 * own copy of the list of servers. A try is one server asked: a connected socket of its own, so
 * that the kernel chooses a fresh port and lets only that server answer. Tries stay open until the
 * query ends; whichever answers first ends it.
 *
 *   dns_relay_query -> ask_next -> (answer) ---------> deliver, free
 *                       ^   |      (failure) -> close the try; ask_next if it was the last one
 *                       |   |      (one second) -> ask_next
 *                       +---+      (ten seconds; no try left) -> deliver a failure, free
 *
 * Only the header of an answer is looked at: the id, that it is an answer, and its code.
 */

/* How long a server that stood in for an earlier one is asked first. */
#define PREFERENCE_NS (30ULL * 1000 * 1000 * 1000)

/* Of a server's failure so much is kept; a longer one loses what follows the question. */
#define FAILURE_MAX 512

/* Headers may be longer than usual (IPv6 extension headers), but not by much. */
#define FRAME_COPY_MAX (DNS_RELAY_QUERY_MAX + 256)

struct query;

struct
try {
	struct query *query;
	int fd; /* -1 when closed */
};

struct query {
	struct dns_relay *relay;
	GList link;
	struct endpoint source;
	struct frame frame; /* its data is the query's */
	const uint8_t *message;
	size_t length;
	struct dns_servers servers; /* the one to ask first in front */
	uint32_t tried;		    /* how many of them */
	uint32_t open;		    /* how many tries are */
	struct try tries[DNS_SERVERS_MAX];
	struct loop_timer *timer;
	uint64_t deadline_ns;
	size_t failure_length; /* what a server said instead of an answer, if one did */
	uint8_t failure[FAILURE_MAX];
};

struct dns_relay {
	struct loop *loop;
	struct counters *counters;
	frame_sink sink;
	void *sink_data;
	uint32_t mtu;
	struct dns_servers servers;
	uint32_t preferred;
	uint64_t preferred_until_ns;
	GHashTable *by_source;
	GQueue queries; /* the oldest first */
	struct dns_streams *streams;
	uint8_t answer[UINT16_MAX];
	uint8_t frame[FRAME_MAX];
};

/* The table of queries. */

static guint hash_query(gconstpointer key)
{
	const struct query *query = key;
	size_t size = query->source.address.family == AF_INET6 ? 16 : 4;
	guint hash = query->source.port;

	for (size_t i = 0; i < size; i++)
		hash = hash * 31 + query->source.address.bytes[i];
	return hash * 31 + query->message[0] * 256U + query->message[1];
}

static gboolean equal_queries(gconstpointer a, gconstpointer b)
{
	const struct query *left = a;
	const struct query *right = b;

	return endpoint_equal(&left->source, &right->source) &&
	       memcmp(left->message, right->message, 2) == 0;
}

static void query_free(struct query *query)
{
	struct dns_relay *relay = query->relay;

	for (uint32_t i = 0; i < query->tried; i++) {
		loop_unwatch(relay->loop, query->tries[i].fd);
		descriptor_close(&query->tries[i].fd);
	}
	loop_timer_free(query->timer);
	g_hash_table_remove(relay->by_source, query);
	g_queue_unlink(&relay->queries, &query->link);
	g_free(query->frame.data);
	g_free(query);
}

/* Answers. */

/* Sends length bytes in answer, which may be changed, back to where frame came from. */
static void deliver(struct dns_relay *relay, const struct frame *frame, uint8_t *answer,
		    size_t length)
{
	struct endpoint source;
	size_t headers = UDP_SIZE;
	size_t size;

	frame_source(frame, &source);
	headers += source.address.family == AF_INET6 ? IP6_SIZE : IP4_SIZE;
	if (relay->mtu < headers + DNS_HEADER_SIZE)
		return;
	if (length > relay->mtu - headers)
		length = dns_message_truncate(answer, length, relay->mtu - headers);
	size = build_udp_answer(frame, answer, length, relay->frame, sizeof(relay->frame));
	if (size > 0)
		relay->sink(relay->frame, size, relay->sink_data);
}

static void deliver_failure(struct dns_relay *relay, const struct frame *frame,
			    const uint8_t *message, size_t length)
{
	uint8_t answer[DNS_SHORT_MAX];

	counter_add(relay->counters, dns_failures);
	length = dns_message_make_failure(message, length, answer);
	deliver(relay, frame, answer, length);
}

/* Ends a query that no server gave a good answer to. */
static void give_up(struct query *query)
{
	struct dns_relay *relay = query->relay;

	if (query->failure_length > 0) {
		counter_add(relay->counters, dns_answers);
		deliver(relay, &query->frame, query->failure, query->failure_length);
	} else {
		deliver_failure(relay, &query->frame, query->message, query->length);
	}
	query_free(query);
}

/* Remembers who answered, so that the next query needn't wait for a server that is down. */
static void prefer(struct dns_relay *relay, const struct endpoint *server)
{
	for (uint32_t i = 0; i < relay->servers.count; i++) {
		if (!endpoint_equal(&relay->servers.servers[i], server))
			continue;
		if (i != relay->preferred) {
			relay->preferred = i;
			relay->preferred_until_ns = loop_now(relay->loop) + PREFERENCE_NS;
		}
		return;
	}
}

/* Tries. */

static void ask_next(struct query *query);

/* The query goes on with the next server, unless a later one is being waited for anyhow. */
static void fail_try(struct query *query, struct try *try)
{
	bool last = try == &query->tries[query->tried - 1];

	loop_unwatch(query->relay->loop, try->fd);
	descriptor_close(&try->fd);
	query->open--;
	if (last || query->open == 0)
		ask_next(query);
}

/* Keeps a server's failure in case no other server knows better. */
static void keep_failure(struct query *query, const uint8_t *answer, size_t length)
{
	memcpy(query->failure, answer, MIN(length, FAILURE_MAX));
	if (length > FAILURE_MAX)
		length = dns_message_truncate(query->failure, FAILURE_MAX, FAILURE_MAX);
	query->failure_length = length;
}

static void on_answer(int fd, uint32_t events, void *data)
{
	struct try *try = data;
	struct query *query = try->query;
	struct dns_relay *relay = query->relay;
	ssize_t length = recv(fd, relay->answer, sizeof(relay->answer), 0);

	(void)events;
	if (length < 0) {
		if (errno != EAGAIN && errno != EINTR)
			fail_try(query, try);
		return;
	}
	if (!dns_message_answers(relay->answer, (size_t)length, query->message))
		return;
	if (dns_message_is_failure(relay->answer)) {
		keep_failure(query, relay->answer, (size_t)length);
		fail_try(query, try);
		return;
	}
	prefer(relay, &query->servers.servers[try - query->tries]);
	counter_add(relay->counters, dns_answers);
	deliver(relay, &query->frame, relay->answer, (size_t)length);
	query_free(query);
}

/* Sends the query to one more server. Returns false if that fails at once. */
static bool ask(struct query *query, uint32_t index)
{
	struct try *try = &query->tries[index];
	struct loop *loop = query->relay->loop;

	try->query = query;
	try->fd = dns_server_connect(&query->servers, index, SOCK_DGRAM);
	if (try->fd < 0)
		return false;
	if (send(try->fd, query->message, query->length, 0) < 0 ||
	    loop_watch(loop, try->fd, EPOLLIN, on_answer, try) < 0) {
		descriptor_close(&try->fd);
		return false;
	}
	query->open++;
	return true;
}

/* Asks the next server that can be asked; without one, waits for those that were, or gives up. */
static void ask_next(struct query *query)
{
	uint64_t next_ns = loop_now(query->relay->loop) + DNS_RELAY_NEXT_NS;
	bool asked = false;

	while (!asked && query->tried < query->servers.count)
		asked = ask(query, query->tried++);
	if (query->open == 0) {
		give_up(query);
		return;
	}
	if (query->tried == query->servers.count)
		next_ns = query->deadline_ns;
	loop_timer_set(query->timer, next_ns);
}

static void on_timer(void *data)
{
	struct query *query = data;

	if (loop_now(query->relay->loop) >= query->deadline_ns)
		give_up(query);
	else
		ask_next(query);
}

/* Queries. */

/* Sends a query that is under way once more, for it or its answer may have got lost. */
static void ask_again(struct query *query)
{
	for (uint32_t i = query->tried; i > 0; i--) {
		if (query->tries[i - 1].fd < 0)
			continue;
		/* A failure is the same as another loss. */
		(void)send(query->tries[i - 1].fd, query->message, query->length, 0);
		return;
	}
}

static void start_query(struct dns_relay *relay, const struct frame *frame, const uint8_t *message,
			size_t length)
{
	struct query *query = g_new0(struct query, 1);

	query->relay = relay;
	query->frame = *frame;
	query->frame.data = g_memdup2(frame->data, frame->length);
	frame_source(frame, &query->source);
	query->message = query->frame.data + (message - frame->data);
	query->length = length;
	dns_server_order(&relay->servers, relay->preferred, &query->servers);
	query->timer = loop_timer_new(relay->loop, on_timer, query);
	query->deadline_ns = loop_now(relay->loop) + DNS_RELAY_TIMEOUT_NS;
	query->link.data = query;
	g_queue_push_tail_link(&relay->queries, &query->link);
	g_hash_table_add(relay->by_source, query);
	ask_next(query);
}

void dns_relay_query(struct dns_relay *relay, const struct frame *frame)
{
	struct query key = { 0 };
	struct query *known;
	size_t length;

	if (frame->length > FRAME_COPY_MAX || !dns_message_find(frame, &key.message, &length) ||
	    length > DNS_RELAY_QUERY_MAX)
		return;
	frame_source(frame, &key.source);
	known = g_hash_table_lookup(relay->by_source, &key);
	if (known && known->length == length && memcmp(known->message, key.message, length) == 0) {
		ask_again(known);
		return;
	}
	/* Another question under the same id: its asker has forgotten the first one. */
	if (known)
		query_free(known);
	counter_add(relay->counters, dns_queries);
	if (relay->servers.count == 0) {
		deliver_failure(relay, frame, key.message, length);
		return;
	}
	if (relay->queries.length >= DNS_RELAY_QUERIES) {
		counter_add(relay->counters, dns_failures);
		query_free(relay->queries.head->data);
	}
	if (loop_now(relay->loop) >= relay->preferred_until_ns)
		relay->preferred = 0;
	start_query(relay, frame, key.message, length);
}

/* The relay. */

struct dns_relay *dns_relay_new(struct loop *loop, uint32_t mtu, struct counters *counters,
				frame_sink sink, void *sink_data)
{
	struct dns_relay *relay = g_new0(struct dns_relay, 1);

	relay->loop = loop;
	relay->counters = counters;
	relay->sink = sink;
	relay->sink_data = sink_data;
	relay->mtu = mtu;
	relay->by_source = g_hash_table_new(hash_query, equal_queries);
	g_queue_init(&relay->queries);
	relay->streams = dns_streams_new(loop, counters);
	return relay;
}

void dns_relay_free(struct dns_relay *relay)
{
	if (!relay)
		return;
	while (relay->queries.head)
		query_free(relay->queries.head->data);
	g_hash_table_destroy(relay->by_source);
	dns_streams_free(relay->streams);
	g_free(relay);
}

void dns_relay_set_servers(struct dns_relay *relay, const struct dns_servers *servers)
{
	relay->servers = *servers;
	relay->servers.count = MIN(servers->count, DNS_SERVERS_MAX);
	relay->preferred = 0;
	dns_streams_set_servers(relay->streams, &relay->servers);
}

int dns_relay_serve_streams(struct dns_relay *relay, int listener)
{
	return dns_streams_serve(relay->streams, listener);
}
