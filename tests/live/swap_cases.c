/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processes of the live test of swap do. */

#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "swap_cases.h"
#include "swap_child.h"

static bool is_connected(int fd)
{
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);

	return getpeername(fd, (struct sockaddr *)&peer, &length) == 0;
}

static int is_cloexec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC ? 1 : 0;
}

static void case_plain(void)
{
	int fd = swap_new_socket(0);

	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(fd));
	CHECK(write(fd, "x", 1) == 1);
	CHECK(is_cloexec(fd) == 0);
	CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
}

static void case_flags(void)
{
	int fd = swap_new_socket(SOCK_CLOEXEC | SOCK_NONBLOCK);

	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(fd));
	CHECK(is_cloexec(fd) == 1);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void case_duplicates(void)
{
	int fd = swap_new_socket(SOCK_NONBLOCK);
	int plain = dup(fd);
	int placed = dup2(fd, 200);
	int closing = fcntl(fd, F_DUPFD_CLOEXEC, 300);

	CHECK(plain >= 0 && placed == 200 && closing >= 300);
	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(fd) && is_connected(plain) && is_connected(placed) &&
	      is_connected(closing));
	CHECK(!is_cloexec(fd) && !is_cloexec(plain) && !is_cloexec(placed) && is_cloexec(closing));
	/* They are one open file. */
	CHECK(fcntl(closing, F_SETFL, 0) == 0);
	CHECK((fcntl(plain, F_GETFL) & O_NONBLOCK) == 0);
}

static void expect(int epoll, uint32_t events, uint64_t data)
{
	struct epoll_event event = { 0 };

	CHECK(epoll_wait(epoll, &event, 1, 1000) == 1);
	CHECK(event.events == events);
	CHECK(event.data.u64 == data);
}

static void expect_nothing(int epoll)
{
	struct epoll_event event;

	CHECK(epoll_wait(epoll, &event, 1, 0) == 0);
}

static void case_epoll_level(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), fd = swap_new_socket(SOCK_NONBLOCK);
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 7 };

	swap_add(epoll, fd, EPOLLOUT, 0x123456789abcdef0);
	CHECK(swap_try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 0x123456789abcdef0);
	expect(epoll, EPOLLOUT, 0x123456789abcdef0);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 && errno == EEXIST);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) == 0);
	expect_nothing(epoll);
	CHECK(shutdown(fd, SHUT_WR) == 0); /* which the listener's side answers with an end */
	expect(epoll, EPOLLIN | EPOLLHUP, 7);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) < 0 && errno == ENOENT);
}

static void case_epoll_edge(void)
{
	int epoll = epoll_create1(0), fd = swap_new_socket(SOCK_NONBLOCK);

	swap_add(epoll, swap_new_socket(0), EPOLLOUT | EPOLLET, 43);
	expect(epoll, EPOLLOUT | EPOLLHUP, 43);
	swap_add(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 42);
	CHECK(swap_try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 42);
	expect_nothing(epoll);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0);
}

static void case_epoll_oneshot(void)
{
	int epoll = epoll_create1(0), fd = swap_new_socket(SOCK_NONBLOCK),
	    used = swap_new_socket(0);
	struct epoll_event event = { .events = EPOLLOUT, .data.u64 = 6 };

	swap_add(epoll, fd, EPOLLOUT | EPOLLONESHOT, 5);
	CHECK(swap_try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 5);
	expect_nothing(epoll);
	/* One that was used up before stays so. */
	swap_add(epoll, used, EPOLLOUT | EPOLLONESHOT, 6);
	expect(epoll, EPOLLOUT | EPOLLHUP, 6);
	CHECK(swap_try_connect(used) == 0);
	expect_nothing(epoll);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_MOD, used, &event) == 0);
	expect(epoll, EPOLLOUT, 6);
}

