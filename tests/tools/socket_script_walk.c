/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios: calls in random order, always the same one.
 *
 * Each walk draws its steps from a generator with a seed of its own, on a few sockets, and says
 * what came of each. Every connection is waited for before the next step, so that nothing depends
 * on how fast the network is; the exception is the silent peer, whose connections stay on their
 * way.
 *
 * Left out is what is known to differ (exactness.txt): dissolving, and binding, listening or
 * shutting down after a connection that failed. Nor does a socket change over from v4-mapped
 * addresses to others: Linux sends its packets the wrong way then, where a container's may come
 * to be a fresh one.
 */

#include "config.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#define SLOTS 3
#define STEPS 120

struct walk {
	uint32_t state;
	int fds[SLOTS];
	bool v6[SLOTS];
	bool tried[SLOTS];  /* connect(2) has been called */
	bool silent[SLOTS]; /* to the silent peer, which takes longer than a walk */
	bool listens[SLOTS];
	int epoll;
};

static uint32_t draw(struct walk *walk, uint32_t below)
{
	walk->state = walk->state * 1664525 + 1013904223;
	return (walk->state >> 8) % below;
}

static void step_open(struct walk *walk, int slot)
{
	int flags = draw(walk, 2) ? SOCK_NONBLOCK : 0;

	flags |= draw(walk, 2) ? SOCK_CLOEXEC : 0;
	walk->v6[slot] = draw(walk, 4) == 0;
	if (walk->fds[slot] >= 0)
		close(walk->fds[slot]);
	walk->tried[slot] = walk->silent[slot] = walk->listens[slot] = false;
	walk->fds[slot] = open_stream(walk->v6[slot] ? REMOTE6 : REMOTE4, flags);
	set_option(walk->fds[slot], SOL_SOCKET, SO_REUSEADDR, 1);
	say("open %d%s", slot, flags & SOCK_NONBLOCK ? ", never blocks" : "");
}

static bool is_same_socket(int one, int other)
{
	struct stat a, b;

	return one >= 0 && other >= 0 && fstat(one, &a) == 0 && fstat(other, &b) == 0 &&
	       a.st_ino == b.st_ino;
}

static void note_tried(struct walk *walk, int slot, bool silent)
{
	for (int i = 0; i < SLOTS; i++)
		if (is_same_socket(walk->fds[i], walk->fds[slot])) {
			walk->tried[i] = true;
			walk->silent[i] |= silent;
		}
}

static void note_listens(struct walk *walk, int slot)
{
	for (int i = 0; i < SLOTS; i++)
		if (is_same_socket(walk->fds[i], walk->fds[slot]))
			walk->listens[i] = true;
}

static void set_patience(int fd, int milliseconds)
{
	const struct timeval patience = { milliseconds / 1000, milliseconds % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static void step_connect(struct walk *walk, int slot)
{
	static const struct {
		enum place v4, v6;
		uint16_t port;
	} rows[] = {
		{ REMOTE4, REMOTE6, PORT_ECHO },       { REMOTE4, REMOTE6, PORT_ECHO },
		{ REMOTE4, REMOTE6, PORT_CLOSED },     { REMOTE4, REMOTE6, PORT_CLOSED },
		{ LOOPBACK4, LOOPBACK6, PORT_CLOSED }, { OWN4, OWN6, PORT_CLOSED },
		{ NO_ROUTE4, NO_ROUTE6, PORT_ECHO },   { SILENT4, SILENT6, PORT_ECHO },
	};
	uint32_t row = draw(walk, ARRAY_SIZE(rows));
	enum place place = walk->v6[slot] ? rows[row].v6 : rows[row].v4;
	int fd = walk->fds[slot];

	note_tried(walk, slot, place == SILENT4 || place == SILENT6);
	set_patience(fd, walk->silent[slot] ? 300 : 5000);
	say("connect %d to row %u", slot, row);
	say_connect(fd, place, rows[row].port);
	if (!walk->silent[slot] && !walk->listens[slot])
		(void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 5000);
}

static void step_bind(struct walk *walk, int slot)
{
	if (walk->tried[slot])
		return;
	say("bind %d", slot);
	say_bind(walk->fds[slot], walk->v6[slot] ? ANY6 : ANY4,
		 draw(walk, 2) ? 0 : (uint16_t)(PORT_OWN + 20 + slot));
}

static void step_listen(struct walk *walk, int slot)
{
	if (walk->tried[slot])
		return;
	say("listen %d", slot);
	say_listen(walk->fds[slot], 5);
	note_listens(walk, slot);
}

static void step_error(struct walk *walk, int slot)
{
	say("error %d", slot);
	say_error(walk->fds[slot]);
}

static void step_names(struct walk *walk, int slot)
{
	say("names %d", slot);
	say_peer(walk->fds[slot]);
	say_local(walk->fds[slot]);
	say_flags("flags", walk->fds[slot]);
}

static void step_poll(struct walk *walk, int slot)
{
	say("poll %d", slot);
	say_poll(walk->fds[slot], 0);
}

static void step_send(struct walk *walk, int slot)
{
	say("send %d", slot);
	/* What comes back is there when the next step is taken. */
	if (say_result("send", send(walk->fds[slot], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL)) == 1)
		(void)poll(&(struct pollfd){ .fd = walk->fds[slot], .events = POLLIN }, 1, 1000);
}

static void step_receive(struct walk *walk, int slot)
{
	char byte;

	say("receive %d", slot);
	say_result("receive", recv(walk->fds[slot], &byte, 1, MSG_DONTWAIT));
}

static void step_block(struct walk *walk, int slot)
{
	bool block = draw(walk, 2) != 0;

	say("%s %d", block ? "block" : "unblock", slot);
	fcntl(walk->fds[slot], F_SETFL, block ? 0 : O_NONBLOCK);
}

static void step_shutdown(struct walk *walk, int slot)
{
	struct pollfd ended = { .fd = walk->fds[slot], .events = POLLRDHUP };
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);

	if (getpeername(ended.fd, (struct sockaddr *)&peer, &length) < 0)
		return;
	say("shutdown %d", slot);
	/* The peer then ends its half, too. */
	if (say_result("shutdown", shutdown(walk->fds[slot], SHUT_WR)) == 0)
		(void)poll(&ended, 1, 1000);
}

static void step_duplicate(struct walk *walk, int slot)
{
	int from = (int)draw(walk, SLOTS);

	if (from == slot || walk->fds[from] < 0)
		return;
	say("duplicate %d as %d", from, slot);
	if (walk->fds[slot] >= 0)
		close(walk->fds[slot]);
	walk->fds[slot] = dup(walk->fds[from]);
	walk->v6[slot] = walk->v6[from];
	walk->tried[slot] = walk->tried[from];
	walk->silent[slot] = walk->silent[from];
	walk->listens[slot] = walk->listens[from];
}

static void step_register(struct walk *walk, int slot)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLIN, .data.u32 = (uint32_t)slot };

	event.events |= draw(walk, 2) ? EPOLLET : 0;
	say("register %d", slot);
	say_result("epoll add", epoll_ctl(walk->epoll, EPOLL_CTL_ADD, walk->fds[slot], &event));
}

