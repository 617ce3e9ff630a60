/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: servers and their clients, both inside. */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

/* A server at one place, a client to another. */
static void between(enum place at, enum place to)
{
	int listener = open_stream(at, 0), client = open_stream(to, 0);
	int server;

	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(listener, at, PORT_OWN);
	say_listen(listener, 5);
	say_local(listener);
	if (say_connect(client, to, PORT_OWN) == 0) {
		server = say_accept(listener);
		say_peer(client);
		say_local(server);
		say_send(client, "ping");
		say_receive(server);
		say_send(server, "pong");
		say_receive(client);
		close(server);
		say_receive(client);
	}
	close(client);
	close(listener);
}

static void inside(void)
{
	static const struct {
		enum place at, to;
	} rows[] = {
		{ LOOPBACK4, LOOPBACK4 }, { ANY4, LOOPBACK4 },	{ ANY4, OWN4 },
		{ OWN4, OWN4 },		  { OWN4, LOOPBACK4 },	{ ANY4, ANY4 },
		{ LOOPBACK6, LOOPBACK6 }, { ANY6, LOOPBACK6 },	{ ANY6, OWN6 },
		{ OWN6, OWN6 },		  { ANY6, ANY6 },	{ ANY6, LOOPBACK4 },
		{ ANY6, OWN4 },		  { ANY6, OWN_MAPPED }, { ANY4, LOOPBACK_MAPPED },
		{ ANY4, ANY_MAPPED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		between(rows[i].at, rows[i].to);
}

static void nonblocking(void)
{
	int listener = open_stream(ANY4, SOCK_NONBLOCK), client = open_stream(ANY4, SOCK_NONBLOCK);

	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(listener, ANY4, PORT_OWN);
	say_listen(listener, 5);
	say_result("accept", accept(listener, NULL, NULL));
	say_connect(client, LOOPBACK4, PORT_OWN);
	settle(client);
	say_poll_for(listener, POLLIN, 1000);
	say_connect(client, LOOPBACK4, PORT_OWN);
	say_connect(client, LOOPBACK4, PORT_OWN);
	close(say_accept(listener));
	close(client);
	close(listener);
}

static void without_bind(void)
{
	int listener = open_stream(ANY4, 0), client = open_stream(LOOPBACK4, 0);
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	say_listen(listener, 5);
	say_local(listener);
	getsockname(listener, (struct sockaddr *)&address, &length);
	say_connect(client, LOOPBACK4, ntohs(address.sin_port));
	close(say_accept(listener));
	close(client);
	close(listener);
}

static void states(void)
{
	int listener = open_stream(ANY4, 0);

	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	say_result("accept before listen", accept(listener, NULL, NULL));
	say_bind(listener, ANY4, PORT_OWN);
	say_listen(listener, 5);
	say_listen(listener, 50);
	say_listen(listener, -1);
	say_connect(listener, LOOPBACK4, PORT_OWN);
	say_connect(listener, REMOTE4, PORT_ECHO);
	say_peer(listener);
	say_dissolve(listener);
	say_local(listener);
	say_option("SO_ACCEPTCONN", listener, SOL_SOCKET, SO_ACCEPTCONN);
	say_result("shutdown", shutdown(listener, SHUT_RDWR));
	say_connect(listener, REMOTE4, PORT_ECHO);
	close(listener);
	say_result("listen on no socket", listen(0, 5));
	say_result("listen on nothing", listen(999, 5));
}

/* The client binds and connects to itself: a simultaneous open. */
static void to_itself(void)
{
	int fd = open_stream(LOOPBACK4, 0);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, LOOPBACK4, PORT_OWN + 2);
	say_connect(fd, LOOPBACK4, PORT_OWN + 2);
	say_exchange(fd, "one");
	close(fd);
}

/* More than the backlog has room for: the rest is silent until there is. */
static void backlog(enum place at, uint16_t port)
{
	int listener = open_stream(at, 0);
	int clients[5];
	int done = 0;

	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(listener, at, port);
	say_listen(listener, 1);
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = open_stream(at, SOCK_NONBLOCK);
		connect_place(clients[i], LOOPBACK4, port);
	}
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		struct pollfd poll_fd = { .fd = clients[i], .events = POLLOUT };

		done += poll(&poll_fd, 1, 100);
	}
	say("connected at once: %d", done);
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
		close(clients[i]);
	close(listener);
}

static void backlog_inside(void)
{
	backlog(ANY4, PORT_OWN + 3);
}

static void backlog_published(void)
{
	backlog(ANY4, PORT_PUBLISHED4);
}

const struct scenario listen_scenarios[] = {
	{ "listen-inside", 0, inside },
	{ "listen-nonblocking", 0, nonblocking },
	{ "listen-without-bind", 0, without_bind },
	{ "listen-states", 0, states },
	{ "listen-to-itself", 0, to_itself },
	{ "listen-backlog", 0, backlog_inside },
	{ "listen-backlog-published", NEED_PUBLISHED, backlog_published },
	{ 0 },
};
