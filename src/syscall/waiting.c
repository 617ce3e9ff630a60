/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that wait for a socket.
 *
 * Each wait is an entry of one epoll instance. There is no event for a signal that becomes pending
 * for another process, nor for the death of one thread, so while anyone waits the waiting callers
 * are looked at from time to time: every 20 ms, and less often when they are many, so that looking
 * stays a small part of the time.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/context.h"
#include "syscall/notification.h"
#include "syscall/waiting.h"

#define EVENTS_PER_TURN 64
#define LOOK_INTERVAL_US 20000
#define LOOK_COST_US 20 /* a caller's share of the time that a look takes */
#define LOOK_SHARE 50	/* looking takes at most one part in so many of the time */

/* Between tries where there is nothing to wait for. */
#define PAUSE_FIRST_MS 1
#define PAUSE_MAX_MS 16

struct wait {
	struct call *call;
	int socket;
	wait_func func;
};

struct waiting {
	struct supervisor *supervisor;
	int epoll;
	int timer;
	bool armed; /* the timer; never put off, or calls that wake up often were not looked at */
	GHashTable *waits; /* struct wait as a set */
};

struct waiting *waiting_new(struct supervisor *supervisor)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct waiting *waiting = g_new0(struct waiting, 1);

	waiting->supervisor = supervisor;
	waiting->epoll = epoll_create1(EPOLL_CLOEXEC);
	waiting->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	waiting->waits = g_hash_table_new_full(NULL, NULL, g_free, NULL);
	if (waiting->epoll < 0 || waiting->timer < 0 ||
	    epoll_ctl(waiting->epoll, EPOLL_CTL_ADD, waiting->timer, &event) < 0)
		g_clear_pointer(&waiting, waiting_free);
	return waiting;
}

void waiting_free(struct waiting *waiting)
{
	if (!waiting)
		return;
	g_hash_table_destroy(waiting->waits);
	descriptor_close(&waiting->epoll);
	descriptor_close(&waiting->timer);
	g_free(waiting);
}

int waiting_descriptor(const struct waiting *waiting)
{
	return waiting->epoll;
}

uint32_t waiting_count(const struct waiting *waiting)
{
	return g_hash_table_size(waiting->waits);
}

/* The next look at the callers; none while nobody waits. */
static void arm_timer(struct waiting *waiting)
{
	gint64 count = waiting_count(waiting);
	gint64 pause = MAX(LOOK_INTERVAL_US, count * LOOK_COST_US * LOOK_SHARE);
	struct itimerspec timer = { 0 };

	if (count > 0) {
		timer.it_value.tv_sec = pause / G_USEC_PER_SEC;
		timer.it_value.tv_nsec = pause % G_USEC_PER_SEC * 1000;
	}
	timerfd_settime(waiting->timer, 0, &timer, NULL);
	waiting->armed = count > 0;
}

int waiting_add(struct waiting *waiting, struct call *call, int socket, uint32_t events,
		uint64_t timeout_ms, wait_func func)
{
	struct wait *wait = g_new0(struct wait, 1);
	struct epoll_event event = { .events = events, .data.ptr = wait };

	*wait = (struct wait){ .call = call, .socket = socket, .func = func };
	if (call->slot->deadline == 0 && timeout_ms > 0)
		call->slot->deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	if (epoll_ctl(waiting->epoll, EPOLL_CTL_ADD, socket, &event) < 0) {
		int error = errno;

		g_free(wait);
		return -error;
	}
	g_hash_table_add(waiting->waits, wait);
	call_counter_add(&waiting->supervisor->counters, waits);
	if (!waiting->armed)
		arm_timer(waiting);
	return 0;
}

int waiting_pause(struct waiting *waiting, struct call *call, uint64_t timeout_ms, wait_func func)
{
	uint32_t crowd = waiting_count(waiting) * LOOK_COST_US * LOOK_SHARE / 1000;
	struct itimerspec timer = { 0 };

	if (call->pause_timer < 0)
		call->pause_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	call->pause_ms = CLAMP(call->pause_ms * 2, PAUSE_FIRST_MS, PAUSE_MAX_MS);
	timer.it_value.tv_sec = MAX(call->pause_ms, crowd) / 1000;
	timer.it_value.tv_nsec = (long)(MAX(call->pause_ms, crowd) % 1000) * 1000000;
	/* Which also takes back that it has expired before. */
	if (timerfd_settime(call->pause_timer, 0, &timer, NULL) < 0)
		return -errno;
	return waiting_add(waiting, call, call->pause_timer, EPOLLIN, timeout_ms, func);
}

static void end_wait(struct waiting *waiting, struct wait *wait, enum wait_end end)
{
	struct wait ended = *wait;

	epoll_ctl(waiting->epoll, EPOLL_CTL_DEL, wait->socket, NULL);
	g_hash_table_remove(waiting->waits, wait);
	/* What follows may be held up by the caller as what came before the wait. */
	watchdog_start(waiting->supervisor->watchdog, ended.call->slot);
	ended.func(waiting->supervisor, ended.call, ended.socket, end);
	watchdog_stop(waiting->supervisor->watchdog);
}

/* True if something other than its socket ends the wait. */
static bool look_at(const struct waiting *waiting, const struct wait *wait, gint64 now,
		    enum wait_end *ret_end)
{
	struct supervisor *supervisor = waiting->supervisor;

	if (!notification_is_alive(supervisor->listener, wait->call->slot->notification.id)) {
		*ret_end = WAIT_GONE;
	} else if (wait->call->slot->deadline != 0 && now >= wait->call->slot->deadline) {
		call_counter_add(&supervisor->counters, timeouts);
		*ret_end = WAIT_TIMEOUT;
	} else if (callers_has_signal(supervisor->callers, wait->call->tid)) {
		call_counter_add(&supervisor->counters, restarted);
		*ret_end = WAIT_SIGNAL;
	} else {
		return false;
	}
	return true;
}

static void look_at_all(struct waiting *waiting)
{
	g_autofree gpointer *waits = NULL;
	gint64 now = g_get_monotonic_time();
	uint64_t expirations;
	enum wait_end end;
	guint count;

	if (read(waiting->timer, &expirations, sizeof(expirations)) < 0)
		return;
	/* A copy, for the set changes with each end. */
	waits = g_hash_table_get_keys_as_array(waiting->waits, &count);
	for (guint i = 0; i < count; i++)
		if (look_at(waiting, waits[i], now, &end))
			end_wait(waiting, waits[i], end);
	arm_timer(waiting);
}

void waiting_run(struct waiting *waiting)
{
	struct epoll_event events[EVENTS_PER_TURN];
	int count = epoll_wait(waiting->epoll, events, EVENTS_PER_TURN, 0);
	bool look = false;

	/* The look comes last: it may end waits that are among these events. */
	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr)
			end_wait(waiting, events[i].data.ptr, WAIT_READY);
		else
			look = true;
	}
	if (look)
		look_at_all(waiting);
}
