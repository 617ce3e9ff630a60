/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The workload server: one epoll loop over a listener, its connections and a UDP socket. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/connection.h"
#include "workload/dns_responder.h"
#include "workload/modes.h"
#include "workload/protocol.h"
#include "workload/socket.h"
#include "workload/udp_server.h"

#define EVENTS_PER_WAIT 256
#define ACCEPTS_PER_EVENT 64

/* How often at least connections are looked at for whether they are silent, nanoseconds. */
#define SWEEP_INTERVAL_MAX (5 * NANOSECONDS_PER_SECOND)

struct server {
	int epoll;
	struct server_sockets sockets;
	struct connections connections;
	uint64_t connections_max;
	uint64_t sweep_interval;
	uint64_t next_sweep;
	struct udp_server *udp;
	struct dns_responder *dns; /* NULL: none */
	bool accepting;		   /* the listener is armed */
	bool udp_output;	   /* EPOLLOUT is armed on the UDP socket */
};

/* epoll's user data of the sockets that are no connections. */
static const char listener_tag[] = "listener";
static const char udp_tag[] = "udp";
static const char dns_tag[] = "dns";

static bool watch(const struct server *server, int operation, int fd, uint32_t events,
		  const void *data)
{
	struct epoll_event event = { .events = events, .data.ptr = (void *)data };

	return epoll_ctl(server->epoll, operation, fd, &event) == 0;
}

static void set_accepting(struct server *server, bool accepting)
{
	if (server->accepting == accepting)
		return;
	watch(server, EPOLL_CTL_MOD, server->sockets.tcp, accepting ? EPOLLIN : 0, listener_tag);
	server->accepting = accepting;
}

static void add_connection(struct server *server, int fd)
{
	struct connection *connection = connection_new(&server->connections, fd);

	if (connection && !watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, connection))
		connection_free(&server->connections, connection);
}

static void accept_connections(struct server *server)
{
	for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
		if (server->connections.count >= server->connections_max) {
			workload_complain("no more than %" PRIu64 " connections at a time",
					  server->connections_max);
			set_accepting(server, false);
			return;
		}
		int fd = accept4(server->sockets.tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			add_connection(server, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE) {
			workload_complain("no more connections for now: %s", strerror(errno));
			set_accepting(server, false);
		}
		return;
	}
}

static void step_connection(struct server *server, struct connection *connection, uint32_t events)
{
	uint32_t before = connection_wanted_events(connection);

	if (!connection_step(&server->connections, connection, events)) {
		connection_free(&server->connections, connection);
		set_accepting(server, true);
		return;
	}
	uint32_t after = connection_wanted_events(connection);
	if (after != before)
		watch(server, EPOLL_CTL_MOD, connection_descriptor(connection), after, connection);
}

static void step_udp(struct server *server)
{
	udp_server_step(server->udp);
	bool output = udp_server_wants_output(server->udp);
	if (output == server->udp_output)
		return;
	watch(server, EPOLL_CTL_MOD, server->sockets.udp, EPOLLIN | (output ? EPOLLOUT : 0),
	      udp_tag);
	server->udp_output = output;
}

/* Milliseconds until something is to be done by the clock; -1: never. */
static int wait_limit(const struct server *server)
{
	int udp = udp_server_timeout(server->udp);
	int sweep = (int)(server->sweep_interval / 1000000) + 1;

	if (server->connections.count == 0)
		return udp;
	return udp >= 0 && udp < sweep ? udp : sweep;
}

static void sweep_when_due(struct server *server)
{
	uint64_t now = workload_now();

	if (now < server->next_sweep)
		return;
	server->next_sweep = now + server->sweep_interval;
	connections_sweep(&server->connections, now);
	set_accepting(server, true);
}

static void serve_events(struct server *server, const struct epoll_event *events, int count)
{
	bool udp_ready = count == 0 || udp_server_timeout(server->udp) == 0;

	for (int i = 0; i < count; i++) {
		void *data = events[i].data.ptr;
		if (data == listener_tag)
			accept_connections(server);
		else if (data == udp_tag)
			udp_ready = true;
		else if (data == dns_tag)
			dns_responder_step(server->dns);
		else
			step_connection(server, data, events[i].events);
	}
	/* After the connections: a step may end a run and queue its answer on one. */
	if (udp_ready)
		step_udp(server);
	/* Last: it frees connections. */
	sweep_when_due(server);
}

static bool serve(struct server *server)
{
	struct epoll_event events[EVENTS_PER_WAIT];

	for (;;) {
		int count = epoll_wait(server->epoll, events, EVENTS_PER_WAIT, wait_limit(server));
		if (count < 0 && errno != EINTR)
			return workload_complain("epoll_wait: %s", strerror(errno));
		if (count >= 0)
			serve_events(server, events, count);
	}
}

static bool prepare_dns(struct server *server, const struct workload_options *options)
{
	if (options->dns_port == 0)
		return true;
	int fd = socket_serve_dns(options);
	if (fd < 0)
		return false;
	server->dns = dns_responder_new(fd);
	return watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, dns_tag) ||
	       workload_complain("epoll: %s", strerror(errno));
}

static bool prepare(struct server *server, const struct workload_options *options)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	socket_raise_limit(limit.rlim_max);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll < 0)
		return workload_complain("epoll: %s", strerror(errno));
	if (!socket_serve(options, &server->sockets) ||
	    !flow_buffers_init(&server->connections.buffers, WIRE_SIZE_MAX))
		return false;
	server->udp = udp_server_new(server->sockets.udp);
	if (!server->udp)
		return workload_complain("no memory");
	server->connections.udp = server->udp;
	server->connections.timeout = options->timeout;
	server->connections_max = options->connections;
	server->sweep_interval =
		options->timeout < SWEEP_INTERVAL_MAX ? options->timeout : SWEEP_INTERVAL_MAX;
	server->accepting = true;
	if (!watch(server, EPOLL_CTL_ADD, server->sockets.tcp, EPOLLIN, listener_tag) ||
	    !watch(server, EPOLL_CTL_ADD, server->sockets.udp, EPOLLIN, udp_tag))
		return workload_complain("epoll: %s", strerror(errno));
	return prepare_dns(server, options) && workload_tell_ready(options, server->sockets.port);
}

bool workload_server(const struct workload_options *options)
{
	struct server server = { 0 };

	/* It serves until a signal ends it; the kernel takes back what it holds. */
	return prepare(&server, options) && serve(&server);
}
