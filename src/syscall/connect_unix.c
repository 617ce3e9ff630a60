/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unix sockets, where the kernel can't be left to do the call (leave_to_kernel.h has
 * the rule).
 *
 * We connect the pinned socket. Its peer sees our process as the other side's (SO_PEERCRED), with
 * the user that runs slirpway: so it is done for that user only (EACCES for others of the
 * container, which subordinate ids stand for). A path is looked up from the caller's root
 * directory. Where the listener's queue is full, a blocking call tries again after pauses.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/descriptor.h"
#include "syscall/connect.h"
#include "syscall/connect_unix.h"
#include "syscall/context.h"
#include "syscall/leave_to_kernel.h"
#include "syscall/notification.h"
#include "syscall/path_lookup.h"
#include "syscall/unix_address.h"

/*
 * Makes *length bytes of address, at which there is room for a sockaddr_un, mean to us what they
 * mean to the caller. Returns a descriptor to be kept until the address was used, -ENOENT and
 * others where the path leads nowhere; or -1 with *length unchanged for what is no path.
 */
static int translate(struct supervisor *supervisor, const struct call *call,
		     struct sockaddr *address, socklen_t *length, int *ret_error)
{
	char path[UNIX_PATH_SIZE];
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat stat;
	int fd;

	*ret_error = 0;
	if (!unix_address_has_path(address, *length, path))
		return -1;
	fd = path_lookup(supervisor->proc, call->tid, path);
	if (fd < 0)
		*ret_error = -fd;
	else if (!notification_is_alive(supervisor->listener, call->slot->notification.id))
		*ret_error = ESRCH; /* maybe not looked up as by the caller */
	else if (fstat(fd, &stat) < 0 || !S_ISSOCK(stat.st_mode))
		*ret_error = ECONNREFUSED;
	if (fd < 0 || *ret_error != 0)
		return fd;
	snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d", fd);
	memcpy(address, &un, sizeof(un));
	*length = sizeof(un);
	return fd;
}

static struct outcome connect_pinned_unix(struct supervisor *supervisor, struct call *call);

static void connect_again(struct supervisor *supervisor, struct call *call,
			  int socket G_GNUC_UNUSED, enum wait_end end)
{
	struct outcome outcome = outcome_gone();

	if (end == WAIT_READY)
		outcome = connect_pinned_unix(supervisor, call);
	else if (end == WAIT_TIMEOUT)
		outcome = outcome_answer(EAGAIN);
	else if (end == WAIT_SIGNAL)
		outcome = outcome_interrupted(call);
	if (outcome.kind != OUTCOME_WAIT)
		call_finish(supervisor, call, outcome);
}

static struct outcome connect_pinned_unix(struct supervisor *supervisor, struct call *call)
{
	struct sockaddr_storage address = call->address.storage;
	socklen_t length = call->address.length;
	CLEANUP_CLOSE int target = -1;
	int error = 0;

	if (call->facts.domain == AF_UNIX)
		target = translate(supervisor, call, (struct sockaddr *)&address, &length, &error);
	if (error == 0)
		error = connect_now(call, (const struct sockaddr *)&address, length);
	if (error == EAGAIN && call->facts.domain == AF_UNIX && !call_is_nonblocking(call) &&
	    waiting_pause(supervisor->waiting, call, socket_facts_send_timeout_ms(call->pinned),
			  connect_again) == 0)
		return outcome_wait();
	return error == ESRCH ? outcome_gone() : outcome_answer(error);
}

struct outcome connect_other(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	int error;

	if (connect_may_continue(supervisor, call))
		return outcome_continue();
	error = call_read_address(supervisor, call, data->args[1], (int)data->args[2]);
	if (error != 0)
		return error == ESRCH ? outcome_gone() : outcome_answer(error);
	call->verdict.action = ACTION_CONTAINER;
	call->verdict.reason = "its caller is not alone";
	call_counter_add(&supervisor->counters, on_behalf);
	if (call->facts.domain == AF_UNIX && !caller_is_our_user(supervisor, call))
		return outcome_answer(EACCES);
	return connect_pinned_unix(supervisor, call);
}

ssize_t connect_unix_send(struct supervisor *supervisor, const struct call *call,
			  struct msghdr *header, int flags)
{
	CLEANUP_CLOSE int target = -1;
	int error = 0;

	/* Others have peers, and don't look at the address. */
	if (call->facts.type == SOCK_DGRAM && !caller_is_our_user(supervisor, call))
		error = EACCES;
	else if (call->facts.type == SOCK_DGRAM)
		target =
			translate(supervisor, call, header->msg_name, &header->msg_namelen, &error);
	if (error != 0) {
		errno = error;
		return -1;
	}
	return sendmsg(call->pinned, header, flags);
}
