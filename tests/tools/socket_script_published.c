/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: servers whose ports are published, and their clients at the remote and inside. */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

static int open_listener(enum place at, uint16_t port, int option)
{
	int fd = open_stream(at, SOCK_CLOEXEC);

	if (option)
		set_option(fd, SOL_SOCKET, option, 1);
	say_bind(fd, at, port);
	say_listen(fd, 16);
	return fd;
}

static void ask_connect(int peer, bool v6, uint16_t port)
{
	char order[32];

	snprintf(order, sizeof(order), "connect%d %u", v6 ? 6 : 4, port);
	peer_ask(peer, order);
}

/* Serves the one client that peer makes. */
static void serve_remote(int listener, bool v6, uint16_t port)
{
	int peer = peer_open();
	int fd;

	ask_connect(peer, v6, port);
	fd = say_accept(listener);
	if (fd >= 0) {
		say_peer(fd);
		say_local(fd);
		peer_ask(peer, "send hello");
		say_receive(fd);
		say_send(fd, "there");
		peer_ask(peer, "receive");
		peer_ask(peer, "end");
		say_receive(fd);
		say_result("shutdown", shutdown(fd, SHUT_WR));
		peer_ask(peer, "receive");
		close(fd);
	}
	close(peer);
}

static void remote(void)
{
	int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);

	say_local(listener);
	say_flags("listener", listener);
	serve_remote(listener, false, PORT_PUBLISHED4);
	serve_remote(listener, false, PORT_PUBLISHED4);
	close(listener);
}

static void remote_v6(void)
{
	int listener = open_listener(ANY6, PORT_PUBLISHED6, SO_REUSEADDR);

	say_local(listener);
	serve_remote(listener, true, PORT_PUBLISHED6);
	close(listener);
}

/* A dual-stack server, on a port published by IPv4 and by both. */
static void dual_on_v4(void)
{
	int listener = open_listener(ANY6, PORT_PUBLISHED4, SO_REUSEADDR);

	serve_remote(listener, false, PORT_PUBLISHED4);
	close(listener);
}

static void dual_on_both(void)
{
	int listener = open_listener(ANY6, PORT_PUBLISHED, SO_REUSEADDR);

	say_local(listener);
	serve_remote(listener, false, PORT_PUBLISHED);
	serve_remote(listener, true, PORT_PUBLISHED);
	close(listener);
}

