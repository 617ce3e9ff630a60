/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: options that were set before connect(2), bind(2) and listen(2) are there after. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

#define ROW(level, name, value)                                                                    \
	{                                                                                          \
		level, name, value, #name                                                          \
	}

struct row {
	int level, option, value;
	const char *name;
};

static const struct row rows[] = {
	ROW(SOL_SOCKET, SO_REUSEADDR, 1),
	ROW(SOL_SOCKET, SO_REUSEPORT, 1),
	ROW(SOL_SOCKET, SO_KEEPALIVE, 1),
	ROW(SOL_SOCKET, SO_OOBINLINE, 1),
	ROW(SOL_SOCKET, SO_BROADCAST, 1),
	ROW(SOL_SOCKET, SO_DONTROUTE, 0),
	ROW(SOL_SOCKET, SO_PRIORITY, 3),
	ROW(SOL_SOCKET, SO_RCVLOWAT, 7),
	ROW(SOL_SOCKET, SO_SNDBUF, 60000),
	ROW(SOL_SOCKET, SO_RCVBUF, 50000),
	ROW(SOL_SOCKET, SO_TIMESTAMP, 1),
	ROW(SOL_SOCKET, SO_TIMESTAMPING, 8),
	ROW(SOL_SOCKET, SO_ZEROCOPY, 1),
	ROW(SOL_SOCKET, SO_MAX_PACING_RATE, 100000000),
	ROW(SOL_SOCKET, SO_PASSCRED, 1),
	ROW(IPPROTO_TCP, TCP_NODELAY, 1),
	ROW(IPPROTO_TCP, TCP_MAXSEG, 1000),
	ROW(IPPROTO_TCP, TCP_CORK, 1),
	ROW(IPPROTO_TCP, TCP_KEEPIDLE, 123),
	ROW(IPPROTO_TCP, TCP_KEEPINTVL, 45),
	ROW(IPPROTO_TCP, TCP_KEEPCNT, 4),
	ROW(IPPROTO_TCP, TCP_SYNCNT, 3),
	ROW(IPPROTO_TCP, TCP_LINGER2, 20),
	ROW(IPPROTO_TCP, TCP_DEFER_ACCEPT, 3),
	ROW(IPPROTO_TCP, TCP_WINDOW_CLAMP, 100000),
	ROW(IPPROTO_TCP, TCP_QUICKACK, 0),
	ROW(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1),
	ROW(IPPROTO_TCP, TCP_USER_TIMEOUT, 9000),
	ROW(IPPROTO_TCP, TCP_NOTSENT_LOWAT, 5000),
	ROW(IPPROTO_TCP, TCP_SAVE_SYN, 1),
	ROW(IPPROTO_TCP, TCP_INQ, 1),
	ROW(IPPROTO_TCP, TCP_TX_DELAY, 0),
	ROW(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1),
	ROW(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1),
	ROW(IPPROTO_IP, IP_TOS, 0x10),
	ROW(IPPROTO_IP, IP_TTL, 33),
	ROW(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT),
	ROW(IPPROTO_IP, IP_RECVERR, 1),
	ROW(IPPROTO_IP, IP_RECVTOS, 1),
	ROW(IPPROTO_IP, IP_RECVTTL, 1),
	ROW(IPPROTO_IP, IP_PKTINFO, 1),
	ROW(IPPROTO_IP, IP_MINTTL, 2),
	ROW(IPPROTO_IP, IP_FREEBIND, 1),
	ROW(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1),
	ROW(IPPROTO_IP, IP_MULTICAST_TTL, 9),
	ROW(IPPROTO_IP, IP_LOCAL_PORT_RANGE, 50000 << 16 | 40000),
};

static const struct row rows_v6[] = {
	ROW(IPPROTO_IPV6, IPV6_V6ONLY, 1),
	ROW(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 44),
	ROW(IPPROTO_IPV6, IPV6_TCLASS, 0x20),
	ROW(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT),
	ROW(IPPROTO_IPV6, IPV6_RECVERR, 1),
	ROW(IPPROTO_IPV6, IPV6_RECVTCLASS, 1),
	ROW(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1),
	ROW(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1),
	ROW(IPPROTO_IPV6, IPV6_DONTFRAG, 1),
	ROW(IPPROTO_IPV6, IPV6_FREEBIND, 1),
	ROW(IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0),
	ROW(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 9),
};

static void say_row(const char *when, int fd, const struct row *row)
{
	char name[64];

	snprintf(name, sizeof(name), "%s %s", row->name, when);
	say_option(name, fd, row->level, row->option);
}

