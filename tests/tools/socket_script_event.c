/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: epoll, poll and select, registered before connect(2) and after. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#define MARK UINT64_C(0x123456789abcdef0)

static void control(int epoll, int operation, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u64 = MARK + (unsigned int)fd };

	say_result(operation == EPOLL_CTL_ADD	? "epoll add"
		   : operation == EPOLL_CTL_MOD ? "epoll mod"
						: "epoll del",
		   epoll_ctl(epoll, operation, fd, &event));
}

/* The events of fd, the only one that is registered. */
static void say_epoll(int epoll, int fd, int timeout_ms)
{
	struct epoll_event events[8];
	int count = epoll_wait(epoll, events, 8, timeout_ms);
	char text[64];

	if (count <= 0) {
		say("epoll: %s", count == 0 ? "none" : error_text(errno));
		return;
	}
	for (int i = 0; i < count; i++)
		say("epoll: %s%s", events_text(events[i].events, text),
		    events[i].data.u64 == MARK + (unsigned int)fd ? "" : ", of another");
}

/* nginx's order: registered, then connected. */
static void before_connect(enum place place, uint16_t port, uint32_t events)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int fd = open_stream(place, SOCK_NONBLOCK);

	control(epoll, EPOLL_CTL_ADD, fd, events);
	say_connect(fd, place, port);
	settle(fd);
	say_epoll(epoll, fd, 500);
	say_epoll(epoll, fd, 50);
	say_error(fd);
	say_send(fd, "one");
	settle(fd);
	say_epoll(epoll, fd, 500);
	say_receive(fd);
	say_epoll(epoll, fd, 50);
	control(epoll, EPOLL_CTL_MOD, fd, EPOLLOUT);
	say_epoll(epoll, fd, 1000);
	control(epoll, EPOLL_CTL_DEL, fd, 0);
	control(epoll, EPOLL_CTL_DEL, fd, 0);
	close(fd);
	close(epoll);
}