static void step_unregister(struct walk *walk, int slot)
{
	say("unregister %d", slot);
	say_result("epoll del", epoll_ctl(walk->epoll, EPOLL_CTL_DEL, walk->fds[slot], NULL));
}

static void step_modify(struct walk *walk, int slot)
{
	struct epoll_event event = { .events = EPOLLOUT, .data.u32 = (uint32_t)slot };

	say("modify %d", slot);
	say_result("epoll mod", epoll_ctl(walk->epoll, EPOLL_CTL_MOD, walk->fds[slot], &event));
}

static void step_option(struct walk *walk, int slot)
{
	int fd = walk->fds[slot];

	say("option %d", slot);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10 + (int)draw(walk, 100));
	say_option("TCP_KEEPIDLE", fd, IPPROTO_TCP, TCP_KEEPIDLE);
	say_option("SO_REUSEADDR", fd, SOL_SOCKET, SO_REUSEADDR);
}

static const struct {
	void (*run)(struct walk *walk, int slot);
	uint32_t weight;
} steps[] = {
	{ step_open, 6 },     { step_connect, 20 },   { step_bind, 3 },	    { step_listen, 2 },
	{ step_error, 5 },    { step_names, 6 },      { step_poll, 6 },	    { step_send, 4 },
	{ step_receive, 4 },  { step_block, 4 },      { step_shutdown, 2 }, { step_duplicate, 3 },
	{ step_register, 4 }, { step_unregister, 2 }, { step_modify, 3 },   { step_option, 2 },
};

static void step(struct walk *walk)
{
	int slot = (int)draw(walk, SLOTS);
	uint32_t total = 0, at;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		total += steps[i].weight;
	at = draw(walk, total);
	if (walk->fds[slot] < 0) {
		step_open(walk, slot);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (at < steps[i].weight) {
			steps[i].run(walk, slot);
			return;
		}
		at -= steps[i].weight;
	}
}

static void walk_from(uint32_t seed)
{
	struct walk walk = { .state = seed * 2654435761u, .fds = { -1, -1, -1 } };

	walk.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < STEPS; i++)
		step(&walk);
}

#define WALK(number)                                                                               \
	static void walk_##number(void)                                                            \
	{                                                                                          \
		walk_from(number);                                                                 \
	}
WALK(1)
WALK(2)
WALK(3)
WALK(4)
WALK(5)
WALK(6)
WALK(7)
WALK(8)

/* Of the caller's choice, for long runs. */
static void walk_any(void)
{
	const char *seed = getenv("SCRIPT_SEED");

	walk_from(seed ? (uint32_t)strtoul(seed, NULL, 10) : 0);
}

const struct scenario walk_scenarios[] = {
	{ "walk-1", 0, walk_1 },     { "walk-2", 0, walk_2 },
	{ "walk-3", 0, walk_3 },     { "walk-4", 0, walk_4 },
	{ "walk-5", 0, walk_5 },     { "walk-6", 0, walk_6 },
	{ "walk-7", 0, walk_7 },     { "walk-8", 0, walk_8 },
	{ "walk-any", 0, walk_any }, { 0 },
};
