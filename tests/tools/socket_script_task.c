/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: threads, descriptor tables, namespaces, and many at a time. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#define MANY 1500
#define WAITERS 300

static void *run_in_thread(void *data)
{
	((void (*)(void))data)();
	return NULL;
}

static void in_thread(void (*run)(void))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_in_thread, (void *)run) != 0)
		say("no thread");
	else
		pthread_join(thread, NULL);
}

static void connect_once(void)
{
	int fd = open_stream(REMOTE4, SOCK_CLOEXEC);

	say_connect(fd, REMOTE4, PORT_ECHO);
	say_peer(fd);
	say_flags("after", fd);
	say_exchange(fd, "one");
	close(fd);
}

/* The table is the thread's own: the process's other threads have another socket, or none. */
static void own_table(void)
{
	int fd = open_stream(REMOTE4, 0);
	int epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET };

	say_result("unshare", unshare(CLONE_FILES));
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_peer(fd);
	say_exchange(fd, "one");
	say_result("epoll", epoll_wait(epoll, &event, 1, 1000));
	connect_once();
}

static void own_table_in_thread(void)
{
	in_thread(own_table);
	connect_once();
}

static void own_table_listener(void)
{
	int listener, client;

	say_result("unshare", unshare(CLONE_FILES));
	listener = open_stream(ANY4, 0);
	client = open_stream(ANY4, 0);
	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(listener, ANY4, PORT_PUBLISHED4);
	say_listen(listener, 5);
	say_connect(client, LOOPBACK4, PORT_PUBLISHED4);
	close(say_accept(listener));
	close(client);
	close(listener);
}

static void own_table_published(void)
{
	in_thread(own_table_listener);
}

static void threads(void)
{
	in_thread(connect_once);
	in_thread(connect_once);
}

static void set_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	say_result("SIOCSIFFLAGS", ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

/* A network of its own, in which nobody is but itself. */
static void nested_network(void)
{
	int before = open_stream(REMOTE4, 0);
	int fd, client;

	say_result("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNET));
	fd = open_stream(REMOTE4, 0);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_connect(fd, LOOPBACK4, PORT_ECHO);
	set_loopback_up();
	say_connect(fd, LOOPBACK4, PORT_ECHO);
	close(fd);
	fd = open_stream(ANY4, 0);
	client = open_stream(ANY4, 0);
	say_bind(fd, ANY4, PORT_PUBLISHED4);
	say_listen(fd, 5);
	say_connect(client, LOOPBACK4, PORT_PUBLISHED4);
	close(say_accept(fd));
	/* A socket stays where it was made. */
	say_connect(before, REMOTE4, PORT_ECHO);
	say_exchange(before, "one");
	close(before);
	close(fd);
	close(client);
}

/* The privileged ports of a network that one owns are one's own. */
static void nested_privileged(void)
{
	int fd;

	say_result("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNET));
	fd = open_stream(ANY4, 0);
	say_bind(fd, ANY4, 80);
	close(fd);
}

static void *connect_and_count(void *data)
{
	int fd = open_stream(REMOTE4, SOCK_CLOEXEC);
	char byte = 'x';
	bool good = connect_place(fd, REMOTE4, PORT_ECHO) == 0 && send(fd, &byte, 1, 0) == 1 &&
		    recv(fd, &byte, 1, 0) == 1;

	if (good)
		__atomic_add_fetch((int *)data, 1, __ATOMIC_RELAXED);
	close(fd);
	return NULL;
}

static void *time_out_and_count(void *data)
{
	int fd = open_stream(SILENT4, SOCK_CLOEXEC);

	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 2000);
	if (connect_place(fd, SILENT4, PORT_ECHO) < 0 && errno == ETIMEDOUT)
		__atomic_add_fetch((int *)data, 1, __ATOMIC_RELAXED);
	close(fd);
	return NULL;
}

static int start_threads(pthread_t *threads, int count, void *(*run)(void *data), int *counter)
{
	pthread_attr_t attributes;
	int started = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 128 * 1024);
	while (started < count && pthread_create(&threads[started], &attributes, run, counter) == 0)
		started++;
	return started;
}

/* Hundreds wait for a silent peer; those who connect meanwhile don't wait for them. */
static void many(void)
{
	static pthread_t waiters[WAITERS], clients[MANY];
	int timed_out = 0, good = 0;
	const struct rlimit limit = { 4096, 4096 };
	int waiting, connecting;

	setrlimit(RLIMIT_NOFILE, &limit);
	waiting = start_threads(waiters, WAITERS, time_out_and_count, &timed_out);
	connecting = start_threads(clients, MANY, connect_and_count, &good);
	for (int i = 0; i < connecting; i++)
		pthread_join(clients[i], NULL);
	say("connected: %d of %d", good, connecting);
	for (int i = 0; i < waiting; i++)
		pthread_join(waiters[i], NULL);
	say("timed out: %d of %d", timed_out, waiting);
}

static void many_nonblocking(void)
{
	static int fds[900];
	int good = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = open_stream(REMOTE4, SOCK_NONBLOCK);
		if (connect_place(fds[i], REMOTE4, PORT_ECHO) < 0 && errno != EINPROGRESS)
			say("connect: %s", error_text(errno));
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		settle(fds[i]);
		if (connect_place(fds[i], REMOTE4, PORT_ECHO) == 0)
			good++;
		close(fds[i]);
	}
	say("connected: %d", good);
}

