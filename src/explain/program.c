/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process between the session and COMMAND, in the container. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/executable.h"
#include "base/log.h"
#include "base/util.h"
#include "explain/program.h"

#define STATUS_FAILED 125
#define STATUS_SIGNALLED 128

/* What ends COMMAND must not end us before it. */
static const int passed_on[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
static const int ignored[] = { SIGINT, SIGQUIT };

/*
 * COMMAND while it runs, and the signal that came before there was one: state of the process,
 * because a signal's handler needs it.
 */
static volatile sig_atomic_t command_pid;
static volatile sig_atomic_t early_signal;

static void pass_on(int number)
{
	int error = errno;

	if (command_pid > 0)
		kill((pid_t)command_pid, number);
	else
		early_signal = number;
	errno = error;
}

static void take_signals(void)
{
	struct sigaction pass = { .sa_handler = pass_on, .sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaction(passed_on[i], &pass, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		sigaction(ignored[i], &ignore, NULL);
}

static void give_signals_back(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };

	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaction(passed_on[i], &usual, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		sigaction(ignored[i], &usual, NULL);
}

/*
 * Sends the report and waits for the word; false if the other side has gone. By write and read, for
 * sendto and recvfrom may be among what is trapped.
 */
static bool report(int socket, const struct program_report *report)
{
	char word;
	ssize_t length;

	if (descriptor_write_all(socket, report, sizeof(*report)) < 0)
		return false;
	do
		length = read(socket, &word, 1);
	while (length < 0 && errno == EINTR);
	return length == 1;
}

/* In the child: becomes COMMAND, or tells by failure why it can't. */
__attribute__((noreturn)) static void execute(char **command, int output, int failure)
{
	int number;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	give_signals_back();
	if (early_signal) /* may have been ours, too */
		raise(early_signal);
	if (output < 0 || (dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0))
		execvp(command[0], command);
	number = executable_error(command[0], errno);
	descriptor_write_all(failure, &number, sizeof(number));
	_exit(executable_status(number));
}

static int status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? STATUS_SIGNALLED + WTERMSIG(wait_status)
					: WEXITSTATUS(wait_status);
}

/* Reads the errno of a child that could not become COMMAND; 0 if it did. */
static int read_failure(int fd)
{
	int number = 0;
	ssize_t length;

	do
		length = read(fd, &number, sizeof(number));
	while (length < 0 && errno == EINTR);
	return length == sizeof(number) ? number : 0;
}

/* Runs COMMAND to its end and fills the report; false with errno set. */
static bool run_command(char **command, int output, struct program_report *ret_report)
{
	CLEANUP_CLOSE int reader = -1;
	CLEANUP_CLOSE int writer = -1;
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	reader = ends[0];
	writer = ends[1];
	ret_report->begin = g_get_real_time();
	pid = fork();
	if (pid == 0)
		execute(command, output, writer);
	if (pid < 0)
		return false;
	command_pid = pid;
	if (early_signal)
		kill(pid, early_signal);
	descriptor_close(&writer);
	ret_report->error = read_failure(reader);
	while (wait4(pid, &status, 0, &ret_report->usage) < 0)
		if (errno != EINTR)
			return false;
	command_pid = 0;
	ret_report->end = g_get_real_time();
	ret_report->status = status_of(status);
	if (ret_report->error)
		ret_report->status = executable_status(ret_report->error);
	return true;
}

int program_run(int argc, char **argv)
{
	struct program_report ready = { .stage = PROGRAM_READY };
	struct program_report ended = { .stage = PROGRAM_ENDED };
	int socket, output;

	if (argc < 3)
		return STATUS_FAILED;
	socket = atoi(argv[0]);
	output = atoi(argv[1]);
	take_signals();
	if (fcntl(socket, F_SETFD, FD_CLOEXEC) < 0 ||
	    (output >= 0 && fcntl(output, F_SETFD, FD_CLOEXEC) < 0) || !report(socket, &ready))
		return STATUS_FAILED;
	if (!run_command(argv + 2, output, &ended)) {
		log_error("explain: starting %s: %s", argv[2], g_strerror(errno));
		return STATUS_FAILED;
	}
	report(socket, &ended);
	return ended.status;
}
