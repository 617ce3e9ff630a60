/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a task may do to a socket's network namespace, user_namespaces(7). */

#include "config.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/capability.h"
#include "syscall/task_files.h"

/* The kernel's own limit. */
#define LEVELS_MAX 32

static bool is_namespace(int fd, const struct stat *wanted)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && stat.st_dev == wanted->st_dev &&
	       stat.st_ino == wanted->st_ino;
}

/* Whether the user namespace wanted owns the network namespace of socket, or is around its owner.
 */
static bool is_over_socket(int socket, const struct stat *wanted)
{
	CLEANUP_CLOSE int network = ioctl(socket, SIOCGSKNS);
	CLEANUP_CLOSE int user = -1;

	if (network < 0)
		return false;
	user = ioctl(network, NS_GET_USERNS);
	for (int level = 0; user >= 0 && level <= LEVELS_MAX; level++) {
		int parent;

		if (is_namespace(user, wanted))
			return true;
		parent = ioctl(user, NS_GET_PARENT);
		close(user);
		user = parent;
	}
	return false;
}

bool capability_over_socket(int proc, pid_t tid, int socket, int capability)
{
	struct task_status status;
	struct stat user;
	char path[32];

	if (task_read_status(proc, tid, &status) < 0 ||
	    (status.capabilities >> capability & 1) == 0)
		return false;
	snprintf(path, sizeof(path), "%d/ns/user", tid);
	return fstatat(proc, path, &user, 0) == 0 && is_over_socket(socket, &user);
}
