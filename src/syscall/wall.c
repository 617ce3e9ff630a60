/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Landlock domain in which no task can bind or connect a TCP socket by itself, landlock(7). */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/wall.h"

/* linux/landlock.h knows about networks only since Linux 6.7. */
#define VERSION_QUESTION (1U << 0)
#define VERSION_WITH_TCP 4
#define BIND_TCP (1ULL << 0)
#define CONNECT_TCP (1ULL << 1)

struct ruleset_attributes {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
};

int wall_raise(void)
{
	const struct ruleset_attributes attributes = { .handled_access_net =
							       BIND_TCP | CONNECT_TCP };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_QUESTION);
	CLEANUP_CLOSE int ruleset = -1;

	if (version < 0)
		return errno == ENOSYS ? -EOPNOTSUPP : -errno;
	if (version < VERSION_WITH_TCP)
		return -EOPNOTSUPP;
	/* What is handled and allowed by no rule is forbidden. */
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return -errno;
	return 0;
}

bool wall_can_be_raised(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(wall_raise() == 0 ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