static void level_triggered(void)
{
	before_connect(REMOTE4, PORT_ECHO, EPOLLIN | EPOLLRDHUP);
	before_connect(REMOTE4, PORT_CLOSED, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}

static void edge_triggered(void)
{
	before_connect(REMOTE4, PORT_ECHO, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	before_connect(REMOTE6, PORT_ECHO, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	before_connect(REMOTE4, PORT_CLOSED, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

static void one_shot(void)
{
	before_connect(REMOTE4, PORT_ECHO, EPOLLIN | EPOLLOUT | EPOLLONESHOT);
	before_connect(REMOTE4, PORT_ECHO, EPOLLIN | EPOLLONESHOT | EPOLLET);
}

/* Reported once before it is connected: an edge-triggered one is armed again by the connection. */
static void looked_before(uint32_t events)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	control(epoll, EPOLL_CTL_ADD, fd, events);
	say_epoll(epoll, fd, 1000);
	say_epoll(epoll, fd, 50);
	say_connect(fd, REMOTE4, PORT_ECHO);
	settle(fd);
	say_epoll(epoll, fd, 300);
	say_epoll(epoll, fd, 50);
	close(fd);
	close(epoll);
}

static void reported_before(void)
{
	looked_before(EPOLLIN | EPOLLOUT);
	looked_before(EPOLLIN | EPOLLOUT | EPOLLET);
	looked_before(EPOLLIN | EPOLLOUT | EPOLLONESHOT);
	looked_before(EPOLLIN);
}

static void blocking_connect(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int fd = open_stream(REMOTE4, 0);

	control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLET);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_epoll(epoll, fd, 1000);
	say_send(fd, "one");
	say_poll_for(fd, POLLIN, 5000);
	say_epoll(epoll, fd, 1000);
	say_connect(fd, REMOTE4, PORT_ECHO);
	control(epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
	say_epoll(epoll, fd, 1000);
	close(fd);
	close(epoll);
}

static void after_connect(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	say_connect(fd, REMOTE4, PORT_ECHO);
	control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLET);
	settle(fd);
	say_epoll(epoll, fd, 500);
	control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN);
	close(fd);
	close(epoll);
}

/* In several instances, nested ones, and by a duplicate. */
static void several(void)
{
	int first = epoll_create1(EPOLL_CLOEXEC), second = epoll_create(7);
	int outer = epoll_create1(0);
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);
	int other = dup(fd);

	control(first, EPOLL_CTL_ADD, fd, EPOLLIN);
	control(second, EPOLL_CTL_ADD, fd, EPOLLOUT | EPOLLET);
	control(second, EPOLL_CTL_ADD, other, EPOLLIN | EPOLLET);
	control(outer, EPOLL_CTL_ADD, second, EPOLLIN);
	say_connect(fd, REMOTE4, PORT_ECHO);
	settle(fd);
	say_send(fd, "one");
	say_poll_for(fd, POLLIN, 5000);
	say_epoll(first, fd, 1000);
	say_epoll(outer, second, 1000);
	say_epoll(second, fd, 1000);
	close(other);
	control(first, EPOLL_CTL_MOD, fd, EPOLLOUT);
	say_epoll(first, fd, 1000);
	close(fd);
	say_epoll(first, fd, 50);
	close(first);
	close(second);
	close(outer);
}

static void duplicate_of_epoll(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int other = dup(epoll);
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

	control(other, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	close(epoll);
	say_connect(fd, REMOTE4, PORT_ECHO);
	settle(fd);
	say_epoll(other, fd, 5000);
	close(fd);
	say_epoll(other, fd, 50);
	close(other);
}

/* An instance that came by fork. */
static void inherited(void)
{
	int epoll = epoll_create1(0);
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open_stream(REMOTE4, SOCK_NONBLOCK);

		control(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT | EPOLLET);
		say_connect(fd, REMOTE4, PORT_ECHO);
		settle(fd);
		say_epoll(epoll, fd, 500);
		_exit(0);
	}
	say_child(pid);
	close(epoll);
}

/* A registration outlives closing where a duplicate is left, and goes with the last. */
static void over_dissolve(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, REMOTE4, PORT_ECHO);
	control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT);
	say_epoll(epoll, fd, 1000);
	say_dissolve(fd);
	say_epoll(epoll, fd, 1000);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_epoll(epoll, fd, 1000);
	control(epoll, EPOLL_CTL_DEL, fd, 0);
	close(fd);
	close(epoll);
}

struct watcher {
	int fd;
	int epoll;
	int kind;
};

static void *watch(void *data)
{
	const struct watcher *watcher = data;
	struct timeval patience = { 3, 0 };
	fd_set set;
	char text[64];
	struct pollfd poll_fd = { .fd = watcher->fd, .events = POLLIN };
	struct epoll_event event = { 0 };

	FD_ZERO(&set);
	FD_SET(watcher->fd, &set);
	if (watcher->kind == 0) {
		say_result("poll in a thread", poll(&poll_fd, 1, 3000));
		say("events: %s", events_text((uint32_t)poll_fd.revents, text));
	} else if (watcher->kind == 1) {
		say_result("select in a thread",
			   select(watcher->fd + 1, &set, NULL, NULL, &patience));
	} else {
		say_result("epoll in a thread", epoll_wait(watcher->epoll, &event, 1, 3000));
		say("events: %s", events_text(event.events, text));
	}
	return NULL;
}

