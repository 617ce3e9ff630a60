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
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "syscall/caller.h"
#include "syscall/host_socket.h"
#include "syscall/notification.h"
#include "syscall/swap.h"

#define EXIT_SKIPPED 77
#define CASE_TIMEOUT_MS 20000

/* -- the child's side ---------------------------------------------------------------------------
 */

/* Ends the child if it is not so. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s (errno: %s)\n", __func__, __LINE__, #condition, \
				strerror(errno));                                                  \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static int install_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_create1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static int new_socket(int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	CHECK(fd >= 0);
	return fd;
}

/* The address says nothing: every connection goes to the parent's listener. */
static int try_connect(int fd)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(0xc6336401),
	};

	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? errno : 0;
}

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
	int fd = new_socket(0);

	CHECK(try_connect(fd) == 0);
	CHECK(is_connected(fd));
	CHECK(write(fd, "x", 1) == 1);
	CHECK(is_cloexec(fd) == 0);
	CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
}

static void case_flags(void)
{
	int fd = new_socket(SOCK_CLOEXEC | SOCK_NONBLOCK);

	CHECK(try_connect(fd) == 0);
	CHECK(is_connected(fd));
	CHECK(is_cloexec(fd) == 1);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void case_duplicates(void)
{
	int fd = new_socket(SOCK_NONBLOCK);
	int plain = dup(fd);
	int placed = dup2(fd, 200);
	int closing = fcntl(fd, F_DUPFD_CLOEXEC, 300);

	CHECK(plain >= 0 && placed == 200 && closing >= 300);
	CHECK(try_connect(fd) == 0);
	CHECK(is_connected(fd) && is_connected(plain) && is_connected(placed) &&
	      is_connected(closing));
	CHECK(!is_cloexec(fd) && !is_cloexec(plain) && !is_cloexec(placed) && is_cloexec(closing));
	/* They are one open file. */
	CHECK(fcntl(closing, F_SETFL, 0) == 0);
	CHECK((fcntl(plain, F_GETFL) & O_NONBLOCK) == 0);
}

/* Adds fd with the data, and takes what an unconnected socket reports. */
static void add(int epoll, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
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
	int epoll = epoll_create1(EPOLL_CLOEXEC), fd = new_socket(SOCK_NONBLOCK);
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 7 };

	add(epoll, fd, EPOLLOUT, 0x123456789abcdef0);
	CHECK(try_connect(fd) == 0);
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
	int epoll = epoll_create1(0), fd = new_socket(SOCK_NONBLOCK);

	add(epoll, new_socket(0), EPOLLOUT | EPOLLET, 43);
	expect(epoll, EPOLLOUT | EPOLLHUP, 43);
	add(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 42);
	CHECK(try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 42);
	expect_nothing(epoll);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0);
}

static void case_epoll_oneshot(void)
{
	int epoll = epoll_create1(0), fd = new_socket(SOCK_NONBLOCK), used = new_socket(0);
	struct epoll_event event = { .events = EPOLLOUT, .data.u64 = 6 };

	add(epoll, fd, EPOLLOUT | EPOLLONESHOT, 5);
	CHECK(try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 5);
	expect_nothing(epoll);
	/* One that was used up before stays so. */
	add(epoll, used, EPOLLOUT | EPOLLONESHOT, 6);
	expect(epoll, EPOLLOUT | EPOLLHUP, 6);
	CHECK(try_connect(used) == 0);
	expect_nothing(epoll);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_MOD, used, &event) == 0);
	expect(epoll, EPOLLOUT, 6);
}

static void case_epoll_duplicate(void)
{
	int epoll = epoll_create1(0), fd = new_socket(SOCK_NONBLOCK), copy = dup(fd);

	add(epoll, copy, EPOLLOUT, 9);
	CHECK(try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 9);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) < 0 && errno == ENOENT);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, copy, NULL) == 0);
	expect_nothing(epoll);
}

static void case_epoll_two(void)
{
	int one = epoll_create1(0), two = epoll_create1(0), other = epoll_create1(0);
	int same = dup(one), fd = new_socket(SOCK_NONBLOCK), bystander = new_socket(0);

	add(one, fd, EPOLLOUT, 1);
	add(two, fd, EPOLLOUT | EPOLLEXCLUSIVE, 2);
	add(other, bystander, EPOLLET, 3);
	expect(other, EPOLLHUP, 3);
	CHECK(try_connect(fd) == 0);
	expect(one, EPOLLOUT, 1);
	expect(same, EPOLLOUT, 1);
	expect(two, EPOLLOUT, 2);
	expect_nothing(other);
}

