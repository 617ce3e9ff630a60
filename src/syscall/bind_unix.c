/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bind(2) on Unix sockets and others, where the kernel can't be left to do it (leave_to_kernel.h):
 * before Linux 6.7, for a caller with threads.
 *
 * We bind the pinned socket. A path is looked up from the caller's root directory; the file is made
 * with the caller's umask, and belongs to our user: so it is done for that one only.
 */

#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/bind_unix.h"
#include "syscall/capability.h"
#include "syscall/context.h"
#include "syscall/leave_to_kernel.h"
#include "syscall/notification.h"
#include "syscall/path_lookup.h"
#include "syscall/task_files.h"
#include "syscall/unix_address.h"

/*
 * Binds to name in the directory, by way of the working directory, on which nothing else depends. A
 * name that fills the address has no NUL at its end.
 */
static int bind_in(int directory, int socket, const char *name, mode_t mask)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t before;
	int error;

	memcpy(address.sun_path, name, strnlen(name, sizeof(address.sun_path)));
	if (fchdir(directory) < 0)
		return errno;
	before = umask(mask);
	error = bind(socket, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
	umask(before);
	return chdir("/") < 0 && error == 0 ? errno : error;
}

static int bind_path(struct supervisor *supervisor, const struct call *call, const char *path)
{
	struct task_status status;
	CLEANUP_CLOSE int directory = -1;
	const char *name;

	if (!caller_is_our_user(supervisor, call))
		return EACCES;
	directory = path_lookup_parent(supervisor->proc, call->tid, path, &name);
	if (directory < 0)
		return directory == -EEXIST ? EADDRINUSE : -directory;
	if (task_read_status(supervisor->proc, call->tid, &status) < 0 ||
	    !notification_is_alive(supervisor->listener, call->slot->notification.id))
		return ESRCH; /* maybe not looked up as by the caller */
	return bind_in(directory, call->pinned, name, (mode_t)status.umask);
}

/* Groups of netlink may take a capability, which we would have as the namespace's owner. */
static bool takes_capability(const struct call *call)
{
	struct sockaddr_nl address = { 0 };

	if (call->facts.domain == AF_UNIX || call->facts.domain == AF_PACKET)
		return false;
	if (call->facts.domain != AF_NETLINK)
		return true;
	memcpy(&address, &call->address.storage,
	       MIN(sizeof(address), (size_t)call->address.length));
	return address.nl_groups != 0 && call->facts.protocol != NETLINK_ROUTE;
}

/* On the pinned socket; 0 or the errno to answer. */
static int bind_pinned(struct supervisor *supervisor, const struct call *call)
{
	const struct sockaddr *address = (const struct sockaddr *)&call->address.storage;
	char path[UNIX_PATH_SIZE];

	if (call->facts.domain == AF_UNIX &&
	    unix_address_has_path(address, call->address.length, path))
		return bind_path(supervisor, call, path);
	if (takes_capability(call) &&
	    !capability_over_socket(supervisor->proc, call->tid, call->pinned, CAP_NET_ADMIN))
		return EPERM;
	return bind(call->pinned, address, call->address.length) == 0 ? 0 : errno;
}

struct outcome bind_other(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	int error;

	if (bind_may_continue(supervisor, call))
		return outcome_continue();
	error = call_read_address(supervisor, call, data->args[1], (int)data->args[2]);
	if (error == 0) {
		call->verdict.action = ACTION_CONTAINER;
		call->verdict.reason = "its caller is not alone";
		call_counter_add(&supervisor->counters, on_behalf);
		error = bind_pinned(supervisor, call);
	}
	/* A supervisor that was killed may have bound it already. */
	if (error == EINVAL && call->slot->attempts > 1)
		error = 0;
	return error == ESRCH ? outcome_gone() : outcome_answer(error);
}