/* Another thread waits already while this one connects; what it waits for comes then. */
static void in_thread(int kind)
{
	struct watcher watcher = { open_stream(REMOTE4, SOCK_NONBLOCK), epoll_create1(0), kind };
	pthread_t thread;
	ssize_t sent;

	say_connect(watcher.fd, SILENT4, PORT_ECHO);
	say_dissolve(watcher.fd);
	say_connect(watcher.fd, REMOTE4, PORT_ECHO);
	settle(watcher.fd);
	if (kind == 2)
		control(watcher.epoll, EPOLL_CTL_ADD, watcher.fd, EPOLLIN | EPOLLET);
	pthread_create(&thread, NULL, watch, &watcher);
	usleep(100000);
	sent = send(watcher.fd, "one", 3, MSG_NOSIGNAL);
	pthread_join(thread, NULL);
	say("send: %zd", sent);
	close(watcher.fd);
	close(watcher.epoll);
}

static void threads(void)
{
	in_thread(0);
	in_thread(1);
	in_thread(2);
}

/* epoll_wait(2) is under way in another thread when a registered socket is connected. */
static void thread_waits_first(void)
{
	struct watcher watcher = { open_stream(REMOTE4, SOCK_NONBLOCK), epoll_create1(0), 2 };
	struct epoll_event event = { 0 };
	pthread_t thread;
	int error;

	control(watcher.epoll, EPOLL_CTL_ADD, watcher.fd, EPOLLIN | EPOLLET);
	say_result("HUP", epoll_wait(watcher.epoll, &event, 1, 0));
	pthread_create(&thread, NULL, watch, &watcher);
	usleep(100000);
	error = connect_place(watcher.fd, REMOTE4, PORT_TALK) < 0 ? errno : 0;
	pthread_join(thread, NULL);
	say("connect: %s", error_text(error));
	say_receive(watcher.fd);
	close(watcher.fd);
	close(watcher.epoll);
}

static void select_once(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);
	struct timeval patience = { 3, 0 };
	fd_set read_set, write_set, other_set;

	say_connect(fd, REMOTE4, PORT_CLOSED);
	settle(fd);
	FD_ZERO(&read_set);
	FD_SET(fd, &read_set);
	write_set = other_set = read_set;
	say_result("select", select(fd + 1, &read_set, &write_set, &other_set, &patience));
	say("read %d write %d except %d", !!FD_ISSET(fd, &read_set), !!FD_ISSET(fd, &write_set),
	    !!FD_ISSET(fd, &other_set));
	say_error(fd);
	close(fd);
}

/* A listener that was registered before it was bound, published or not. */
static void listener_registered(enum place place, uint16_t port)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int fd = open_stream(place, SOCK_NONBLOCK);
	int client = open_stream(LOOPBACK4, 0);

	control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET);
	say_epoll(epoll, fd, 50);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(fd, place, port);
	say_listen(fd, 5);
	say_epoll(epoll, fd, 50);
	say_connect(client, LOOPBACK4, port);
	say_epoll(epoll, fd, 1000);
	close(say_accept(fd));
	say_epoll(epoll, fd, 50);
	close(client);
	close(fd);
	close(epoll);
}

static void registered_listener(void)
{
	listener_registered(ANY4, PORT_OWN);
}

static void registered_published(void)
{
	listener_registered(ANY4, PORT_PUBLISHED4);
}

const struct scenario event_scenarios[] = {
	{ "event-level-triggered", 0, level_triggered },
	{ "event-edge-triggered", 0, edge_triggered },
	{ "event-one-shot", 0, one_shot },
	{ "event-reported-before", 0, reported_before },
	{ "event-blocking-connect", 0, blocking_connect },
	{ "event-after-connect", 0, after_connect },
	{ "event-several", 0, several },
	{ "event-duplicate-of-epoll", 0, duplicate_of_epoll },
	{ "event-inherited", 0, inherited },
	{ "event-over-dissolve", 0, over_dissolve },
	{ "event-threads", 0, threads },
	{ "event-thread-waits-first", 0, thread_waits_first },
	{ "event-select", 0, select_once },
	{ "event-listener", 0, registered_listener },
	{ "event-published-listener", NEED_PUBLISHED, registered_published },
	{ 0 },
};
