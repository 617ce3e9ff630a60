/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a container's calls are trapped: set up by its first process, then taken over from it.
 *
 * The descriptors don't travel as messages, because sendmsg(2) may itself be trapped by then and
 * nobody answers yet: the first process only writes their numbers, and slirpway reaches for them.
 */

#include "config.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "session/container_trap.h"
#include "syscall/route.h"
#include "syscall/wall.h"

void trap_init(struct trap *trap)
{
	*trap = (struct trap){ .listener = -1, .route_probe = -1 };
}

void trap_clear(struct trap *trap)
{
	descriptor_close(&trap->listener);
	descriptor_close(&trap->route_probe);
}

bool trap_set_up(enum filter_kind kind, struct trap *ret_trap, GError **error)
{
	struct trap trap;

	trap_init(&trap);
	trap.route_probe = route_socket();
	if (trap.route_probe < 0) {
		error_set_errno(error, -trap.route_probe, "making a socket that asks for routes");
		return false;
	}
	/* Without the wall a call may be left to the kernel only if nobody shares its numbers. */
	if (!(kind & FILTER_TABLES) && !wall_can_be_raised())
		kind |= FILTER_TABLES;
	if (!filter_install(kind, &trap.listener, error)) {
		trap_clear(&trap);
		return false;
	}
	/*
	 * Last, because it stays: where nothing is trapped, nobody could connect through it. What
	 * a kernel without it lacks, the supervisor makes up for.
	 */
	trap.walled = wall_raise() == 0;
	*ret_trap = trap;
	return true;
}

static bool take_descriptor(int pidfd, int number, int *ret_fd, GError **error)
{
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0U);

	if (fd < 0)
		error_set_errno(error, errno,
				"taking the container's seccomp listener (pidfd_getfd)");
	else
		*ret_fd = fd;
	return fd >= 0;
}

bool trap_take(int pidfd, const struct trap *theirs, struct trap *ret_trap, GError **error)
{
	struct trap trap;

	trap_init(&trap);
	if (!take_descriptor(pidfd, theirs->listener, &trap.listener, error) ||
	    !take_descriptor(pidfd, theirs->route_probe, &trap.route_probe, error)) {
		trap_clear(&trap);
		return false;
	}
	trap.walled = theirs->walled;
	*ret_trap = trap;
	return true;
}