static void two_on_both(void)
{
	int v6 = open_stream(ANY6, 0), v4 = open_stream(ANY4, 0);

	set_option(v6, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	set_option(v6, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(v4, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(v6, ANY6, PORT_PUBLISHED);
	say_bind(v4, ANY4, PORT_PUBLISHED);
	say_listen(v6, 5);
	say_listen(v4, 5);
	serve_remote(v4, false, PORT_PUBLISHED);
	serve_remote(v6, true, PORT_PUBLISHED);
	close(v6);
	close(v4);
}

static void client_inside(int listener, enum place to, uint16_t port)
{
	int client = open_stream(to, 0);
	int fd;

	if (say_connect(client, to, port) == 0) {
		fd = say_accept(listener);
		say_peer(client);
		say_send(client, "ping");
		say_receive(fd);
		close(fd);
	}
	close(client);
}

/* The same server, reached from where it runs. */
static void inside(void)
{
	int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);

	client_inside(listener, LOOPBACK4, PORT_PUBLISHED4);
	client_inside(listener, OWN4, PORT_PUBLISHED4);
	client_inside(listener, ANY4, PORT_PUBLISHED4);
	client_inside(listener, LOOPBACK_MAPPED, PORT_PUBLISHED4);
	close(listener);
	listener = open_listener(ANY6, PORT_PUBLISHED6, SO_REUSEADDR);
	client_inside(listener, LOOPBACK6, PORT_PUBLISHED6);
	client_inside(listener, OWN6, PORT_PUBLISHED6);
	close(listener);
	listener = open_listener(ANY6, PORT_PUBLISHED, SO_REUSEADDR);
	client_inside(listener, LOOPBACK4, PORT_PUBLISHED);
	client_inside(listener, LOOPBACK6, PORT_PUBLISHED);
	client_inside(listener, OWN4, PORT_PUBLISHED);
	close(listener);
}

static void inside_nonblocking(void)
{
	int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);
	int client = open_stream(ANY4, SOCK_NONBLOCK);

	say_connect(client, LOOPBACK4, PORT_PUBLISHED4);
	settle(client);
	say_error(client);
	say_connect(client, LOOPBACK4, PORT_PUBLISHED4);
	say_connect(client, LOOPBACK4, PORT_PUBLISHED4);
	close(say_accept(listener));
	close(client);
	close(listener);
	client = open_stream(ANY4, 0);
	say_connect(client, LOOPBACK4, PORT_PUBLISHED4);
	close(client);
}

/* What a server keeps to its loopback is not published, though the port's number is. */
static void loopback_only(void)
{
	int listener = open_listener(LOOPBACK4, PORT_PUBLISHED4, SO_REUSEADDR);
	int peer = peer_open();

	say_local(listener);
	client_inside(listener, LOOPBACK4, PORT_PUBLISHED4);
	ask_connect(peer, false, PORT_PUBLISHED4);
	close(peer);
	close(listener);
}

static void nobody_listens(void)
{
	int peer = peer_open();
	int fd = open_stream(ANY4, 0);

	ask_connect(peer, false, PORT_PUBLISHED4);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	ask_connect(peer, false, PORT_PUBLISHED4);
	say_listen(fd, 5);
	ask_connect(peer, false, PORT_PUBLISHED4);
	close(say_accept(fd));
	close(fd);
	ask_connect(peer, false, PORT_PUBLISHED4);
	close(peer);
}

static void twice(void)
{
	int first = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);
	int second = open_stream(ANY4, 0), third = open_stream(LOOPBACK4, 0);

	say_bind(second, ANY4, PORT_PUBLISHED4);
	set_option(second, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(second, ANY4, PORT_PUBLISHED4);
	set_option(second, SOL_SOCKET, SO_REUSEPORT, 1);
	say_bind(second, ANY4, PORT_PUBLISHED4);
	say_bind(third, LOOPBACK4, PORT_PUBLISHED4);
	say_bind(first, ANY4, PORT_PUBLISHED4);
	close(first);
	say_bind(second, ANY4, PORT_PUBLISHED4);
	say_listen(second, 5);
	serve_remote(second, false, PORT_PUBLISHED4);
	close(second);
	close(third);
}

static void again_and_again(void)
{
	for (int i = 0; i < 5; i++) {
		int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);

		serve_remote(listener, false, PORT_PUBLISHED4);
		close(listener);
	}
}

/* A connection that the server ended first keeps the port from a bind without SO_REUSEADDR. */
static void time_wait(void)
{
	int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);
	int peer = peer_open();
	int fd;

	ask_connect(peer, false, PORT_PUBLISHED4);
	fd = say_accept(listener);
	say_result("shutdown", shutdown(fd, SHUT_WR));
	peer_ask(peer, "receive");
	peer_ask(peer, "close");
	close(fd);
	close(listener);
	close(peer);
	fd = open_stream(ANY4, 0);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	close(fd);
}

/* A server that forks its workers after listen, each of which accepts. */
static void pre_fork(void)
{
	int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);
	pid_t pid = fork();
	int peer;

	if (pid == 0) {
		serve_remote(listener, false, PORT_PUBLISHED4);
		_exit(0);
	}
	say_child(pid);
	pid = fork();
	if (pid == 0) {
		close(listener);
		_exit(0);
	}
	say_child(pid);
	serve_remote(listener, false, PORT_PUBLISHED4);
	close(listener);
	peer = peer_open();
	ask_connect(peer, false, PORT_PUBLISHED4);
	close(peer);
}

/* Bound by the parent, listened on by the child. */
static void fork_before_listen(void)
{
	int fd = open_stream(ANY4, 0);
	pid_t pid;

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	pid = fork();
	if (pid == 0) {
		say_listen(fd, 5);
		serve_remote(fd, false, PORT_PUBLISHED4);
		_exit(0);
	}
	say_child(pid);
	close(fd);
}

