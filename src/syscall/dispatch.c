/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a notification to its handler.
 *
 * While a handler runs a watchdog looks on, for what a caller points to may hold it up for ever.
 * The supervisor that follows goes on with every call that was begun, except that one; and with
 * none a third time, for a call may have been the end of two supervisors in a way that nobody
 * thought of.
 */

#include "config.h"

#include <errno.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "syscall/context.h"
#include "syscall/dispatch.h"
#include "syscall/handlers.h"
#include "syscall/leave_to_kernel.h"
#include "syscall/watchdog.h"

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
	{ SYS_ioctl, CALL_COUNTER_ioctl, false, handle_ioctl },
#ifdef SYS_epoll_create
	{ SYS_epoll_create, CALL_COUNTER_epoll_create, false, handle_epoll_create },
#endif
	{ SYS_epoll_create1, CALL_COUNTER_epoll_create, false, handle_epoll_create },
	{ SYS_sendto, CALL_COUNTER_send, true, handle_sendto },
	{ SYS_sendmsg, CALL_COUNTER_send, true, handle_sendmsg },
	{ SYS_sendmmsg, CALL_COUNTER_send, true, handle_sendmmsg },
	{ SYS_setsockopt, CALL_COUNTER_setsockopt, false, handle_setsockopt },
	{ SYS_clone, CALL_COUNTER_clone, false, handle_clone },
	/* These pin for themselves. */
	{ SYS_getsockname, CALL_COUNTER_name, false, handle_getsockname },
	{ SYS_getpeername, CALL_COUNTER_name, false, handle_getpeername },
#ifdef SYS_accept
	{ SYS_accept, CALL_COUNTER_accept, false, handle_accept },
#endif
	{ SYS_accept4, CALL_COUNTER_accept, false, handle_accept },
};

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
		watchdog_start(supervisor->watchdog, call->slot);
		outcome = handle(supervisor, call);
	} else {
		call_counter_add(&supervisor->counters, abandoned);
		if (slot->unblocked)
			(void)call_pin(supervisor, call);
	}
	if (outcome.kind != OUTCOME_WAIT)
		call_finish(supervisor, call, outcome);
	else
		slot->attempts = 1; /* whatever ends us from now on, it is not this call */
	/* Not before: to close a file of the caller's may take as long as its file system likes. */
	watchdog_stop(supervisor->watchdog);
}
