/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for short-lived children, with a deadline. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "namespace/child.h"

#define KILL_TIMEOUT_MS 1000

static int reap(pid_t pid, int *ret_status)
{
	pid_t result;

	do
		result = waitpid(pid, ret_status, 0);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : 0;
}

int child_wait(pid_t pid, int timeout_ms, int *ret_status)
{
	CLEANUP_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0U);
	int result, status;

	/* Kernels before 5.3 have no pidfd: the child's end is waited for without a deadline there.
	 */
	result = pidfd < 0 ? 0 : descriptor_wait_readable(pidfd, timeout_ms);
	if (result < 0)
		kill(pid, SIGKILL);
	/* A system call that no signal ends keeps it; then it is left to who reaps it after us. */
	if (result < 0 && descriptor_wait_readable(pidfd, KILL_TIMEOUT_MS) < 0)
		return result;
	if (reap(pid, &status) < 0)
		return -ECHILD;
	if (result < 0)
		return result;
	*ret_status = status;
	return 0;
}
