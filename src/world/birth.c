/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process that is root of new user, network, mount and process namespaces.
 *
 * It is made by clone(2) with all of them at once, for unshare(2) puts only the next child into a
 * new process namespace. The parent writes the id maps meanwhile; one byte on a socket pair, or its
 * end, tells the child how that went.
 */

#include "config.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "namespace/refusal.h"
#include "namespace/user_map.h"
#include "world/birth.h"

#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID)

/* As fork(2), which can't be told flags. */
static pid_t fork_into(unsigned long flags)
{
#ifdef __s390x__
	return (pid_t)syscall(SYS_clone, NULL, flags | SIGCHLD, NULL, NULL, 0UL);
#else
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0UL);
#endif
}

static bool mount_own_proc(GError **error)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		error_set_errno(error, errno, "can't cut mount propagation");
		return false;
	}
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		error_set_errno(error, errno,
				"can't mount a /proc for new namespaces (in a container whose /proc"
				" is masked, nobody may)");
		return false;
	}
	return true;
}

/* The child's whole life. */
static int live(int socket, int (*begin)(void *data), void *data)
{
	g_autoptr(GError) error = NULL;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(socket, &byte, 1) != 1)
		return EXIT_FAILURE; /* the parent knows why, or is gone */
	descriptor_close(&socket);
	if (!mount_own_proc(&error)) {
		log_error("%s", error->message);
		return EXIT_FAILURE;
	}
	return begin(data);
}

pid_t world_fork(int (*begin)(void *data), void *data, GError **error)
{
	CLEANUP_CLOSE int parent_end = -1;
	CLEANUP_CLOSE int child_end = -1;
	int pair[2];
	int r = descriptor_pair(pair);
	pid_t pid;

	if (r < 0) {
		error_set_errno(error, -r, "can't make a socket pair");
		return -1;
	}
	parent_end = pair[0];
	child_end = pair[1];
	pid = fork_into(NAMESPACES);
	if (pid < 0) {
		refusal_set_error(error, errno, "can't make the namespaces of a world");
		return -1;
	}
	if (pid == 0) {
		descriptor_close(&parent_end);
		_exit(live(child_end, begin, data));
	}
	if (user_map_write(pid, USER_MAP_ROOT, error) && write(parent_end, "", 1) == 1)
		return pid;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (error && !*error)
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the first process of a world died");
	return -1;
}
