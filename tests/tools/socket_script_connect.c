/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: connect(2) to whoever is there or is not, blocking and not. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

static void to_open(enum place place)
{
	int fd = open_stream(place, 0);

	say_peer(fd);
	say_connect(fd, place, PORT_ECHO);
	say_peer(fd);
	say_local(fd);
	say_error(fd);
	say_exchange(fd, "one");
	say_poll(fd, 1000);
	say_connect(fd, place, PORT_ECHO);
	say_connect(fd, place, PORT_CLOSED);
	say_exchange(fd, "two");
	close(fd);
}

static void open_blocking(void)
{
	to_open(REMOTE4);
	to_open(REMOTE6);
	to_open(REMOTE_MAPPED);
}

static void to_open_at_once(enum place place)
{
	int fd = open_stream(place, SOCK_NONBLOCK);

	say_connect(fd, place, PORT_ECHO);
	say_poll_for(fd, POLLOUT, 5000);
	say_error(fd);
	say_peer(fd);
	say_local(fd);
	say_connect(fd, place, PORT_ECHO);
	say_connect(fd, place, PORT_ECHO);
	say_exchange(fd, "one");
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	close(fd);
}

static void open_nonblocking(void)
{
	to_open_at_once(REMOTE4);
	to_open_at_once(REMOTE6);
	to_open_at_once(REMOTE_MAPPED);
}

/* As Go, Python and others find out: SO_ERROR, then getpeername. */
static void open_nonblocking_no_repeat(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK | SOCK_CLOEXEC);

	say_connect(fd, REMOTE4, PORT_ECHO);
	say_poll_for(fd, POLLOUT, 5000);
	say_error(fd);
	say_peer(fd);
	say_exchange(fd, "one");
	close(fd);
}

static void to_closed(enum place place, uint16_t port)
{
	int fd = open_stream(place, 0);

	say_connect(fd, place, port);
	say_error(fd);
	say_peer(fd);
	say_poll(fd, 1000);
	say_connect(fd, place, port);
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	close(fd);
}

static void closed_blocking(void)
{
	to_closed(REMOTE4, PORT_CLOSED);
	to_closed(REMOTE6, PORT_CLOSED);
	to_closed(REMOTE_MAPPED, PORT_CLOSED);
	to_closed(LOOPBACK4, PORT_CLOSED);
	to_closed(LOOPBACK6, PORT_CLOSED);
	to_closed(OWN4, PORT_CLOSED);
}

static void to_closed_at_once(enum place place)
{
	int fd = open_stream(place, SOCK_NONBLOCK);

	say_connect(fd, place, PORT_CLOSED);
	settle(fd);
	say_poll(fd, 5000);
	say_peer(fd);
	say_error(fd);
	say_error(fd);
	say_poll(fd, 1000);
	say_connect(fd, place, PORT_CLOSED);
	close(fd);
}

static void closed_nonblocking(void)
{
	to_closed_at_once(REMOTE4);
	to_closed_at_once(REMOTE6);
	to_closed_at_once(LOOPBACK4);
}

static void closed_nonblocking_send(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	say_connect(fd, REMOTE4, PORT_CLOSED);
	settle(fd);
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_connect(fd, REMOTE4, PORT_ECHO);
	close(fd);
}

static void to_unreachable(enum place place, int flags)
{
	int fd = open_stream(place, flags);

	say_connect(fd, place, PORT_ECHO);
	settle(fd);
	say_poll(fd, 1000);
	say_error(fd);
	say_peer(fd);
	say_connect(fd, place, PORT_ECHO);
	close(fd);
}

static void unreachable(void)
{
	static const enum place all[] = { NO_ROUTE4, NO_ROUTE6, NO_HOST4, PROHIBITED4 };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		to_unreachable(all[i], 0);
		to_unreachable(all[i], SOCK_NONBLOCK);
	}
}

static void unreachable_far_away(void)
{
	to_unreachable(FAR_AWAY4, 0);
	to_unreachable(FAR_AWAY4, SOCK_NONBLOCK);
}

static void to_silent(enum place place, int level, int option, int value)
{
	int fd = open_stream(place, 0);
	int64_t start = now_ms();

	set_option(fd, level, option, value);
	say_connect(fd, place, PORT_ECHO);
	say_time("connect", start, 900, 4500);
	say_error(fd);
	say_peer(fd);
	say_poll(fd, 1000);
	close(fd);
}

static void silent_syn_count(void)
{
	to_silent(SILENT4, IPPROTO_TCP, TCP_SYNCNT, 1);
}