/* A number that was registered for another file, which still lives, before. */
static void case_epoll_stale(void)
{
	int epoll = epoll_create1(0), old = new_socket(0), number = old, kept = dup(old), fd;

	add(epoll, old, EPOLLIN | EPOLLET, 1);
	expect(epoll, EPOLLHUP, 1);
	close(old);
	fd = new_socket(0);
	CHECK(fd == number);
	add(epoll, fd, EPOLLOUT, 2);
	CHECK(try_connect(fd) == 0);
	expect(epoll, EPOLLOUT, 2);
	CHECK(!is_connected(kept));
}

/* The helper's own descriptors must make way for any number. */
static void case_low_numbers(void)
{
	int epoll = epoll_create1(0), fd = new_socket(SOCK_NONBLOCK);

	for (int number = 10; number < 18; number++) {
		int low = number - 10; /* standard error stays for CHECK */

		if (low == STDERR_FILENO || low == epoll)
			continue;
		if (low == fd)
			continue;
		CHECK(dup2(fd, low) == low);
		close(fd);
		add(epoll, low, EPOLLOUT, (uint64_t)low);
		CHECK(try_connect(low) == 0);
		expect(epoll, EPOLLOUT, (uint64_t)low);
		CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, low, NULL) == 0);
		close(low);
		fd = new_socket(SOCK_NONBLOCK);
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
	int epoll = epoll_create1(0), fd = new_socket(SOCK_CLOEXEC | SOCK_NONBLOCK), copy = dup(fd);
	int ends[2], keep = 77;
	socklen_t length = sizeof(keep);
	pid_t holder;

	CHECK(setsockopt(fd, IPPROTO_IP, IP_TTL, &keep, sizeof(keep)) == 0);
	add(epoll, fd, EPOLLOUT, 11);
	holder = fork_holder(ends);
	CHECK(try_connect(fd) == EXDEV);
	CHECK(!is_connected(fd) && !is_connected(copy));
	CHECK(is_cloexec(fd) == 1 && is_cloexec(copy) == 0);
	expect(epoll, EPOLLOUT | EPOLLHUP, 11);
	keep = 0;
	CHECK(getsockopt(fd, IPPROTO_IP, IP_TTL, &keep, &length) == 0 && keep == 77);
	end_holder(holder, ends[1]);
	/* Now it can. */
	CHECK(try_connect(fd) == 0);
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
	fd = new_socket(SOCK_NONBLOCK);
	add(epoll, fd, EPOLLOUT, 3);
	CHECK(try_connect(fd) == 0);
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
	int fd = new_socket(0), ends[4];
	pthread_t thread;
	char byte;

	CHECK(pipe(ends) == 0 && pipe(ends + 2) == 0);
	CHECK(pthread_create(&thread, NULL, thread_that_holds, ends) == 0);
	CHECK(read(ends[2], &byte, 1) == 1);
	CHECK(try_connect(fd) == EXDEV);
	close(ends[1]);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(try_connect(fd) == 0);
	CHECK(is_connected(fd));
}

/* A copy that is in no table: the swap stands. */
static void case_in_flight(void)
{
	int fd = new_socket(0), pair[2], fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;
	char byte;

	CHECK(descriptor_pair(pair) == 0);
	CHECK(descriptor_send(pair[0], "x", 1, &fd, 1) == 0);
	CHECK(try_connect(fd) == 0);
	CHECK(is_connected(fd));
	CHECK(descriptor_receive(pair[1], &byte, 1, fds, &count) == 1 && count == 1);
	CHECK(!is_connected(fds[0]));
	/* Nor does it disturb those that follow. */
	fd = new_socket(0);
	CHECK(try_connect(fd) == 0 && is_connected(fd));
}

static void case_many(void)
{
	int epoll = epoll_create1(0), fd, copy;

	for (int i = 0; i < 900; i++)
		add(epoll, new_socket(0), EPOLLET, 1);
	fd = new_socket(SOCK_NONBLOCK);
	copy = dup(fd);
	add(epoll, fd, EPOLLOUT | EPOLLET, 2);
	for (int i = 0; i < 901; i++) {
		struct epoll_event event;

		CHECK(epoll_wait(epoll, &event, 1, 0) == 1);
	}
	CHECK(try_connect(fd) == 0);
	CHECK(is_connected(copy));
	expect(epoll, EPOLLOUT, 2);
	expect_nothing(epoll);
}

/* -- the parent's side ------------------------------------------------------------------------ */

