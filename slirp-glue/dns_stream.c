/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS over TCP: joins connections made here to the host's servers. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "slirp-glue/dns_server.h"
#include "slirp-glue/dns_stream.h"

/*
 * libslirp ends the container's TCP connection and connects to our listener; a stream carries the
 * bytes from there to a server of the host. It first tries the servers in turn until one takes the
 * connection, then copies in both directions, each through a half with a buffer of its own, and
 * passes the end of either direction on. It is over when both directions have ended, when either
 * side fails, or when nothing has moved for a while.
 *
 * The listener must never be left with connections waiting, since libslirp connects to it with a
 * blocking connect from this very thread: whatever comes is accepted, and closed if it can't be
 * served. A spare descriptor makes that possible even when no other is to be had.
 */

#define CONNECT_NS (3ULL * 1000 * 1000 * 1000)
#define IDLE_NS (30ULL * 1000 * 1000 * 1000)
#define HALF_SIZE (64 * 1024)

struct half {
	size_t start; /* data[start..end) is read and not yet written */
	size_t end;
	bool ended; /* the reading side has no more */
	bool shut;  /* and the writing side was told */
	uint8_t data[HALF_SIZE];
};

struct stream {
	struct dns_streams *owner;
	GList link;
	int local;
	int remote; /* -1 while there is none */
	bool joined;
	uint32_t next_server;
	struct loop_timer *timer;
	struct half query;  /* local to remote */
	struct half answer; /* remote to local */
};

struct dns_streams {
	struct loop *loop;
	struct counters *counters;
	struct dns_servers servers;
	int listener;
	int spare;
	GQueue streams;
};

static void close_remote(struct stream *stream)
{
	loop_unwatch(stream->owner->loop, stream->remote);
	descriptor_close(&stream->remote);
}

static void stream_free(struct stream *stream)
{
	struct dns_streams *owner = stream->owner;

	close_remote(stream);
	loop_unwatch(owner->loop, stream->local);
	descriptor_close(&stream->local);
	loop_timer_free(stream->timer);
	g_queue_unlink(&owner->streams, &stream->link);
	g_free(stream);
}

/* Copying. */

static bool is_transient(int number)
{
	return number == EAGAIN || number == EINTR;
}

/* Writes what the half holds. Returns false if the writing side failed. */
static bool half_write(struct half *half, int to)
{
	ssize_t length;

	if (half->start < half->end) {
		length = send(to, half->data + half->start, half->end - half->start, MSG_NOSIGNAL);
		if (length < 0)
			return is_transient(errno);
		half->start += (size_t)length;
	}
	if (half->start == half->end) {
		half->start = 0;
		half->end = 0;
	}
	if (half->ended && half->end == 0 && !half->shut) {
		half->shut = true;
		(void)shutdown(to, SHUT_WR);
	}
	return true;
}

/* Reads as much as there is room for. Returns false if the reading side failed. */
static bool half_read(struct half *half, int from)
{
	ssize_t length;

	if (half->ended || half->end == HALF_SIZE)
		return true;
	length = recv(from, half->data + half->end, HALF_SIZE - half->end, 0);
	if (length < 0)
		return is_transient(errno);
	half->end += (size_t)length;
	half->ended = length == 0;
	return true;
}

static uint32_t wanted_events(const struct half *in, const struct half *out)
{
	uint32_t events = 0;

	if (!in->ended && in->end < HALF_SIZE)
		events |= EPOLLIN;
	if (out->end > 0)
		events |= EPOLLOUT;
	return events;
}

static void on_local(int fd, uint32_t events, void *data);
static void on_remote(int fd, uint32_t events, void *data);

/* Watches both sides for what can be done next. Returns false if that is nothing, or impossible. */
static bool watch_sides(struct stream *stream)
{
	struct loop *loop = stream->owner->loop;
	uint32_t local = wanted_events(&stream->query, &stream->answer);
	uint32_t remote = wanted_events(&stream->answer, &stream->query);

	if (stream->query.shut && stream->answer.shut)
		return false;
	/* With no events the local side still tells when it is gone for good. */
	if (loop_watch(loop, stream->local, local, on_local, stream) < 0)
		return false;
	/* The remote side must not: it may hang up long before its last bytes can go on. */
	if (remote == 0)
		loop_unwatch(loop, stream->remote);
	else if (loop_watch(loop, stream->remote, remote, on_remote, stream) < 0)
		return false;
	return true;
}

static bool copy(struct stream *stream)
{
	return half_read(&stream->query, stream->local) &&
	       half_read(&stream->answer, stream->remote) &&
	       half_write(&stream->query, stream->remote) &&
	       half_write(&stream->answer, stream->local);
}