static void case_epoll_duplicate(void)
{
	int epoll = epoll_create1(0), fd = swap_new_socket(SOCK_NONBLOCK), copy = dup(fd);

	swap_add(epoll, copy, EPOLLOUT, 9);
	CHECK(swap_try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 9);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) < 0 && errno == ENOENT);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, copy, NULL) == 0);
	expect_nothing(epoll);
}

static void case_epoll_two(void)
{
	int one = epoll_create1(0), two = epoll_create1(0), other = epoll_create1(0);
	int same = dup(one), fd = swap_new_socket(SOCK_NONBLOCK), bystander = swap_new_socket(0);

	swap_add(one, fd, EPOLLOUT, 1);
	swap_add(two, fd, EPOLLOUT | EPOLLEXCLUSIVE, 2);
	swap_add(other, bystander, EPOLLET, 3);
	expect(other, EPOLLHUP, 3);
	CHECK(swap_try_connect(fd) == 0);
	expect(one, EPOLLOUT, 1);
	expect(same, EPOLLOUT, 1);
	expect(two, EPOLLOUT, 2);
	expect_nothing(other);
}

/* A number that was registered for another file, which still lives, before. */
static void case_epoll_stale(void)
{
	int epoll = epoll_create1(0), old = swap_new_socket(0), number = old, kept = dup(old), fd;

	swap_add(epoll, old, EPOLLIN | EPOLLET, 1);
	expect(epoll, EPOLLHUP, 1);
	close(old);
	fd = swap_new_socket(0);
	CHECK(fd == number);
	swap_add(epoll, fd, EPOLLOUT, 2);
	CHECK(swap_try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 2);
	CHECK(!is_connected(kept));
}

/* The helper's own descriptors must make way for any number. */
static void case_low_numbers(void)
{
	int epoll = epoll_create1(0), fd = swap_new_socket(SOCK_NONBLOCK);

	for (int number = 10; number < 18; number++) {
		int low = number - 10; /* standard error stays for CHECK */

		if (low == STDERR_FILENO || low == epoll)
			continue;
		if (low == fd)
			continue;
		CHECK(dup2(fd, low) == low);
		close(fd);
		swap_add(epoll, low, EPOLLOUT, (uint64_t)low);
		CHECK(swap_try_connect(low) == 0);
		expect(epoll, EPOLLOUT, (uint64_t)low);
		CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, low, NULL) == 0);
		close(low);
		fd = swap_new_socket(SOCK_NONBLOCK);
		CHECK(dup2(fd, 50) == 50);
		close(fd);
		fd = 50;
	}
}

/* Returns the process, which ends when the pipe is closed. */
static pid_t fork_holder(int ret_pipe[2])
{
	pid_t pid;
	char byte;

	CHECK(pipe(ret_pipe) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(ret_pipe[1]);
		(void)!read(ret_pipe[0], &byte, 1);
		_exit(0);
	}
	close(ret_pipe[0]);
	return pid;
}

static void end_holder(pid_t pid, int pipe_end)
{
	int status;

	close(pipe_end);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void case_shared(void)
{
	int epoll = epoll_create1(0), fd = swap_new_socket(SOCK_CLOEXEC | SOCK_NONBLOCK),
	    copy = dup(fd);
	int ends[2], keep = 77;
	socklen_t length = sizeof(keep);
	pid_t holder;

	CHECK(setsockopt(fd, IPPROTO_IP, IP_TTL, &keep, sizeof(keep)) == 0);
	swap_add(epoll, fd, EPOLLOUT, 11);
	holder = fork_holder(ends);
	CHECK(swap_try_connect(fd) == EXDEV);
	CHECK(!is_connected(fd) && !is_connected(copy));
	CHECK(is_cloexec(fd) == 1 && is_cloexec(copy) == 0);
	expect(epoll, EPOLLOUT | EPOLLHUP, 11);
	keep = 0;
	CHECK(getsockopt(fd, IPPROTO_IP, IP_TTL, &keep, &length) == 0 && keep == 77);
	end_holder(holder, ends[1]);
	/* Now it can. */
	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(fd) && is_connected(copy));
	expect(epoll, EPOLLOUT, 11);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0);
}

