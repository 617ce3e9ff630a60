/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of syscall/socket_options: what was set on one socket is then set on the other. */

#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/util.h"
#include "syscall/socket_options.h"

static const struct option {
	int domain, level, name, value;
} options[] = {
	{ AF_INET, SOL_SOCKET, SO_REUSEADDR, 1 },
	{ AF_INET, SOL_SOCKET, SO_REUSEPORT, 1 },
	{ AF_INET, SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ AF_INET, SOL_SOCKET, SO_OOBINLINE, 1 },
	{ AF_INET, SOL_SOCKET, SO_DONTROUTE, 1 },
	{ AF_INET, SOL_SOCKET, SO_PRIORITY, 5 },
	{ AF_INET, SOL_SOCKET, SO_RCVLOWAT, 100 },
	{ AF_INET, SOL_SOCKET, SO_SNDBUF, 20000 },
	{ AF_INET, SOL_SOCKET, SO_RCVBUF, 30000 },
	{ AF_INET, SOL_SOCKET, SO_TIMESTAMP, 1 },
	{ AF_INET, SOL_SOCKET, SO_TIMESTAMPNS, 1 },
	{ AF_INET, SOL_SOCKET, SO_TIMESTAMPING, 8 },
	{ AF_INET, SOL_SOCKET, SO_SELECT_ERR_QUEUE, 1 },
	{ AF_INET, SOL_SOCKET, SO_ZEROCOPY, 1 },
	{ AF_INET, SOL_SOCKET, SO_INCOMING_CPU, 1 },
	{ AF_INET, IPPROTO_IP, IP_TOS, 0x10 },
	{ AF_INET, IPPROTO_IP, IP_TTL, 33 },
	{ AF_INET, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO },
	{ AF_INET, IPPROTO_IP, IP_RECVERR, 1 },
	{ AF_INET, IPPROTO_IP, IP_RECVTOS, 1 },
	{ AF_INET, IPPROTO_IP, IP_MINTTL, 2 },
	{ AF_INET, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1 },
	{ AF_INET6, IPPROTO_IP, IP_TOS, 0x10 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, 1 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 17 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_TCLASS, 0x20 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO },
	{ AF_INET6, IPPROTO_IPV6, IPV6_RECVERR, 1 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_RECVTCLASS, 1 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_MINHOPCOUNT, 3 },
	{ AF_INET6, IPPROTO_IPV6, IPV6_DONTFRAG, 1 },
	{ AF_INET6, IPPROTO_IPV6, 78 /* IPV6_FREEBIND */, 1 },
	{ AF_INET, IPPROTO_TCP, TCP_NODELAY, 1 },
	{ AF_INET, IPPROTO_TCP, TCP_CORK, 1 },
	{ AF_INET, IPPROTO_TCP, TCP_MAXSEG, 1000 },
	{ AF_INET, IPPROTO_TCP, TCP_KEEPIDLE, 11 },
	{ AF_INET, IPPROTO_TCP, TCP_KEEPINTVL, 12 },
	{ AF_INET, IPPROTO_TCP, TCP_KEEPCNT, 4 },
	{ AF_INET, IPPROTO_TCP, TCP_SYNCNT, 2 },
	{ AF_INET, IPPROTO_TCP, TCP_LINGER2, 5 },
	{ AF_INET, IPPROTO_TCP, TCP_DEFER_ACCEPT, 7 },
	{ AF_INET, IPPROTO_TCP, TCP_WINDOW_CLAMP, 50000 },
	{ AF_INET, IPPROTO_TCP, TCP_QUICKACK, 0 },
	{ AF_INET, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1 },
	{ AF_INET, IPPROTO_TCP, TCP_USER_TIMEOUT, 4321 },
	{ AF_INET, IPPROTO_TCP, TCP_FASTOPEN, 16 },
	{ AF_INET, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 16384 },
	{ AF_INET, IPPROTO_TCP, TCP_SAVE_SYN, 1 },
	{ AF_INET, IPPROTO_TCP, TCP_INQ, 1 },
	{ AF_INET, IPPROTO_TCP, TCP_TX_DELAY, 1000 },
};

struct pair {
	int from, to;
	struct socket_facts facts;
};

static struct pair pair_open(int domain)
{
	struct pair pair = { .from = socket(domain, SOCK_STREAM, 0),
			     .to = socket(domain, SOCK_STREAM, 0) };

	ck_assert_int_ge(pair.from, 0);
	ck_assert_int_eq(socket_facts_read(pair.from, &pair.facts), 0);
	return pair;
}

static void pair_close(const struct pair *pair)
{
	close(pair->from);
	close(pair->to);
}

/* As if every option had been set by someone. */
static void copy(const struct pair *pair)
{
	struct options_set set;

	for (size_t i = 0; i < OPTION_ROWS_MAX; i++)
		set.row[i] = true;
	socket_options_copy(pair->from, pair->to, &pair->facts, &set);
}

static int get(int fd, const struct option *option)
{
	int value = -12345;
	socklen_t length = sizeof(value);

	ck_assert_int_eq(getsockopt(fd, option->level, option->name, &value, &length), 0);
	return value;
}

START_TEST(each)
{
	const struct option *option = &options[_i];
	struct pair pair = pair_open(option->domain);
	int before = get(pair.to, option), after;

	if (setsockopt(pair.from, option->level, option->name, &option->value,
		       sizeof(option->value)) < 0)
		return; /* not in this kernel */
	after = get(pair.from, option);
	ck_assert_int_ne(after, before);
	copy(&pair);
	ck_assert_int_eq(get(pair.to, option), after);
	pair_close(&pair);
}
END_TEST

