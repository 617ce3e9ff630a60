/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live test of syscall/swap, to be run as an ordinary user: each case is a child in user and
 * network namespaces of its own whose connect(2) is trapped; this process puts a socket of its own
 * network namespace, connected to a listener here, in the place of the child's.
 *
 * "test_swap --bench" prints what a swap costs instead.
 */

#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"
#include "ordinary_user.h"
#include "swap_cases.h"
#include "swap_child.h"
#include "swap_world.h"

START_TEST(swap)
{
	swap_world_run(swap_cases[_i].run, false);
}
END_TEST

START_TEST(swap_with_a_loss)
{
	if (!swap_cases[_i].undone)
		swap_world_run(swap_cases[_i].run, true);
}
END_TEST

/* Until callers.h is sure to know the new instance, and doesn't look at the whole table any more.
 */
#define BENCH_SETTLE_USEC 2100000

static void connect_often(int duplicates, int others, bool registered)
{
	int epoll = epoll_create1(0);

	for (int i = 0; i < others; i++)
		swap_add(epoll, swap_new_socket(0), EPOLLET, 1);
	usleep(BENCH_SETTLE_USEC);
	for (int i = 0; i < 200; i++) {
		int fd = swap_new_socket(SOCK_NONBLOCK), copies[4];

		for (int j = 0; j < duplicates; j++)
			copies[j] = dup(fd);
		if (registered)
			swap_add(epoll, fd, EPOLLOUT | EPOLLET, 1);
		CHECK(swap_try_connect(fd) == 0);
		close(fd);
		for (int j = 0; j < duplicates; j++)
			close(copies[j]);
	}
	close(epoll);
}

static void bench_no_epoll(void)
{
	for (int i = 0; i < 200; i++) {
		int fd = swap_new_socket(0);

		CHECK(swap_try_connect(fd) == 0);
		close(fd);
	}
}

static void bench_plain(void)
{
	connect_often(0, 0, false);
}

static void bench_registered(void)
{
	connect_often(0, 0, true);
}

static void bench_duplicate(void)
{
	connect_often(1, 0, false);
}

static void bench_big_instance(void)
{
	connect_often(0, 900, false);
}

static void bench_big_registered(void)
{
	connect_often(0, 900, true);
}

static void bench_big_duplicate(void)
{
	connect_often(1, 900, false);
}

static const struct {
	const char *name;
	void (*run)(void);
} bench_rows[] = {
	{ "no epoll instance", bench_no_epoll },
	{ "an instance", bench_plain },
	{ "an instance, registered", bench_registered },
	{ "an instance, a duplicate", bench_duplicate },
	{ "an instance of 900", bench_big_instance },
	{ "an instance of 900, registered", bench_big_registered },
	{ "an instance of 900, a duplicate", bench_big_duplicate },
};

START_TEST(bench)
{
	double nanoseconds = swap_world_run(bench_rows[_i].run, false);

	printf("%-34s %8.1f us\n", bench_rows[_i].name, nanoseconds / 1000);
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, swap, 0, (int)swap_case_count);
	tcase_add_loop_test(tcase, swap_with_a_loss, 0, (int)swap_case_count);
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("swap");
	TCase *tcase = tcase_create("swap");

	tcase_set_timeout(tcase, 60);
	if (argc > 1 && strcmp(argv[1], "--bench") == 0)
		tcase_add_loop_test(tcase, bench, 0, ARRAY_SIZE(bench_rows));
	else
		add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return run_as_ordinary_user(suite);
}