/* Several sockets of one port, as nginx's and others' workers have them. */
static void reuse_port(void)
{
	int fds[3];
	int peer = peer_open();

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = open_stream(ANY4, SOCK_CLOEXEC);
		set_option(fds[i], SOL_SOCKET, SO_REUSEADDR, 1);
		set_option(fds[i], SOL_SOCKET, SO_REUSEPORT, 1);
		say_bind(fds[i], ANY4, PORT_PUBLISHED4);
		say_listen(fds[i], 5);
	}
	for (int i = 0; i < 8; i++) {
		struct pollfd polls[] = { { .fd = fds[0], .events = POLLIN },
					  { .fd = fds[1], .events = POLLIN },
					  { .fd = fds[2], .events = POLLIN } };

		ask_connect(peer, false, PORT_PUBLISHED4);
		say("poll: %d", poll(polls, ARRAY_SIZE(polls), 5000));
		for (size_t j = 0; j < ARRAY_SIZE(polls); j++)
			if (polls[j].revents)
				close(say_accept(fds[j]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	close(peer);
}

/* Bound by a descriptor, listened and accepted on by its duplicate. */
static void duplicates(void)
{
	int fd = open_stream(ANY4, 0);
	int other = dup(fd);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	say_local(other);
	say_listen(other, 5);
	close(fd);
	serve_remote(other, false, PORT_PUBLISHED4);
	close(other);
}

/* What accept gives out has the flags that were asked for. */
static void accept_flags(void)
{
	int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);
	int peer = peer_open();
	int fd;

	ask_connect(peer, false, PORT_PUBLISHED4);
	say_poll_for(listener, POLLIN, 5000);
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	say_flags("accepted", fd);
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_listen(fd, 5);
	say_bind(fd, ANY4, PORT_OWN);
	say_dissolve(fd);
	say_peer(fd);
	close(fd);
	ask_connect(peer, false, PORT_PUBLISHED4);
	fd = accept(listener, NULL, NULL);
	say_flags("accepted", fd);
	peer_ask(peer, "reset");
	say_poll_reset(fd);
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	close(fd);
	close(peer);
	close(listener);
}

/* accept(2) that blocks, and is ended by a signal, and by a client. */
static void accept_blocking(void)
{
	int listener = open_listener(ANY4, PORT_PUBLISHED4, SO_REUSEADDR);
	pid_t pid = fork();
	int peer;

	if (pid == 0) {
		_exit(accept(listener, NULL, NULL) >= 0 ? 0 : 1);
	}
	usleep(100000);
	peer = peer_open();
	ask_connect(peer, false, PORT_PUBLISHED4);
	say_child(pid);
	pid = fork();
	if (pid == 0) {
		accept(listener, NULL, NULL);
		_exit(0);
	}
	usleep(100000);
	kill(pid, SIGTERM);
	say_child(pid);
	close(peer);
	close(listener);
}

/* A published server that connects out with its own socket after it is done. */
static void bound_then_connected(void)
{
	int fd = open_stream(ANY4, 0);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_local(fd);
	say_exchange(fd, "one");
	close_at_once(fd);
	fd = open_stream(ANY4, 0);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	say_local(fd);
	close_at_once(fd);
}

const struct scenario published_scenarios[] = {
	{ "published-remote", NEED_PUBLISHED, remote },
	{ "published-remote-v6", NEED_PUBLISHED, remote_v6 },
	{ "published-dual-on-v4", NEED_PUBLISHED, dual_on_v4 },
	{ "published-dual-on-both", NEED_PUBLISHED, dual_on_both },
	{ "published-two-on-both", NEED_PUBLISHED, two_on_both },
	{ "published-inside", NEED_PUBLISHED, inside },
	{ "published-inside-nonblocking", NEED_PUBLISHED, inside_nonblocking },
	{ "published-loopback-only", NEED_PUBLISHED, loopback_only },
	{ "published-nobody-listens", NEED_PUBLISHED, nobody_listens },
	{ "published-twice", NEED_PUBLISHED, twice },
	{ "published-again", NEED_PUBLISHED, again_and_again },
	{ "published-time-wait", NEED_PUBLISHED, time_wait },
	{ "published-pre-fork", NEED_PUBLISHED, pre_fork },
	{ "published-fork-before-listen", NEED_PUBLISHED, fork_before_listen },
	{ "published-reuse-port", NEED_PUBLISHED, reuse_port },
	{ "published-duplicates", NEED_PUBLISHED, duplicates },
	{ "published-accept-flags", NEED_PUBLISHED, accept_flags },
	{ "published-accept-blocking", NEED_PUBLISHED, accept_blocking },
	{ "published-bound-then-connected", NEED_PUBLISHED, bound_then_connected },
	{ 0 },
};