static void silent_user_timeout(void)
{
	to_silent(SILENT4, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
	to_silent(SILENT6, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
}

static void silent_nonblocking(void)
{
	int fd = open_stream(SILENT4, SOCK_NONBLOCK);

	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_connect(fd, LOOPBACK4, PORT_ECHO);
	say_peer(fd);
	say_local(fd);
	say_error(fd);
	say_poll(fd, 0);
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	say_listen(fd, 5);
	say_bind(fd, ANY4, 0);
	settle(fd);
	say_poll(fd, 5000);
	say_error(fd);
	close(fd);
}

/* Made non-blocking for the start, then waited for by a call that blocks. */
static void silent_then_blocking(void)
{
	int fd = open_stream(SILENT4, SOCK_NONBLOCK);
	int64_t start = now_ms();

	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
	say_connect(fd, SILENT4, PORT_ECHO);
	fcntl(fd, F_SETFL, 0);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("connect", start, 900, 4500);
	say_flags("after", fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

static void open_then_blocking(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	say_connect(fd, REMOTE4, PORT_ECHO);
	fcntl(fd, F_SETFL, 0);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_flags("after", fd);
	say_exchange(fd, "one");
	close(fd);
}

/* Addresses that are none, of a wrong length or family. */
static void wrong_addresses(void)
{
	struct sockaddr_storage v4, v6;
	socklen_t length4 = place_address(REMOTE4, PORT_ECHO, &v4);
	socklen_t length6 = place_address(REMOTE6, PORT_ECHO, &v6);
	int fd = open_stream(REMOTE4, 0);
	int fd6 = open_stream(REMOTE6, 0);

	say_result("too short", connect(fd, (struct sockaddr *)&v4, length4 - 1));
	say_result("one byte", connect(fd, (struct sockaddr *)&v4, 1));
	say_result("empty", connect(fd, (struct sockaddr *)&v4, 0));
	say_result("negative", connect(fd, (struct sockaddr *)&v4, (socklen_t)-1));
	say_result("too long", connect(fd, (struct sockaddr *)&v4, sizeof(v4) + 1));
	say_result("NULL", connect(fd, NULL, length4));
	say_result("wild pointer", connect(fd, (struct sockaddr *)16, length4));
	say_result("IPv6 on IPv4", connect(fd, (struct sockaddr *)&v6, length6));
	say_result("IPv4 on IPv6", connect(fd6, (struct sockaddr *)&v4, length4));
	say_result("IPv6 of 24 bytes", connect(fd6, (struct sockaddr *)&v6, 24));
	say_result("IPv6 of 23 bytes", connect(fd6, (struct sockaddr *)&v6, 23));
	say_result("longest", connect(fd, (struct sockaddr *)&v4, sizeof(v4)));
	say_exchange(fd, "one");
	say_result("short while connected", connect(fd, (struct sockaddr *)&v4, length4 - 1));
	say_result("family while connected", connect(fd, (struct sockaddr *)&v6, length6));
	say_result("NULL while connected", connect(fd, NULL, length4));
	close(fd);
	close(fd6);
	say_result("closed", connect(fd, (struct sockaddr *)&v4, length4));
	say_result("no socket", connect(0, (struct sockaddr *)&v4, length4));
	say_result("-1", connect(-1, (struct sockaddr *)&v4, length4));
}

static void odd_destinations(void)
{
	static const char *const texts[] = { "224.0.0.1", "255.255.255.255" };
	struct sockaddr_storage storage;
	struct sockaddr_in *address = (struct sockaddr_in *)&storage;
	socklen_t length = place_address(REMOTE4, PORT_ECHO, &storage);
	static const uint32_t odd[] = { 0xe0000001, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		int fd = open_stream(REMOTE4, 0);

		address->sin_addr.s_addr = htonl(odd[i]);
		say_result(texts[i], connect(fd, (struct sockaddr *)&storage, length));
		close(fd);
	}
}

static void to_port_0(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, REMOTE4, 0);
	close(fd);
}

const struct scenario connect_scenarios[] = {
	{ "connect-open-blocking", 0, open_blocking },
	{ "connect-open-nonblocking", 0, open_nonblocking },
	{ "connect-open-no-repeat", 0, open_nonblocking_no_repeat },
	{ "connect-closed-blocking", 0, closed_blocking },
	{ "connect-closed-nonblocking", 0, closed_nonblocking },
	{ "connect-closed-send", 0, closed_nonblocking_send },
	{ "connect-unreachable", 0, unreachable },
	{ "connect-unreachable-far-away", 0, unreachable_far_away },
	{ "connect-silent-syn-count", 0, silent_syn_count },
	{ "connect-silent-user-timeout", 0, silent_user_timeout },
	{ "connect-silent-nonblocking", 0, silent_nonblocking },
	{ "connect-silent-then-blocking", 0, silent_then_blocking },
	{ "connect-open-then-blocking", 0, open_then_blocking },
	{ "connect-wrong-addresses", 0, wrong_addresses },
	{ "connect-odd-destinations", 0, odd_destinations },
	{ "connect-port-0", 0, to_port_0 },
	{ 0 },
};
