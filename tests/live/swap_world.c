/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other side of the live test of swap: answers the calls of a child. */

#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "swap_child.h"
#include "swap_world.h"
#include "syscall/caller.h"
#include "syscall/host_socket.h"
#include "syscall/notification.h"
#include "syscall/swap.h"

#define CASE_TIMEOUT_MS 20000

struct world {
	int proc;
	int listener;	   /* of notifications */
	int listening;	   /* where the host's sockets connect to */
	int accepted[256]; /* only kept */
	size_t accepted_count;
	struct callers *callers;
	struct swapper *swapper;
	struct call_counters counters;
	struct swap_journal journal;
	bool lossy;
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
	const struct options_set set = { 0 };
	struct pollfd ready = { .events = POLLOUT };
	int fd = host_socket_like(pinned, facts, &set);

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

static void open_swapper(struct world *world)
{
	world->swapper =
		swapper_new(world->callers, world->proc, &world->counters, &world->journal);
	ck_assert_ptr_nonnull(world->swapper);
}

/* The swap gets as far as to the new socket under the call's own number; another one ends it. */
static void lose_supervisor(struct world *world, const struct swap_place *place, int *pinned,
			    int socket)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct registration));
	struct registrations *registrations = registrations_new(world->callers, world->proc);
	int closes = callers_is_close_on_exec(world->callers, place->tid, place->number);

	registrations_read(registrations, place->tid, *pinned, place->number, list);
	swap_journal_open(&world->journal, place->id, *pinned, socket, list);
	ck_assert_int_eq(notification_put_descriptor(place->listener, place->id, socket,
						     place->number, closes > 0),
			 0);
	descriptor_close(pinned);
	registrations_free(registrations);
	swapper_free(world->swapper);
	open_swapper(world);
	swapper_finish(world->swapper, place);
	ck_assert_uint_eq(world->journal.id, 0);
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
	if (world->lossy) {
		lose_supervisor(world, &place, &pinned, socket);
		return 0;
	}
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
	listener = swap_install_filter();
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
	open_swapper(world);
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

double swap_world_run(void (*run)(void), bool lossy)
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
	world.lossy = lossy;
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
