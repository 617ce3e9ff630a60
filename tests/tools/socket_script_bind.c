/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: bind(2), its errors, and clients that bind before they connect. */

#include "config.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

static void bind_once(enum place place, uint16_t port)
{
	int fd = open_stream(place, 0);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, place, port);
	say_local(fd);
	say_bind(fd, place, port);
	close(fd);
}

static void places(void)
{
	static const enum place all[] = { ANY4,	     ANY6,	ANY_MAPPED,
					  LOOPBACK4, LOOPBACK6, LOOPBACK_MAPPED,
					  OWN4,	     OWN6,	OWN_MAPPED };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		bind_once(all[i], PORT_OWN);
		bind_once(all[i], 0);
	}
}

static void errors(void)
{
	int fd = open_stream(ANY4, 0), other = open_stream(ANY4, 0);

	bind_once(ELSEWHERE4, PORT_OWN);
	bind_once(ELSEWHERE6, PORT_OWN);
	bind_once(REMOTE4, PORT_OWN);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY4, PORT_OWN);
	say_listen(fd, 5);
	say_bind(other, ANY4, PORT_OWN);
	say_bind(other, LOOPBACK4, PORT_OWN);
	set_option(other, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(other, ANY4, PORT_OWN);
	say_bind(other, ANY4, PORT_OWN + 1);
	close(fd);
	close(other);
}

static void wrong_addresses(void)
{
	struct sockaddr_storage v4, v6;
	socklen_t length4 = place_address(ANY4, PORT_OWN + 31, &v4);
	socklen_t length6 = place_address(ANY6, PORT_OWN + 31, &v6);
	int fd = open_stream(ANY4, 0), fd6 = open_stream(ANY6, 0);

	say_result("too short", bind(fd, (struct sockaddr *)&v4, length4 - 1));
	say_result("empty", bind(fd, (struct sockaddr *)&v4, 0));
	say_result("negative", bind(fd, (struct sockaddr *)&v4, (socklen_t)-5));
	say_result("too long", bind(fd, (struct sockaddr *)&v4, sizeof(v4) + 1));
	say_result("NULL", bind(fd, NULL, length4));
	say_result("IPv6 on IPv4", bind(fd, (struct sockaddr *)&v6, length6));
	say_result("IPv4 on IPv6", bind(fd6, (struct sockaddr *)&v4, length4));
	v4.ss_family = AF_UNSPEC;
	say_result("no family, any", bind(fd, (struct sockaddr *)&v4, length4));
	say_local(fd);
	close(fd);
	fd = open_stream(ANY4, 0);
	place_address(LOOPBACK4, PORT_OWN + 31, &v4);
	v4.ss_family = AF_UNSPEC;
	say_result("no family, loopback", bind(fd, (struct sockaddr *)&v4, length4));
	close(fd);
	close(fd6);
	say_result("closed", bind(fd, (struct sockaddr *)&v4, length4));
	say_result("no socket", bind(0, (struct sockaddr *)&v4, length4));
}

static void privileged(void)
{
	bind_once(ANY4, 80);
	bind_once(ANY6, 443);
	bind_once(LOOPBACK4, 1023);
	bind_once(LOOPBACK4, 1024);
}

static void source_port(enum place to, enum place any, uint16_t port)
{
	int fd = open_stream(to, 0);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, any, port);
	say_connect(fd, to, PORT_ECHO);
	say_local(fd);
	say_exchange(fd, "one");
	close_at_once(fd);
}

/* Each with a port of its own, for the one before may be in TIME_WAIT. */
static void sources(void)
{
	source_port(REMOTE4, ANY4, PORT_SOURCE);
	source_port(REMOTE4, OWN4, PORT_SOURCE + 1);
	source_port(REMOTE6, ANY6, PORT_SOURCE + 2);
	source_port(REMOTE6, OWN6, PORT_SOURCE + 3);
	source_port(REMOTE_MAPPED, OWN_MAPPED, PORT_SOURCE + 4);
	source_port(REMOTE4, OWN4, 0);
	source_port(REMOTE4, ANY4, 0);
	source_port(REMOTE6, ANY6, 0);
	source_port(REMOTE_MAPPED, ANY6, 0);
}

static void source_loopback(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
	say_bind(fd, LOOPBACK4, 0);
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	close_at_once(fd);
}