/* Each on a socket of its own: set, seen, connected, seen again. */
static void over_connect(const struct row *table, size_t count, enum place place)
{
	for (size_t i = 0; i < count; i++) {
		int fd = open_stream(place, 0);

		say_row("at first", fd, &table[i]);
		set_option(fd, table[i].level, table[i].option, table[i].value);
		say_row("before", fd, &table[i]);
		if (connect_place(fd, place, PORT_ECHO) < 0)
			say("connect: %s", error_text(errno));
		say_row("after", fd, &table[i]);
		close(fd);
	}
}

static void connected(void)
{
	over_connect(rows, ARRAY_SIZE(rows), REMOTE4);
}

static void connected_v6(void)
{
	over_connect(rows_v6, ARRAY_SIZE(rows_v6), REMOTE6);
}

/* What an untouched socket shows after connect. */
static void untouched(void)
{
	int fd = open_connected();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		say_row("untouched", fd, &rows[i]);
	close(fd);
}

static void say_time_option(const char *name, int fd, int option)
{
	struct timeval value = { 0 };
	socklen_t length = sizeof(value);

	getsockopt(fd, SOL_SOCKET, option, &value, &length);
	say("%s: %ld.%06ld", name, (long)value.tv_sec, (long)value.tv_usec);
}

static void structures(void)
{
	const struct linger linger = { 1, 5 };
	const struct timeval receive = { 7, 0 }, transmit = { 8, 0 };
	struct linger got = { 0 };
	socklen_t length = sizeof(got);
	char name[16] = "";
	int fd = open_stream(REMOTE4, 0);

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof(receive));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &transmit, sizeof(transmit));
	say_result("TCP_CONGESTION", setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
	say_connect(fd, REMOTE4, PORT_ECHO);
	getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &length);
	say("SO_LINGER: %d %d", got.l_onoff, got.l_linger);
	say_time_option("SO_RCVTIMEO", fd, SO_RCVTIMEO);
	say_time_option("SO_SNDTIMEO", fd, SO_SNDTIMEO);
	length = sizeof(name);
	getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length);
	say("TCP_CONGESTION: %s", name);
	close(fd);
}

static void identity(void)
{
	int fd = open_stream(REMOTE6, SOCK_CLOEXEC);

	say_connect(fd, REMOTE6, PORT_ECHO);
	say_option("SO_DOMAIN", fd, SOL_SOCKET, SO_DOMAIN);
	say_option("SO_TYPE", fd, SOL_SOCKET, SO_TYPE);
	say_option("SO_PROTOCOL", fd, SOL_SOCKET, SO_PROTOCOL);
	say_option("SO_ACCEPTCONN", fd, SOL_SOCKET, SO_ACCEPTCONN);
	say_option("SO_ERROR", fd, SOL_SOCKET, SO_ERROR);
	close(fd);
}

/* Signals for urgent data and asynchronous input go to whom they went. */
static void owner(void)
{
	int fd = open_stream(REMOTE4, 0);

	signal(40, SIG_IGN);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETSIG, 40);
	fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say("owner: %s", fcntl(fd, F_GETOWN) == getpid() ? "this process" : "another");
	say("signal: %d", fcntl(fd, F_GETSIG));
	say("asynchronous: %s", fcntl(fd, F_GETFL) & O_ASYNC ? "yes" : "no");
	close(fd);
}

/* A server's options are there on its published socket, and what is accepted inherits them. */
static void listener(void)
{
	int fd = open_stream(ANY4, SOCK_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].option != SO_REUSEPORT || rows[i].level != SOL_SOCKET)
			(void)setsockopt(fd, rows[i].level, rows[i].option, &rows[i].value,
					 sizeof(int));
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	say_listen(fd, 5);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		say_row("listening", fd, &rows[i]);
	say_flags("listening", fd);
	close(fd);
}

static void listener_v6(void)
{
	int fd = open_stream(ANY6, SOCK_NONBLOCK);

	for (size_t i = 0; i < ARRAY_SIZE(rows_v6); i++)
		set_option(fd, rows_v6[i].level, rows_v6[i].option, rows_v6[i].value);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, ANY6, PORT_PUBLISHED6);
	say_listen(fd, 5);
	for (size_t i = 0; i < ARRAY_SIZE(rows_v6); i++)
		say_row("listening", fd, &rows_v6[i]);
	say_flags("listening", fd);
	close(fd);
}

const struct scenario option_scenarios[] = {
	{ "option-connected", 0, connected },
	{ "option-connected-v6", 0, connected_v6 },
	{ "option-untouched", 0, untouched },
	{ "option-structures", 0, structures },
	{ "option-identity", 0, identity },
	{ "option-owner", 0, owner },
	{ "option-listener", NEED_PUBLISHED, listener },
	{ "option-listener-v6", NEED_PUBLISHED, listener_v6 },
	{ 0 },
};
