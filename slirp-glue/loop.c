/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's event loop over epoll(7). */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "slirp-glue/loop.h"

/*
 * Watches are kept in an array indexed by descriptor, so that watching again, which the glue does
 * for every socket before every turn, costs one look-up and, when nothing changed, no system call.
 *
 * One epoll_wait fetches a batch. A callback early in the batch may close a descriptor whose event
 * comes later in it, and the number may even belong to somebody else by then. So each event carries
 * the generation that its watch had when it was registered; unwatching begins a new generation, and
 * events of an old one are dropped.
 *
 * Timers that are set lie in a binary heap, the next to expire at its root.
 */

#define EVENTS_PER_TURN 256
#define NOT_SET SIZE_MAX
#define NS_PER_MS (1000ULL * 1000)
#define NS_PER_S (1000ULL * NS_PER_MS)

struct watch {
	loop_ready_func ready;
	void *data;
	uint32_t events;
	uint32_t generation;
	bool active;
};

struct loop_timer {
	struct loop *loop;
	loop_timer_func expired;
	void *data;
	uint64_t at_ns;
	size_t position; /* in the heap, or NOT_SET */
};

struct loop {
	int epoll;
	bool expiring; /* timers are being called back */
	uint64_t now_ns;
	struct watch *watches;
	size_t watches_size;
	GPtrArray *timers; /* the heap; borrowed */
	struct epoll_event events[EVENTS_PER_TURN];
};

static uint64_t read_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

struct loop *loop_new(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct loop *loop;

	if (epoll < 0)
		return NULL;
	loop = g_new0(struct loop, 1);
	loop->epoll = epoll;
	loop->now_ns = read_clock();
	loop->timers = g_ptr_array_new();
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	close(loop->epoll);
	g_ptr_array_free(loop->timers, TRUE);
	g_free(loop->watches);
	g_free(loop);
}

uint64_t loop_now(const struct loop *loop)
{
	return loop->now_ns;
}

uint64_t loop_read_clock(struct loop *loop)
{
	loop->now_ns = read_clock();
	return loop->now_ns;
}

/* Descriptors. */

static void make_room(struct loop *loop, int fd)
{
	size_t size = loop->watches_size;

	if ((size_t)fd < size)
		return;
	size = MAX(MAX((size_t)fd + 1, size * 2), 64);
	loop->watches = g_renew(struct watch, loop->watches, size);
	memset(loop->watches + loop->watches_size, 0,
	       (size - loop->watches_size) * sizeof(*loop->watches));
	loop->watches_size = size;
}

static uint64_t event_key(int fd, uint32_t generation)
{
	return (uint64_t)generation << 32 | (uint32_t)fd;
}

/* A number may have been closed and reused, so that epoll and the table disagree: the other
 * operation then fits. */
static int register_events(int epoll, int fd, bool known, struct epoll_event *event)
{
	if (epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, event) == 0)
		return 0;
	if (errno != (known ? ENOENT : EEXIST))
		return -errno;
	if (epoll_ctl(epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, event) == 0)
		return 0;
	return -errno;
}

int loop_watch(struct loop *loop, int fd, uint32_t events, loop_ready_func ready, void *data)
{
	struct watch *watch;
	struct epoll_event event = { .events = events };
	int result;

	if (fd < 0)
		return -EBADF;
	make_room(loop, fd);
	watch = &loop->watches[fd];
	if (!watch->active || watch->events != events) {
		event.data.u64 = event_key(fd, watch->generation);
		result = register_events(loop->epoll, fd, watch->active, &event);
		if (result < 0) {
			watch->active = false;
			watch->generation++;
			return result;
		}
	}
	watch->ready = ready;
	watch->data = data;
	watch->events = events;
	watch->active = true;
	return 0;
}

void loop_unwatch(struct loop *loop, int fd)
{
	struct watch *watch;

	if (fd < 0 || (size_t)fd >= loop->watches_size)
		return;
	watch = &loop->watches[fd];
	if (!watch->active)
		return;
	/* Closed already, then: nothing is left to remove. */
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
	watch->active = false;
	watch->generation++;
}

static void dispatch(struct loop *loop, const struct epoll_event *event)
{
	uint32_t fd = (uint32_t)event->data.u64;
	const struct watch *watch = &loop->watches[fd];
	uint32_t events;

	if (!watch->active || watch->generation != event->data.u64 >> 32)
		return;
	/* An earlier callback of this turn may have asked for less. */
	events = event->events & (watch->events | EPOLLERR | EPOLLHUP);
	if (events)
		watch->ready((int)fd, events, watch->data);
}

