/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The workload server: one epoll loop over a listener, its connections and a UDP socket. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/connection.h"
#include "workload/socket.h"
#include "workload/udp_server.h"

#define EVENTS_PER_WAIT 256
#define ACCEPTS_PER_EVENT 64
#define BUFFER_SIZE (128 << 10)

struct server {
	int epoll;
	struct server_sockets sockets;
	struct udp_server *udp;
	struct flow_buffers buffers;
	bool accepting;	 /* the listener is armed */
	bool udp_output; /* EPOLLOUT is armed on the UDP socket */
};

/* epoll's user data of the two sockets that are no connections. */
static const char listener_tag[] = "listener";
static const char udp_tag[] = "udp";

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
	struct connection *connection = connection_new(fd, server->udp);

	if (connection && !watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, connection))
		connection_free(connection);
}

static void accept_connections(struct server *server)
{
	for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
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

	if (!connection_step(connection, events, &server->buffers)) {
		connection_free(connection);
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

static bool serve(struct server *server)
{
	struct epoll_event events[EVENTS_PER_WAIT];

	for (;;) {
		int count = epoll_wait(server->epoll, events, EVENTS_PER_WAIT,
				       udp_server_timeout(server->udp));
		if (count < 0 && errno != EINTR)
			return workload_complain("epoll_wait: %s", strerror(errno));
		bool udp_ready = count == 0 || udp_server_timeout(server->udp) == 0;
		for (int i = 0; i < count; i++) {
			void *data = events[i].data.ptr;
			if (data == listener_tag)
				accept_connections(server);
			else if (data == udp_tag)
				udp_ready = true;
			else
				step_connection(server, data, events[i].events);
		}
		/* After the connections: a step may end a run and queue its answer on one. */
		if (udp_ready)
			step_udp(server);
	}
}

/* The port goes to the ready descriptor, which is closed after it. */
static bool tell_ready(const struct workload_options *options, const struct server *server)
{
	if (options->ready_fd < 0)
		return true;
	bool written = dprintf(options->ready_fd, "%u\n", server->sockets.port) > 0;
	close(options->ready_fd);
	return written ||
	       workload_complain("--ready-fd %d: %s", options->ready_fd, strerror(errno));
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
	    !flow_buffers_init(&server->buffers, BUFFER_SIZE))
		return false;
	server->udp = udp_server_new(server->sockets.udp);
	if (!server->udp)
		return workload_complain("no memory");
	server->accepting = true;
	if (!watch(server, EPOLL_CTL_ADD, server->sockets.tcp, EPOLLIN, listener_tag) ||
	    !watch(server, EPOLL_CTL_ADD, server->sockets.udp, EPOLLIN, udp_tag))
		return workload_complain("epoll: %s", strerror(errno));
	return tell_ready(options, server);
}

bool workload_server(const struct workload_options *options)
{
	struct server server = { 0 };

	/* It serves until a signal ends it; the kernel takes back what it holds. */
	return prepare(&server, options) && serve(&server);
}