static void *thread_with_table(void *data)
{
	int epoll, fd;

	(void)data;
	CHECK(unshare(CLONE_FILES) == 0);
	epoll = epoll_create1(0);
	fd = swap_new_socket(SOCK_NONBLOCK);
	swap_add(epoll, fd, EPOLLOUT, 3);
	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(fd));
	expect(epoll, EPOLLOUT, 3);
	return NULL;
}

static void case_thread(void)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, thread_with_table, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

static void *thread_that_holds(void *data)
{
	int *ends = data;
	char byte;

	CHECK(unshare(CLONE_FILES) == 0);
	CHECK(write(ends[3], "x", 1) == 1);
	close(ends[1]);
	(void)!read(ends[0], &byte, 1);
	return NULL;
}

/* Another table of the same process. */
static void case_thread_holds(void)
{
	int fd = swap_new_socket(0), ends[4];
	pthread_t thread;
	char byte;

	CHECK(pipe(ends) == 0 && pipe(ends + 2) == 0);
	CHECK(pthread_create(&thread, NULL, thread_that_holds, ends) == 0);
	CHECK(read(ends[2], &byte, 1) == 1);
	CHECK(swap_try_connect(fd) == EXDEV);
	close(ends[1]);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(fd));
}

/* A copy that is in no table: the swap stands. */
static void case_in_flight(void)
{
	int fd = swap_new_socket(0), pair[2], fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;
	char byte;

	CHECK(descriptor_pair(pair) == 0);
	CHECK(descriptor_send(pair[0], "x", 1, &fd, 1) == 0);
	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(fd));
	CHECK(descriptor_receive(pair[1], &byte, 1, fds, &count) == 1 && count == 1);
	CHECK(!is_connected(fds[0]));
	/* Nor does it disturb those that follow. */
	fd = swap_new_socket(0);
	CHECK(swap_try_connect(fd) == 0 && is_connected(fd));
}

static void case_many(void)
{
	int epoll = epoll_create1(0), fd, copy;

	for (int i = 0; i < 900; i++)
		swap_add(epoll, swap_new_socket(0), EPOLLET, 1);
	fd = swap_new_socket(SOCK_NONBLOCK);
	copy = dup(fd);
	swap_add(epoll, fd, EPOLLOUT | EPOLLET, 2);
	for (int i = 0; i < 901; i++) {
		struct epoll_event event;

		CHECK(epoll_wait(epoll, &event, 1, 0) == 1);
	}
	CHECK(swap_try_connect(fd) == 0);
	CHECK(is_connected(copy));
	expect(epoll, EPOLLOUT, 2);
	expect_nothing(epoll);
}

#define UNDONE true
#define DONE false

const struct swap_case swap_cases[] = {
	{ "plain", case_plain, DONE },
	{ "flags", case_flags, DONE },
	{ "duplicates", case_duplicates, DONE },
	{ "epoll, level", case_epoll_level, DONE },
	{ "epoll, edge", case_epoll_edge, DONE },
	{ "epoll, one shot", case_epoll_oneshot, DONE },
	{ "epoll, by a duplicate", case_epoll_duplicate, DONE },
	{ "two instances", case_epoll_two, DONE },
	{ "a number used before", case_epoll_stale, DONE },
	{ "low numbers", case_low_numbers, DONE },
	{ "shared with a process", case_shared, UNDONE },
	{ "a thread's own table", case_thread, DONE },
	{ "shared with a thread", case_thread_holds, UNDONE },
	{ "in flight", case_in_flight, DONE },
	{ "many descriptors", case_many, DONE },
};

const size_t swap_case_count = ARRAY_SIZE(swap_cases);