/* What nobody has set is not asked for, but for what is set often. */
START_TEST(only_those_set)
{
	const struct option often = { .level = IPPROTO_TCP, .name = TCP_NODELAY, .value = 1 };
	const struct option rare = { .level = IPPROTO_IP, .name = IP_MINTTL, .value = 33 };
	const struct option both[] = { often, rare };
	struct options_set set = { 0 };
	struct pair pair = pair_open(AF_INET);

	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		ck_assert_int_eq(setsockopt(pair.from, both[i].level, both[i].name, &both[i].value,
					    sizeof(both[i].value)),
				 0);
	socket_options_copy(pair.from, pair.to, &pair.facts, &set);
	ck_assert_int_eq(get(pair.to, &often), 1);
	ck_assert_int_ne(get(pair.to, &rare), 33);
	set.row[option_table_find(rare.level, rare.name)] = true;
	socket_options_copy(pair.from, pair.to, &pair.facts, &set);
	ck_assert_int_eq(get(pair.to, &rare), 33);
	pair_close(&pair);
}
END_TEST

/* Each has one row; the first would hide another. */
START_TEST(table)
{
	for (size_t i = 0; i < option_table_size(); i++) {
		const struct option_row *row = option_table_row(i);

		ck_assert_uint_eq(option_table_find(row->level, row->name), i);
	}
	ck_assert_uint_eq(option_table_find(SOL_SOCKET, -1), option_table_size());
	ck_assert_uint_le(option_table_size(), OPTION_ROWS_MAX);
}
END_TEST

/* Nothing else changes: the sizes of buffers above all, which would no longer grow. */
START_TEST(nothing)
{
	const struct option locks = { .level = SOL_SOCKET, .name = 72 /* SO_BUF_LOCK */ };
	struct pair pair = pair_open(AF_INET6), fresh = pair_open(AF_INET6);

	copy(&pair);
	ck_assert_int_eq(get(pair.to, &locks), 0);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		ck_assert_int_eq(get(pair.to, &options[i]), get(fresh.to, &options[i]));
	pair_close(&pair);
	pair_close(&fresh);
}
END_TEST

START_TEST(structures)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 9 };
	const struct timeval timeout = { .tv_sec = 3, .tv_usec = 500000 };
	const unsigned long rate = 5000000;
	struct linger got_linger;
	struct timeval got_timeout;
	unsigned long got_rate;
	char got_name[16] = "";
	struct pair pair = pair_open(AF_INET);
	socklen_t length;

	setsockopt(pair.from, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	setsockopt(pair.from, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(pair.from, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate));
	setsockopt(pair.from, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	copy(&pair);
	length = sizeof(got_linger);
	getsockopt(pair.to, SOL_SOCKET, SO_LINGER, &got_linger, &length);
	ck_assert_mem_eq(&got_linger, &linger, sizeof(linger));
	length = sizeof(got_timeout);
	getsockopt(pair.to, SOL_SOCKET, SO_RCVTIMEO, &got_timeout, &length);
	ck_assert_int_eq(got_timeout.tv_sec, 3);
	ck_assert_int_ne(got_timeout.tv_usec, 0);
	length = sizeof(got_rate);
	getsockopt(pair.to, SOL_SOCKET, SO_MAX_PACING_RATE, &got_rate, &length);
	ck_assert_uint_eq(got_rate, rate);
	length = sizeof(got_name);
	getsockopt(pair.to, IPPROTO_TCP, TCP_CONGESTION, got_name, &length);
	ck_assert_str_eq(got_name, "reno");
	pair_close(&pair);
}
END_TEST

START_TEST(signal_owner)
{
	struct f_owner_ex owner;
	struct pair pair = pair_open(AF_INET);

	ck_assert_int_eq(fcntl(pair.from, F_SETOWN, getpid()), 0);
	ck_assert_int_eq(fcntl(pair.from, F_SETSIG, SIGUSR1), 0);
	copy(&pair);
	ck_assert_int_eq(fcntl(pair.to, F_GETOWN_EX, &owner), 0);
	ck_assert_int_eq(owner.type, F_OWNER_PID);
	ck_assert_int_eq(owner.pid, getpid());
	ck_assert_int_eq(fcntl(pair.to, F_GETSIG), SIGUSR1);
	pair_close(&pair);
}
END_TEST

/* connect(2) on behalf must send its SYN. */
START_TEST(fast_open)
{
	const struct option option = { .level = IPPROTO_TCP, .name = TCP_FASTOPEN_CONNECT };
	struct pair pair = pair_open(AF_INET);
	int yes = 1;

	ck_assert_int_eq(
		setsockopt(pair.from, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &yes, sizeof(yes)), 0);
	copy(&pair);
	ck_assert_int_eq(get(pair.to, &option), 0);
	pair_close(&pair);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("socket_options");
	TCase *tcase = tcase_create("socket_options");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, each, 0, ARRAY_SIZE(options));
	tcase_add_test(tcase, nothing);
	tcase_add_test(tcase, only_those_set);
	tcase_add_test(tcase, table);
	tcase_add_test(tcase, structures);
	tcase_add_test(tcase, signal_owner);
	tcase_add_test(tcase, fast_open);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