/* Timers. */

static struct loop_timer *heap_at(const struct loop *loop, size_t position)
{
	return g_ptr_array_index(loop->timers, position);
}

static void heap_put(struct loop *loop, size_t position, struct loop_timer *timer)
{
	g_ptr_array_index(loop->timers, position) = timer;
	timer->position = position;
}

static void heap_sift_up(struct loop *loop, size_t position)
{
	struct loop_timer *timer = heap_at(loop, position);

	while (position > 0) {
		size_t parent = (position - 1) / 2;

		if (heap_at(loop, parent)->at_ns <= timer->at_ns)
			break;
		heap_put(loop, position, heap_at(loop, parent));
		position = parent;
	}
	heap_put(loop, position, timer);
}

static void heap_sift_down(struct loop *loop, size_t position)
{
	struct loop_timer *timer = heap_at(loop, position);
	size_t count = loop->timers->len;

	for (;;) {
		size_t child = position * 2 + 1;

		if (child >= count)
			break;
		if (child + 1 < count &&
		    heap_at(loop, child + 1)->at_ns < heap_at(loop, child)->at_ns)
			child++;
		if (timer->at_ns <= heap_at(loop, child)->at_ns)
			break;
		heap_put(loop, position, heap_at(loop, child));
		position = child;
	}
	heap_put(loop, position, timer);
}

static void heap_remove(struct loop *loop, struct loop_timer *timer)
{
	size_t position = timer->position;
	size_t last = loop->timers->len - 1;
	struct loop_timer *moved = heap_at(loop, last);

	timer->position = NOT_SET;
	g_ptr_array_set_size(loop->timers, (int)last);
	if (moved == timer)
		return;
	heap_put(loop, position, moved);
	heap_sift_up(loop, position);
	heap_sift_down(loop, moved->position);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_func expired, void *data)
{
	struct loop_timer *timer = g_new0(struct loop_timer, 1);

	timer->loop = loop;
	timer->expired = expired;
	timer->data = data;
	timer->position = NOT_SET;
	return timer;
}

void loop_timer_set(struct loop_timer *timer, uint64_t at_ns)
{
	struct loop *loop = timer->loop;

	if (timer->position != NOT_SET)
		heap_remove(loop, timer);
	if (!at_ns)
		return;
	/* A timer that sets itself to the past waits for the next turn, else the turn never ends.
	 */
	if (loop->expiring)
		at_ns = MAX(at_ns, loop->now_ns + 1);
	timer->at_ns = at_ns;
	g_ptr_array_add(loop->timers, timer);
	heap_sift_up(loop, loop->timers->len - 1);
}

void loop_timer_free(struct loop_timer *timer)
{
	if (!timer)
		return;
	loop_timer_set(timer, 0);
	g_free(timer);
}

static void expire_timers(struct loop *loop)
{
	loop->expiring = true;
	while (loop->timers->len > 0) {
		struct loop_timer *timer = heap_at(loop, 0);

		if (timer->at_ns > loop->now_ns)
			break;
		heap_remove(loop, timer);
		/* The callback may free it. */
		timer->expired(timer->data);
	}
	loop->expiring = false;
}

/* Milliseconds to wait, rounded up, for a turn must not end just before the timer that it waits
 * for. */
static int wait_time(const struct loop *loop, int timeout_ms)
{
	uint64_t at_ns;
	uint64_t wait_ms;

	if (loop->timers->len == 0)
		return timeout_ms;
	at_ns = heap_at(loop, 0)->at_ns;
	if (at_ns <= loop->now_ns)
		return 0;
	wait_ms = (at_ns - loop->now_ns - 1) / NS_PER_MS + 1;
	if (timeout_ms >= 0 && wait_ms > (uint64_t)timeout_ms)
		return timeout_ms;
	return (int)MIN(wait_ms, (uint64_t)INT_MAX);
}

int loop_turn(struct loop *loop, int timeout_ms)
{
	int count;

	loop->now_ns = read_clock();
	count = epoll_wait(loop->epoll, loop->events, EVENTS_PER_TURN, wait_time(loop, timeout_ms));
	if (count < 0 && errno != EINTR)
		return -errno;
	count = MAX(count, 0);
	loop->now_ns = read_clock();
	/* Descriptors first: an answer that came in time is seen before its timeout. */
	for (int i = 0; i < count; i++)
		dispatch(loop, &loop->events[i]);
	expire_timers(loop);
	return count;
}
