/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts this program once more, as one of the worker processes of a session. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "session/worker_spawn.h"

/* /dev/null is moved up here first, out of the way of 0 to 2, which may be closed. */
#define NULL_ABOVE (WORKER_SOCKET_DESCRIPTOR + 1)

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Everything above the worker's socket, the caller's inherited descriptors too. */
static void close_rest(void)
{
	const unsigned int first = WORKER_SOCKET_DESCRIPTOR + 1;

	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
	for (long fd = first; fd < sysconf(_SC_OPEN_MAX); fd++) /* before Linux 5.9 */
		close((int)fd);
}

/* The session may have used up every number that it is allowed: the rest is closed first. */
static bool place_descriptors(int socket)
{
	int null, flags;

	if (socket != WORKER_SOCKET_DESCRIPTOR && dup2(socket, WORKER_SOCKET_DESCRIPTOR) < 0)
		return false;
	if (descriptor_keep_over_exec(WORKER_SOCKET_DESCRIPTOR) < 0)
		return false;
	close_rest();
	null = fcntl(open("/dev/null", O_RDWR | O_CLOEXEC), F_DUPFD_CLOEXEC, NULL_ABOVE);
	/* Not standard output: a reader of COMMAND's output waits until its last writer is gone. */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return false;
	/* Where standard error was closed its number may be that of one of ours by now. */
	flags = fcntl(STDERR_FILENO, F_GETFD);
	return (flags >= 0 && !(flags & FD_CLOEXEC)) || dup2(null, STDERR_FILENO) >= 0;
}

/*
 * Away from the terminal: its signals, and whoever may type into it. Not by setsid(2), for the
 * kernel shares processors out among sessions (sched(7), autogroup): a worker in one of its own
 * would be held up on a busy machine each time that a program of the container waits for it.
 */
static void leave_terminal(void)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	setpgid(0, 0);
	if (terminal < 0)
		return;
	ioctl(terminal, TIOCNOTTY);
	close(terminal);
}

/* In the child, from fork to exec: only calls that signal-safety(7) allows. */
__attribute__((noreturn)) static void become_worker(const struct worker_kind *kind, int socket,
						    pid_t parent, const char *level)
{
	const char *const argv[] = { kind->process, kind->argument, level, NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	reset_signals();
	if (!place_descriptors(socket))
		_exit(EXIT_FAILURE);
	leave_terminal(); /* for which there has to be a number, too */
	execv("/proc/self/exe", (char *const *)argv);
	_exit(EXIT_FAILURE);
}

bool worker_spawn(const struct worker_kind *kind, struct worker_child *ret_child, GError **error)
{
	CLEANUP_CLOSE int ours = -1;
	CLEANUP_CLOSE int theirs = -1;
	struct worker_child child;
	pid_t parent = getpid();
	int pair[2];
	int r = descriptor_pair(pair);

	if (r < 0) {
		error_set_errno(error, -r, "starting %s", kind->words);
		return false;
	}
	ours = pair[0];
	theirs = pair[1];
	child.pid = fork();
	if (child.pid == 0)
		become_worker(kind, theirs, parent, log_level_name(log_get_level()));
	if (child.pid < 0) {
		g_autofree char *what = g_strdup_printf("starting %s", kind->words);

		error_set_fork(error, errno, what);
		return false;
	}
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	if (child.pidfd < 0) {
		error_set_errno(error, errno, "watching %s (pidfd_open)", kind->words);
		kill(child.pid, SIGKILL);
		waitpid(child.pid, NULL, 0);
		return false;
	}
	child.socket = descriptor_steal(&ours);
	*ret_child = child;
	return true;
}