/* As nginx's proxy_bind and Go: the address without a port, which connect chooses. */
static void source_without_port(void)
{
	int fd = open_stream(REMOTE4, 0);

	set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	say_bind(fd, OWN4, 0);
	say_local(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_local(fd);
	say_exchange(fd, "one");
	close_at_once(fd);
}

/* Two sockets with one source port, to two destinations; the same pair a second time. */
static void shared_source(void)
{
	int fds[3];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = open_stream(REMOTE4, 0);
		set_option(fds[i], SOL_SOCKET, SO_REUSEADDR, 1);
		say_bind(fds[i], ANY4, PORT_SOURCE + 5);
	}
	say_connect(fds[0], REMOTE4, PORT_ECHO);
	say_connect(fds[1], REMOTE4, PORT_TALK);
	say_connect(fds[2], REMOTE4, PORT_ECHO);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close_at_once(fds[i]);
}

/* A port that is bound stays taken while its socket is connected. */
static void source_is_taken(void)
{
	int fd = open_stream(REMOTE4, 0), other = open_stream(REMOTE4, 0);

	say_bind(fd, ANY4, PORT_SOURCE + 6);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_bind(other, ANY4, PORT_SOURCE + 6);
	say_bind(fd, ANY4, PORT_SOURCE + 7);
	close_at_once(fd);
	close(other);
}

/* A connection that failed has given up the port that it had not chosen. */
static void after_refusal(void)
{
	static const struct {
		enum place place;
		uint16_t port;
	} rows[] = { { ANY4, PORT_SOURCE + 8 }, { ANY4, 0 }, { ANY4, PORT_PUBLISHED4 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = open_stream(REMOTE4, 0);

		set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		say_connect(fd, i == 1 ? LOOPBACK4 : REMOTE4, PORT_CLOSED);
		say_bind(fd, rows[i].place, rows[i].port);
		say_bind(fd, rows[i].place, rows[i].port);
		say_listen(fd, 5);
		say_local(fd);
		close(fd);
	}
}

static void reuse_port(void)
{
	int first = open_stream(ANY4, 0), second = open_stream(ANY4, 0);

	set_option(first, SOL_SOCKET, SO_REUSEPORT, 1);
	say_bind(first, ANY4, PORT_OWN + 30);
	say_bind(second, ANY4, PORT_OWN + 30);
	set_option(second, SOL_SOCKET, SO_REUSEPORT, 1);
	say_bind(second, ANY4, PORT_OWN + 30);
	say_listen(first, 5);
	say_listen(second, 5);
	close(first);
	close(second);
}

static void v6_only(void)
{
	int v4 = open_stream(ANY4, 0), v6 = open_stream(ANY6, 0), dual = open_stream(ANY6, 0);

	set_option(v4, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(v6, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(v6, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	say_bind(v6, ANY_MAPPED, PORT_OWN);
	say_bind(v6, ANY6, PORT_OWN);
	say_bind(v4, ANY4, PORT_OWN);
	say_listen(v6, 5);
	say_listen(v4, 5);
	say_bind(dual, ANY6, PORT_OWN);
	say_bind(dual, ANY6, PORT_OWN + 1);
	say_result("V6ONLY after bind",
		   setsockopt(dual, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int)));
	close(v4);
	close(v6);
	close(dual);
}

/* A v4-mapped connection forbids what comes by IPv6. */
static void v6_only_connect(void)
{
	int fd = open_stream(REMOTE_MAPPED, 0);

	set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	say_connect(fd, REMOTE_MAPPED, PORT_ECHO);
	say_connect(fd, LOOPBACK_MAPPED, PORT_CLOSED);
	say_connect(fd, REMOTE6, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

const struct scenario bind_scenarios[] = {
	{ "bind-places", 0, places },
	{ "bind-errors", 0, errors },
	{ "bind-wrong-addresses", 0, wrong_addresses },
	{ "bind-privileged", NEED_ORDINARY_USER, privileged },
	{ "bind-source", 0, sources },
	{ "bind-source-loopback", 0, source_loopback },
	{ "bind-source-without-port", 0, source_without_port },
	{ "bind-shared-source", 0, shared_source },
	{ "bind-source-is-taken", 0, source_is_taken },
	{ "bind-after-refusal", NEED_PUBLISHED, after_refusal },
	{ "bind-reuse-port", 0, reuse_port },
	{ "bind-v6-only", 0, v6_only },
	{ "bind-v6-only-connect", 0, v6_only_connect },
	{ 0 },
};
