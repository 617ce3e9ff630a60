/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: more than one connect(2) on a socket, AF_UNSPEC, and where it goes in between. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "tests/tools/socket_script.h"

/* Blocking: the socket can be used again. */
static void after_refusal(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, REMOTE4, PORT_CLOSED);
	say_connect(fd, REMOTE4, PORT_CLOSED);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_peer(fd);
	say_exchange(fd, "one");
	close(fd);
}

/* hiredis and others: the second connect tells what came of the first. */
static void after_refusal_nonblocking(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	say_connect(fd, REMOTE4, PORT_CLOSED);
	settle(fd);
	say_connect(fd, REMOTE4, PORT_CLOSED);
	say_connect(fd, REMOTE4, PORT_CLOSED);
	settle(fd);
	say_error(fd);
	say_connect(fd, REMOTE4, PORT_CLOSED);
	say_connect(fd, REMOTE4, PORT_ECHO);
	settle(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

/* The error is left unread, and the next address is another. */
static void after_refusal_elsewhere(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	say_connect(fd, REMOTE4, PORT_CLOSED);
	settle(fd);
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	settle(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_connect(fd, REMOTE4, PORT_ECHO);
	settle(fd);
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	say_exchange(fd, "one");
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	close(fd);
}

static void blocking_elsewhere(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	say_connect(fd, REMOTE4, PORT_CLOSED);
	say_connect(fd, OWN4, PORT_CLOSED);
	say_connect(fd, NO_ROUTE4, PORT_ECHO);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

static void after_timeout(void)
{
	int fd = open_stream(SILENT4, 0);

	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

static void after_reset(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, REMOTE4, PORT_RESET);
	say_send(fd, "x");
	say_poll_reset(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_error(fd);
	say_peer(fd);
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_dissolve(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

static void after_end(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, REMOTE4, PORT_ECHO);
	say_result("shutdown", shutdown(fd, SHUT_WR));
	say_receive(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_peer(fd);
	say_dissolve(fd);
	say_peer(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

static void dissolve_fresh(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_dissolve(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

static void dissolve_and_say(int fd)
{
	say_dissolve(fd);
	say_peer(fd);
	say_local(fd);
	say_error(fd);
	say_poll(fd, 100);
	say_dissolve(fd);
}

static void dissolve_connected(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, REMOTE4, PORT_ECHO);
	dissolve_and_say(fd);
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	dissolve_and_say(fd);
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	say_connect(fd, REMOTE4, PORT_CLOSED);
	close(fd);
}

static void dissolve_under_way(void)
{
	int fd = open_stream(SILENT4, SOCK_NONBLOCK);

	say_connect(fd, SILENT4, PORT_ECHO);
	dissolve_and_say(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	settle(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

static void dissolve_refused(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	say_connect(fd, REMOTE4, PORT_CLOSED);
	settle(fd);
	dissolve_and_say(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	settle(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	close(fd);
}

/* A source port that was chosen stays over AF_UNSPEC, one that was not goes. */
static void dissolve_bound(void)
{
	int fd = open_stream(REMOTE4, 0);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_SOURCE + 8);
	say_connect(fd, REMOTE4, PORT_ECHO);
	dissolve_and_say(fd);
	say_bind(fd, ANY4, PORT_SOURCE + 9);
	close(fd);
}

static void options_after_dissolve(void)
{
	int fd = open_stream(REMOTE4, SOCK_CLOEXEC);

	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	say_connect(fd, REMOTE4, PORT_ECHO);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	say_dissolve(fd);
	say_option("TCP_NODELAY", fd, IPPROTO_TCP, TCP_NODELAY);
	say_option("SO_KEEPALIVE", fd, SOL_SOCKET, SO_KEEPALIVE);
	say_option("TCP_KEEPIDLE", fd, IPPROTO_TCP, TCP_KEEPIDLE);
	say_flags("after", fd);
	close(fd);
}

/* As with AF_UNSPEC on a socket for each address that getaddrinfo(3) sorts. */
static void listen_after_dissolve(void)
{
	int fd = open_stream(REMOTE4, 0);
	int client = open_stream(LOOPBACK4, 0);

	say_connect(fd, REMOTE4, PORT_ECHO);
	say_listen(fd, 5);
	say_dissolve(fd);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_OWN + 9);
	say_listen(fd, 5);
	say_connect(client, LOOPBACK4, PORT_OWN + 9);
	close(say_accept(fd));
	say_connect(fd, REMOTE4, PORT_ECHO);
	close(client);
	close(fd);
}

const struct scenario repeat_scenarios[] = {
	{ "repeat-after-refusal", 0, after_refusal },
	{ "repeat-after-refusal-nonblocking", 0, after_refusal_nonblocking },
	{ "repeat-after-refusal-elsewhere", 0, after_refusal_elsewhere },
	{ "repeat-blocking-elsewhere", 0, blocking_elsewhere },
	{ "repeat-after-timeout", 0, after_timeout },
	{ "repeat-after-reset", 0, after_reset },
	{ "repeat-after-end", 0, after_end },
	{ "dissolve-fresh", 0, dissolve_fresh },
	{ "dissolve-connected", 0, dissolve_connected },
	{ "dissolve-under-way", 0, dissolve_under_way },
	{ "dissolve-refused", 0, dissolve_refused },
	{ "dissolve-bound", 0, dissolve_bound },
	{ "dissolve-options", 0, options_after_dissolve },
	{ "dissolve-listen", 0, listen_after_dissolve },
	{ 0 },
};