struct world {
	int proc;
	int listener;	   /* of notifications */
	int listening;	   /* where the host's sockets connect to */
	int accepted[256]; /* only kept */
	size_t accepted_count;
	struct callers *callers;
	struct swapper *swapper;
	struct endpoint target;
	double nanoseconds; /* spent in swapper_swap */
	unsigned int swaps;
};

static int listen_on_loopback(struct endpoint *ret_endpoint)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(fd, 128), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	ck_assert(endpoint_from_sockaddr((struct sockaddr *)&address, length, ret_endpoint));
	return fd;
}

/* A socket of ours like the pinned one, connected. */
static int connected_socket(struct world *world, int pinned, const struct socket_facts *facts)
{
	struct sockaddr_storage storage;
	const socklen_t length = endpoint_to_sockaddr(&world->target, &storage);
	struct pollfd ready = { .events = POLLOUT };
	int fd = host_socket_like(pinned, facts);

	ck_assert_int_ge(fd, 0);
	if (connect(fd, (struct sockaddr *)&storage, length) < 0)
		ck_assert_int_eq(errno, EINPROGRESS);
	ready.fd = fd;
	ck_assert_int_eq(poll(&ready, 1, 1000), 1);
	ck_assert_int_eq(fcntl(fd, F_SETFL, facts->flags), 0);
	return fd;
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Each connection's other end is shut down at once, so that an end from the child ends it. */
static void take_connection(struct world *world)
{
	int fd = accept4(world->listening, NULL, NULL, SOCK_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	if (world->accepted_count == ARRAY_SIZE(world->accepted)) {
		close(fd);
		return;
	}
	world->accepted[world->accepted_count++] = fd;
}

static int swap_one(struct world *world, const struct seccomp_notif *call)
{
	const struct swap_place place = { .listener = world->listener,
					  .id = call->id,
					  .tid = (pid_t)call->pid,
					  .number = (int)call->data.args[0] };
	CLEANUP_CLOSE int pinned = callers_pin(world->callers, place.tid, place.number);
	CLEANUP_CLOSE int socket = -1;
	struct socket_facts facts;
	double start;
	int result;

	ck_assert_int_ge(pinned, 0);
	ck_assert_int_eq(socket_facts_read(pinned, &facts), 0);
	ck_assert_uint_ne(facts.network, socket_facts_own_network());
	socket = connected_socket(world, pinned, &facts);
	take_connection(world);
	start = now_ns();
	result = swapper_swap(world->swapper, &place, &pinned, socket);
	world->nanoseconds += now_ns() - start;
	world->swaps++;
	if (result == -EXDEV)
		ck_assert_int_ge(pinned, 0);
	if (result == 0)
		ck_assert_int_eq(pinned, -1);
	return -result;
}

static void handle(struct world *world)
{
	struct seccomp_notif call;
	int error;

	if (notification_receive(world->listener, &call) < 0)
		return;
	if (call.data.nr != SYS_connect) {
		callers_note_epoll(world->callers, (pid_t)call.pid);
		notification_continue(world->listener, call.id);
		return;
	}
	error = swap_one(world, &call);
	ck_assert_int_eq(notification_answer(world->listener, call.id, error, 0), 0);
}

/* Ends that the child sends are answered. */
static void answer_ends(struct world *world)
{
	char byte;

	for (size_t i = 0; i < world->accepted_count; i++)
		if (recv(world->accepted[i], &byte, 1, MSG_DONTWAIT) == 0)
			shutdown(world->accepted[i], SHUT_WR);
}

static void serve(struct world *world, int child)
{
	struct pollfd ready[] = { { .fd = world->listener, .events = POLLIN },
				  { .fd = child, .events = POLLIN } };
	double end = now_ns() + CASE_TIMEOUT_MS * 1e6;

	while (now_ns() < end) {
		poll(ready, ARRAY_SIZE(ready), 20);
		if (ready[0].revents & POLLIN)
			handle(world);
		if (ready[1].revents)
			return;
		answer_ends(world);
	}
}

/* Does not return. */
static void be_child(void (*run)(void), int report)
{
	int listener;

	CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
	listener = install_filter();
	CHECK(listener >= 0);
	CHECK(write(report, &listener, sizeof(listener)) == sizeof(listener));
	/* Until the parent has it. */
	CHECK(read(report, &listener, sizeof(listener)) == sizeof(listener));
	run();
	_exit(0);
}

static void world_open(struct world *world, int child, int number)
{
	*world = (struct world){ .proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	world->listener = (int)syscall(SYS_pidfd_getfd, child, number, 0);
	ck_assert_int_ge(world->listener, 0);
	world->listening = listen_on_loopback(&world->target);
	world->callers = callers_new(world->proc);
	ck_assert_ptr_nonnull(world->callers);
	world->swapper = swapper_new(world->callers, world->proc);
	ck_assert_ptr_nonnull(world->swapper);
}

static void world_close(struct world *world)
{
	swapper_free(world->swapper);
	callers_free(world->callers);
	for (size_t i = 0; i < world->accepted_count; i++)
		close(world->accepted[i]);
	close(world->listening);
	close(world->listener);
	close(world->proc);
}

/* Nanoseconds for each swap. */
static double run_case(void (*run)(void))
{
	struct world world;
	siginfo_t info = { 0 };
	int pair[2], number, child;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(pair[0]);
		be_child(run, pair[1]);
	}
	close(pair[1]);
	child = (int)syscall(SYS_pidfd_open, pid, 0);
	ck_assert_int_ge(child, 0);
	ck_assert_int_eq(read(pair[0], &number, sizeof(number)), sizeof(number));
	world_open(&world, child, number);
	ck_assert_int_eq(write(pair[0], &number, sizeof(number)), sizeof(number));
	serve(&world, child);
	syscall(SYS_pidfd_send_signal, child, SIGKILL, NULL, 0);
	ck_assert_int_eq(waitid(P_PIDFD, (id_t)child, &info, WEXITED), 0);
	close(child);
	close(pair[0]);
	world_close(&world);
	ck_assert_int_eq(info.si_code, CLD_EXITED);
	ck_assert_int_eq(info.si_status, 0);
	return world.swaps == 0 ? 0 : world.nanoseconds / world.swaps;
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "plain", case_plain },
	{ "flags", case_flags },
	{ "duplicates", case_duplicates },
	{ "epoll, level", case_epoll_level },
	{ "epoll, edge", case_epoll_edge },
	{ "epoll, one shot", case_epoll_oneshot },
	{ "epoll, by a duplicate", case_epoll_duplicate },
	{ "two instances", case_epoll_two },
	{ "a number used before", case_epoll_stale },
	{ "low numbers", case_low_numbers },
	{ "shared with a process", case_shared },
	{ "a thread's own table", case_thread },
	{ "shared with a thread", case_thread_holds },
	{ "in flight", case_in_flight },
	{ "many descriptors", case_many },
};

START_TEST(swap)
{
	run_case(cases[_i].run);
}
END_TEST

/* -- bench --------------------------------------------------------------------------------------
 */

/* Until callers.h is sure to know the new instance, and doesn't look at the whole table any more.
 */
#define BENCH_SETTLE_USEC 2100000

static void connect_often(int duplicates, int others, bool registered)
{
	int epoll = epoll_create1(0);

	for (int i = 0; i < others; i++)
		add(epoll, new_socket(0), EPOLLET, 1);
	usleep(BENCH_SETTLE_USEC);
	for (int i = 0; i < 200; i++) {
		int fd = new_socket(SOCK_NONBLOCK), copies[4];

		for (int j = 0; j < duplicates; j++)
			copies[j] = dup(fd);
		if (registered)
			add(epoll, fd, EPOLLOUT | EPOLLET, 1);
		CHECK(try_connect(fd) == 0);
		close(fd);
		for (int j = 0; j < duplicates; j++)
			close(copies[j]);
	}
	close(epoll);
}

static void bench_no_epoll(void)
{
	for (int i = 0; i < 200; i++) {
		int fd = new_socket(0);

		CHECK(try_connect(fd) == 0);
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
	double nanoseconds = run_case(bench_rows[_i].run);

	printf("%-34s %8.1f us\n", bench_rows[_i].name, nanoseconds / 1000);
}
END_TEST

/* -- main ---------------------------------------------------------------------------------------
 */

static bool can_run(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || install_filter() < 0)
			_exit(1);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("swap");
	TCase *tcase = tcase_create("swap");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (!can_run()) {
		fprintf(stderr, "SKIP: no namespaces or no seccomp notification here\n");
		return getenv("SLIRPWAY_MUST_WORK") ? 1 : EXIT_SKIPPED;
	}
	tcase_set_timeout(tcase, 60);
	if (argc > 1 && strcmp(argv[1], "--bench") == 0)
		tcase_add_loop_test(tcase, bench, 0, ARRAY_SIZE(bench_rows));
	else
		tcase_add_loop_test(tcase, swap, 0, ARRAY_SIZE(cases));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
