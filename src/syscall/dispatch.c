/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a notification to its handler.
 *
 * While a handler runs, a timer stands ready to kill this process: the memory that a caller points
 * to may be made so slow (by a file system of its own, say) that reading it would hold up everyone.
 * A fatal signal is the one thing that ends such a wait. The supervisor that follows finds the slot
 * begun already, and does not try a third time.
 */

#include "config.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "base/util.h"
#include "syscall/context.h"
#include "syscall/dispatch.h"
#include "syscall/handlers.h"

#define HANDLER_TIMEOUT_US 500000
#define ATTEMPTS_MAX 2

static const struct {
	int number;
	enum call_counter counter;
	bool on_descriptor; /* its first argument is a socket */
	struct outcome (*handle)(struct supervisor *supervisor, struct call *call);
} handlers[] = {
	{ SYS_connect, CALL_COUNTER_connect, true, handle_connect },
	{ SYS_bind, CALL_COUNTER_bind, true, handle_bind },
	{ SYS_listen, CALL_COUNTER_listen, true, handle_listen },
	{ SYS_ioctl, CALL_COUNTER_ioctl, true, handle_ioctl },
#ifdef SYS_epoll_create
	{ SYS_epoll_create, CALL_COUNTER_epoll_create, false, handle_epoll_create },
#endif
	{ SYS_epoll_create1, CALL_COUNTER_epoll_create, false, handle_epoll_create },
};

static void set_watchdog(long microseconds)
{
	const struct itimerval timer = { .it_value.tv_usec = microseconds };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static struct outcome handle(struct supervisor *supervisor, struct call *call)
{
	const int number = call->slot->notification.data.nr;

	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++) {
		int error = 0;

		if (handlers[i].number != number)
			continue;
		supervisor->counters.value[handlers[i].counter]++;
		if (handlers[i].on_descriptor)
			error = call_pin(supervisor, call);
		return error != 0 ? outcome_answer(error) : handlers[i].handle(supervisor, call);
	}
	return outcome_answer(ENOSYS);
}

void dispatch_call(struct supervisor *supervisor, struct slot *slot)
{
	struct call *call = call_new(supervisor, slot);
	struct outcome outcome = { .kind = OUTCOME_ANSWER, .error = EFAULT };

	if (slot->attempts++ > 0)
		call_counter_add(&supervisor->counters, replayed);
	if (slot->attempts <= ATTEMPTS_MAX) {
		set_watchdog(HANDLER_TIMEOUT_US);
		outcome = handle(supervisor, call);
		set_watchdog(0);
	} else {
		call_counter_add(&supervisor->counters, abandoned);
	}
	if (outcome.kind != OUTCOME_WAIT)
		call_finish(supervisor, call, outcome);
	else
		slot->attempts = 1; /* whatever ends us from now on, it is not this call */
}