/* A process that can't be dumped, as ssh-agent and others make themselves. */
static void not_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	connect_once();
}

static void other_groups(void)
{
	if (setresgid(getgid(), getgid(), getgid()) < 0)
		say("setresgid: %s", error_text(errno));
	connect_once();
}

/* The limit counts descriptors of the program's, and nothing is added to them. */
static void few_descriptors(void)
{
	int fd = open_stream(REMOTE4, 0);
	const struct rlimit limit = { (rlim_t)fd + 1, (rlim_t)fd + 1 };

	setrlimit(RLIMIT_NOFILE, &limit);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	say_result("dup", dup(fd));
	close(fd);
}

struct flag_setter {
	int fd;
	bool done;
};

/* "The socket blocks": again and again, of what number fd is by then. */
static void *set_flags(void *data)
{
	struct flag_setter *setter = data;

	while (!__atomic_load_n(&setter->done, __ATOMIC_RELAXED)) {
		int fd = __atomic_load_n(&setter->fd, __ATOMIC_RELAXED);

		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
		usleep(50);
	}
	return NULL;
}

/* Thirty attempts to connect, of 20 ms at most; says what comes to anything but error. */
static void try_blocking(struct flag_setter *setter, enum place place, uint16_t port, int error)
{
	const struct timeval soon = { .tv_usec = 20000 };

	for (int i = 0; i < 30; i++) {
		int fd = open_stream(place, 0), result;

		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
		__atomic_store_n(&setter->fd, fd, __ATOMIC_RELAXED);
		result = connect_place(fd, place, port) == 0 ? 0 : errno;
		if (result != error)
			say("connect: %s", error_text(result));
		close(fd);
	}
}

/* Another thread says that the socket blocks, which it does, while it is being connected. */
static void flags_set_meanwhile(void)
{
	struct flag_setter setter = { .fd = -1 };
	pthread_t thread;

	if (pthread_create(&thread, NULL, set_flags, &setter) != 0) {
		say("no thread");
		return;
	}
	try_blocking(&setter, SILENT4, PORT_ECHO, EINPROGRESS);
	try_blocking(&setter, REMOTE4, PORT_CLOSED, ECONNREFUSED);
	__atomic_store_n(&setter.done, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	connect_once();
}

static void vfork_child(void)
{
	pid_t pid;

	fflush(stdout);
	pid = vfork();
	if (pid == 0) {
		execl("/proc/self/exe", "socket_script", "run", "connect-open-no-repeat",
		      (char *)NULL);
		_exit(127);
	}
	say_child(pid);
}

const struct scenario task_scenarios[] = {
	{ "task-threads", 0, threads },
	{ "task-own-table", 0, own_table_in_thread },
	{ "task-own-table-published", NEED_PUBLISHED, own_table_published },
	{ "task-nested-network", 0, nested_network },
	{ "task-nested-privileged", 0, nested_privileged },
	{ "task-many", 0, many },
	{ "task-many-nonblocking", 0, many_nonblocking },
	{ "task-not-dumpable", 0, not_dumpable },
	{ "task-groups", 0, other_groups },
	{ "task-few-descriptors", 0, few_descriptors },
	{ "task-flags-set-meanwhile", 0, flags_set_meanwhile },
	{ "task-exec", 0, vfork_child },
	{ 0 },
};
