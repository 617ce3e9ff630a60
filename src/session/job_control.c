/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets a shell's job control see through this process to the child that does the work.
 *
 * The child starts in our process group, so Ctrl-Z stops both of us, and the shell continues both.
 * But a child may stop itself alone, as an interactive shell does that has put itself into a group
 * of its own (suspend). Then the outer shell, which knows only us, would wait on in front of a dead
 * terminal.
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

/* True if we were stopped together with the child: it is being continued too. */
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