static void advance(struct stream *stream)
{
	if (!copy(stream) || !watch_sides(stream)) {
		stream_free(stream);
		return;
	}
	loop_timer_set(stream->timer, loop_now(stream->owner->loop) + IDLE_NS);
}

/* Connecting. */

/* Goes on to the next server that a connection can be started to; without one the stream ends. */
static void connect_next(struct stream *stream)
{
	struct dns_streams *owner = stream->owner;

	close_remote(stream);
	while (stream->next_server < owner->servers.count) {
		stream->remote =
			dns_server_connect(&owner->servers, stream->next_server++, SOCK_STREAM);
		if (stream->remote < 0)
			continue;
		if (loop_watch(owner->loop, stream->remote, EPOLLOUT, on_remote, stream) == 0) {
			loop_timer_set(stream->timer, loop_now(owner->loop) + CONNECT_NS);
			return;
		}
		descriptor_close(&stream->remote);
	}
	counter_add(owner->counters, dns_failures);
	stream_free(stream);
}

static void on_remote(int fd, uint32_t events, void *data)
{
	struct stream *stream = data;
	int error = 0;
	socklen_t length = sizeof(error);

	(void)events;
	if (!stream->joined) {
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error != 0) {
			connect_next(stream);
			return;
		}
		stream->joined = true;
	}
	advance(stream);
}

static void on_local(int fd, uint32_t events, void *data)
{
	struct stream *stream = data;

	(void)fd;
	/* Closed altogether: nobody is left to hear an answer. */
	if (events & (EPOLLHUP | EPOLLERR))
		stream_free(stream);
	else if (stream->joined)
		advance(stream);
}

static void on_timer(void *data)
{
	struct stream *stream = data;

	if (stream->joined)
		stream_free(stream);
	else
		connect_next(stream);
}

static void stream_start(struct dns_streams *owner, int local)
{
	struct stream *stream = g_new0(struct stream, 1);

	stream->owner = owner;
	stream->local = local;
	stream->remote = -1;
	stream->link.data = stream;
	stream->timer = loop_timer_new(owner->loop, on_timer, stream);
	g_queue_push_tail_link(&owner->streams, &stream->link);
	counter_add(owner->counters, dns_streams);
	if (loop_watch(owner->loop, local, 0, on_local, stream) < 0)
		stream_free(stream);
	else
		connect_next(stream);
}

/* Listening. */

/* Accepts one connection only to close it, in the place of the spare descriptor. */
static bool refuse_one(struct dns_streams *streams)
{
	bool refused;
	int fd;

	descriptor_close(&streams->spare);
	fd = accept4(streams->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	refused = fd >= 0;
	descriptor_close(&fd);
	streams->spare = fcntl(streams->listener, F_DUPFD_CLOEXEC, 0);
	if (refused)
		counter_add(streams->counters, dns_failures);
	return refused;
}

static void on_listener(int listener, uint32_t events, void *data)
{
	struct dns_streams *streams = data;
	bool more = true;
	int fd;

	(void)events;
	while (more) {
		if (streams->streams.length >= DNS_STREAMS_MAX) {
			more = refuse_one(streams);
			continue;
		}
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			stream_start(streams, fd);
		else if (errno == EMFILE || errno == ENFILE)
			more = refuse_one(streams);
		else
			more = errno == EINTR || errno == ECONNABORTED;
	}
}

struct dns_streams *dns_streams_new(struct loop *loop, struct counters *counters)
{
	struct dns_streams *streams = g_new0(struct dns_streams, 1);

	streams->loop = loop;
	streams->counters = counters;
	streams->listener = -1;
	streams->spare = -1;
	g_queue_init(&streams->streams);
	return streams;
}

static void close_listener(struct dns_streams *streams)
{
	loop_unwatch(streams->loop, streams->listener);
	descriptor_close(&streams->listener);
	descriptor_close(&streams->spare);
}

void dns_streams_free(struct dns_streams *streams)
{
	if (!streams)
		return;
	while (streams->streams.head)
		stream_free(streams->streams.head->data);
	close_listener(streams);
	g_free(streams);
}

void dns_streams_set_servers(struct dns_streams *streams, const struct dns_servers *servers)
{
	streams->servers = *servers;
	streams->servers.count = MIN(servers->count, DNS_SERVERS_MAX);
}

int dns_streams_serve(struct dns_streams *streams, int listener)
{
	int result;

	close_listener(streams);
	streams->listener = listener;
	streams->spare = fcntl(listener, F_DUPFD_CLOEXEC, 0);
	result = streams->spare < 0 ? -errno : 0;
	if (result == 0)
		result = loop_watch(streams->loop, listener, EPOLLIN, on_listener, streams);
	if (result < 0)
		close_listener(streams);
	return result;
}
