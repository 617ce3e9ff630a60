/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One trapped call, from its notification to its answer. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>

#include "base/descriptor.h"
#include "syscall/call.h"
#include "syscall/context.h"
#include "syscall/notification.h"

struct outcome outcome_answer(int error)
{
	return (struct outcome){ .kind = OUTCOME_ANSWER, .error = error };
}

struct outcome outcome_value(int64_t value)
{
	return (struct outcome){ .kind = OUTCOME_ANSWER, .value = value };
}

struct outcome outcome_continue(void)
{
	return (struct outcome){ .kind = OUTCOME_CONTINUE };
}

struct outcome outcome_wait(void)
{
	return (struct outcome){ .kind = OUTCOME_WAIT };
}

struct outcome outcome_gone(void)
{
	return (struct outcome){ .kind = OUTCOME_GONE };
}

struct outcome outcome_done(void)
{
	return (struct outcome){ .kind = OUTCOME_DONE };
}

struct outcome outcome_interrupted(const struct call *call)
{
	return outcome_answer(call->slot->deadline != 0 ? EINTR : RESTART_CALL);
}

struct call *call_new(struct supervisor *supervisor, struct slot *slot)
{
	struct call *call = g_new0(struct call, 1);

	call->slot = slot;
	call->tid = (pid_t)slot->notification.pid;
	/* The kernel looks at the low half of the register only. */
	call->number = (int)slot->notification.data.args[0];
	call->pinned = -1;
	call->pause_timer = -1;
	if (supervisor->trace)
		call->started = g_get_monotonic_time();
	return call;
}

/* A predecessor may have died before or after it made the socket non-blocking. */
static void end_unblocking(struct call *call)
{
	if (!call->slot->unblocked)
		return;
	call->facts.flags &= ~O_NONBLOCK;
	call_reblock(call);
}

int call_pin(struct supervisor *supervisor, struct call *call)
{
	int fd = callers_pin(supervisor->callers, call->tid, call->number);
	int r;

	if (fd < 0)
		return -fd;
	call->pinned = fd;
	r = socket_facts_read(fd, &call->facts);
	if (r == 0)
		end_unblocking(call);
	/* A TCP socket of the host may have been turned into one, which connects out of our sight.
	 */
	if (r == 0 && call->facts.domain == AF_SMC)
		return EAFNOSUPPORT;
	return -r;
}

int call_read_address(struct supervisor *supervisor, struct call *call, uint64_t pointer,
		      int64_t length)
{
	int r = sockaddr_check_length(length);

	if (r != 0)
		return r;
	call->address.length = (socklen_t)length;
	r = callers_read(supervisor->callers, call->tid, pointer, &call->address.storage,
			 (size_t)length);
	if (r < 0)
		return -r;
	/* Was that the caller's memory, or that of whoever has its number now? */
	return notification_is_alive(supervisor->listener, call->slot->notification.id) ? 0 : ESRCH;
}

int call_write(struct supervisor *supervisor, const struct call *call, uint64_t pointer,
	       const void *data, size_t length)
{
	if (!notification_is_alive(supervisor->listener, call->slot->notification.id))
		return ESRCH;
	return -callers_write(supervisor->callers, call->tid, pointer, data, length);
}

int call_write_address(struct supervisor *supervisor, const struct call *call,
		       const struct sockaddr_storage *address, socklen_t length, uint64_t pointer,
		       uint64_t length_pointer)
{
	int32_t whole = (int32_t)length, room;
	int r = callers_read(supervisor->callers, call->tid, length_pointer, &room, sizeof(room));
	int error;

	if (r < 0)
		return -r;
	if (room < 0)
		return EINVAL;
	error = call_write(supervisor, call, length_pointer, &whole, sizeof(whole));
	if (error == 0 && room > 0)
		error = call_write(supervisor, call, pointer, address, MIN((size_t)room, length));
	return error;
}

int call_unblock(struct call *call)
{
	if (call_is_nonblocking(call))
		return 0;
	call->slot->unblocked = true;
	return fcntl(call->pinned, F_SETFL, call->facts.flags | O_NONBLOCK) < 0 ? errno : 0;
}

void call_reblock(struct call *call)
{
	if (!call->slot->unblocked)
		return;
	(void)fcntl(call->pinned, F_SETFL, call->facts.flags);
	call->slot->unblocked = false;
}

bool call_is_nonblocking(const struct call *call)
{
	return (call->facts.flags & O_NONBLOCK) != 0;
}

bool call_is_on_host(const struct supervisor *supervisor, const struct call *call)
{
	return call->facts.network == supervisor->rules.host_network;
}

static void send_answer(struct supervisor *supervisor, const struct call *call,
			struct outcome outcome)
{
	uint64_t id = call->slot->notification.id;
	int r = 0;

	if (outcome.kind == OUTCOME_CONTINUE) {
		call_counter_add(&supervisor->counters, continued);
		r = notification_continue(supervisor->listener, id);
	} else if (outcome.kind == OUTCOME_ANSWER) {
		r = notification_answer(supervisor->listener, id, outcome.error, outcome.value);
	}
	if (outcome.kind == OUTCOME_GONE || r == -ENOENT)
		call_counter_add(&supervisor->counters, gone);
}

void call_finish(struct supervisor *supervisor, struct call *call, struct outcome outcome)
{
	/*
	 * A caller that goes on, and closes its socket, must find that it was the last to hold it.
	 * Other files may take their time to be closed, and the answer doesn't wait for them.
	 */
	if (socket_facts_is_internet(&call->facts))
		descriptor_close(&call->pinned);
	send_answer(supervisor, call, outcome);
	if (supervisor->trace)
		trace_call(supervisor->trace, supervisor, call, outcome);
	shared_state_release(supervisor->state, call->slot);
	descriptor_close(&call->pinned);
	descriptor_close(&call->pause_timer);
	if (call->free_kept)
		call->free_kept(call->kept);
	g_free(call);
}
