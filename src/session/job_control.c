/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets a shell's job control see through this process to the child that does the work.
 *
 * A shell in front of us knows only us: when we stop it takes the terminal back, and to continue
 * the job it continues our process group. So we stop after the child has, whether that was by
 * Ctrl-Z or by itself (as an interactive shell does that was told to suspend, in a group of its
 * own), and not before: it would still be reading from the terminal.
 */

#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "session/job_control.h"

static bool is_stopped(pid_t child)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == child;
}

/* True if we were stopped too, by others: then the child is just being continued with us. */
static bool was_continued(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGCONT) == 1;
}

/* True if our parent is a shell that would notice and could continue us. */
static bool is_job(void)
{
	pid_t parent = getppid();

	return getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

/* Takes back the SIGCONT that ended our own stop: it tells nothing about the child. */
static void forget_continuation(void)
{
	const struct timespec at_once = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCONT);
	sigtimedwait(&set, NULL, &at_once);
}

void job_follow_stop(pid_t child)
{
	CLEANUP_CLOSE int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	pid_t group = getpgid(child);
	bool had_terminal;

	if (terminal < 0 || !is_job() || !is_stopped(child) || was_continued())
		return;
	had_terminal = tcgetpgrp(terminal) == group && group != getpgrp();
	raise(SIGSTOP);
	forget_continuation();
	if (had_terminal && tcgetpgrp(terminal) == getpgrp())
		tcsetpgrp(terminal, group);
	kill(-group, SIGCONT);
}
