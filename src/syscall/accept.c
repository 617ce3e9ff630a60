/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accept(2) and accept4(2), with --virtual-addresses.
 *
 * A listener of the host is a published port's. What it accepts tells the peer's address as the
 * container is to see it, and that takes accepting on behalf: the address is behind the caller's
 * pointer before the new socket is in its table, and the order that puts it there is the answer,
 * too. All else is left to the kernel: listeners of the container, and calls without room for an
 * address on a listener that doesn't block. (On one that blocks they are done here as well, because
 * such a listener is made non-blocking for the moment of accept, which others must not see.)
 *
 * A blocking caller waits in waiting.c's care. Callers that wait at one listener are woken in the
 * order in which they began, so each worker of a program that has several gets its turn. A signal
 * ends the wait as the kernel would: with a restart, or with EINTR if the socket has a timeout.
 *
 * Between accept and hand-over the connection is in this process only. If it can't be handed over
 * (the address can't be written, the caller was killed or has no number left) it is closed; so it
 * is if this process is killed. The kernel, too, closes it for the first two. A table that is full
 * is seen before accept where the kernel tells how full it is (Linux 6.2), so that the connection
 * stays with the listener.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "base/descriptor.h"
#include "syscall/context.h"
#include "syscall/handlers.h"
#include "syscall/notification.h"
#include "syscall/socket_address.h"
#include "syscall/task_files.h"
#include "syscall/names.h"
#include "syscall/watchdog.h"

static struct outcome accept_or_wait(struct supervisor *supervisor, struct call *call);

static int flags_of(const struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;

	return data->nr == SYS_accept4 ? (int)data->args[3] : 0;
}

static uint64_t address_of(const struct call *call)
{
	return call->slot->notification.data.args[1];
}

/* SO_RCVTIMEO in milliseconds, rounded up; 0 for none. */
static uint64_t receive_timeout_ms(int socket)
{
	struct timeval timeout = { 0 };
	socklen_t length = sizeof(timeout);

	if (getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, &length) < 0)
		return 0;
	return (uint64_t)timeout.tv_sec * 1000 + ((uint64_t)timeout.tv_usec + 999) / 1000;
}

static bool is_readable(int socket)
{
	struct pollfd source = { .fd = socket, .events = POLLIN };

	return poll(&source, 1, 0) > 0;
}

/* accept4(2) that returns at once even on a blocking listener; -errno. */
static int accept_now(const struct call *call, struct sockaddr_storage *ret_storage,
		      socklen_t *ret_length)
{
	/* As they are now: the program may have changed them while the call waits. */
	int flags = fcntl(call->pinned, F_GETFL);
	bool blocks = flags >= 0 && !(flags & O_NONBLOCK);
	int fd;

	*ret_length = sizeof(*ret_storage);
	if (blocks && !is_readable(call->pinned))
		return -EAGAIN;
	if (flags < 0 || (blocks && fcntl(call->pinned, F_SETFL, flags | O_NONBLOCK) < 0))
		return -errno;
	fd = accept4(call->pinned, (struct sockaddr *)ret_storage, ret_length,
		     (flags_of(call) & SOCK_NONBLOCK) | SOCK_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	if (blocks)
		fcntl(call->pinned, F_SETFL, flags);
	return fd;
}

/* Writes the address that the new socket came with as it is to be seen; 0 or the errno. */
static int write_peer(struct supervisor *supervisor, struct call *call, int socket,
		      const struct sockaddr_storage *came, socklen_t came_length)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	struct sockaddr_storage seen = *came;
	socklen_t length = came_length;

	if (endpoint_from_sockaddr((const struct sockaddr *)came, came_length, &call->endpoint) &&
	    names_of_accepted(supervisor, call, socket, &call->endpoint, &call->endpoint))
		length = socket_address_for(call->facts.domain, &call->endpoint, &seen);
	if (address_of(call) == 0)
		return 0;
	return call_write_address(supervisor, call, &seen, length, data->args[1], data->args[2]);
}

/* Hands the new socket over with the address that it came with. */
static struct outcome hand_over(struct supervisor *supervisor, struct call *call, int socket,
				const struct sockaddr_storage *came, socklen_t came_length)
{
	bool close_on_exec = (flags_of(call) & SOCK_CLOEXEC) != 0;
	int error = write_peer(supervisor, call, socket, came, came_length);
	int r;

	if (error != 0)
		return error == ESRCH ? outcome_gone() : outcome_answer(error);
	r = notification_add_descriptor(supervisor->listener, call->slot->notification.id, socket,
					close_on_exec);
	if (r == -ENOENT)
		return outcome_gone();
	return r < 0 ? outcome_answer(-r) : outcome_done();
}

/* -- waiting ---------------------------------------------------------------------------------- */

static void wait_is_over(struct supervisor *supervisor, struct call *call, int socket,
			 enum wait_end end)
{
	struct outcome outcome = outcome_answer(EAGAIN);

	(void)socket;
	if (end == WAIT_READY) {
		watchdog_start(supervisor->watchdog, call->slot);
		outcome = accept_or_wait(supervisor, call);
		watchdog_stop(supervisor->watchdog);
	} else if (end == WAIT_SIGNAL) {
		outcome = outcome_interrupted(call);
	} else if (end == WAIT_GONE) {
		outcome = outcome_gone();
	}
	if (outcome.kind != OUTCOME_WAIT)
		call_finish(supervisor, call, outcome);
}

static struct outcome wait_for_connection(struct supervisor *supervisor, struct call *call)
{
	int r;

	/*
	 * Exclusive waits stand in line, others the latest first. As no thread sleeps in
	 * epoll_wait(2) itself, all of them are woken nevertheless, and none is forgotten.
	 */
	r = waiting_add(supervisor->waiting, call, call->pinned, EPOLLIN | EPOLLEXCLUSIVE,
			receive_timeout_ms(call->pinned), wait_is_over);
	return r < 0 ? outcome_answer(-r) : outcome_wait();
}

static struct outcome accept_or_wait(struct supervisor *supervisor, struct call *call)
{
	struct sockaddr_storage storage;
	socklen_t length;
	CLEANUP_CLOSE int socket = -1;

	if (task_table_is_full(supervisor->proc, call->tid))
		return outcome_answer(EMFILE);
	socket = accept_now(call, &storage, &length);
	if (socket == -EAGAIN && !call_is_nonblocking(call))
		return wait_for_connection(supervisor, call);
	if (socket < 0)
		return outcome_answer(-socket);
	return hand_over(supervisor, call, socket, &storage, length);
}

struct outcome handle_accept(struct supervisor *supervisor, struct call *call)
{
	if (call_pin(supervisor, call) != 0 || !names_concern(supervisor, call) ||
	    socket_facts_tcp_state(call->pinned) != TCP_LISTEN ||
	    (flags_of(call) & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0 ||
	    (call_is_nonblocking(call) && address_of(call) == 0))
		return outcome_continue();
	call->verdict = (struct verdict){ .action = ACTION_HOST, .reason = "published port" };
	/* Not before those who wait; a connection that is there already ends the wait at once. */
	if (!call_is_nonblocking(call) && waiting_count(supervisor->waiting) > 0 &&
	    !task_table_is_full(supervisor->proc, call->tid))
		return wait_for_connection(supervisor, call);
	return accept_or_wait(supervisor, call);
}
