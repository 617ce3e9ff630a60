/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs scenarios on sockets and prints what they saw, so that two places can be compared.
 *
 *   socket_script list                names of the scenarios
 *   socket_script run [NAME...]       runs them, or all; "== NAME" goes before the lines of each
 *   socket_script peer PATH           serves the scenarios, at the remote machine
 *
 * Each scenario is a process group of its own, and is killed when it takes too long. Nothing that
 * differs from run to run is printed. Where the places are, the environment says: WORLD_REMOTE4 and
 * the like, and the SCRIPT_ variables of socket_script_address.c.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#define SCENARIO_MS 20000

static const struct scenario *const themes[] = {
	connect_scenarios,    repeat_scenarios, wait_scenarios,	  option_scenarios,
	descriptor_scenarios, event_scenarios,	bind_scenarios,	  listen_scenarios,
	published_scenarios,  family_scenarios, stream_scenarios, task_scenarios,
	walk_scenarios,
};

static const char usage[] = "Usage: socket_script list\n"
			    "       socket_script run [NAME...]\n"
			    "       socket_script peer PATH\n";

static void run_child(const struct scenario *scenario)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	scenario->run();
	fflush(stdout);
	_exit(EXIT_SUCCESS);
}

/* Waits for the end of pid; false when time is over. */
static bool wait_for_end(pid_t pid)
{
	struct pollfd poll_fd = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int count = poll(&poll_fd, 1, SCENARIO_MS);

	close(poll_fd.fd);
	return count > 0;
}

static void run_scenario(const struct scenario *scenario)
{
	int status = 0;
	pid_t pid;

	printf("== %s\n", scenario->name);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_child(scenario);
	if (pid < 0 || !wait_for_end(pid))
		say("not done in time");
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		say("killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		say("exit status %d", WEXITSTATUS(status));
}

static bool is_wanted(const struct scenario *scenario, char *const *names)
{
	unsigned int have = 0;

	if (geteuid() != 0)
		have |= NEED_ORDINARY_USER;
	if (*names)
		have |= NEED_LATE_PEER;
	if (getenv("SCRIPT_PUBLISHED"))
		have |= NEED_PUBLISHED;
	if (scenario->needs & ~have)
		return false;
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, scenario->name) == 0)
			return true;
	return false;
}

static int run_all(char *const *names)
{
	for (size_t i = 0; i < ARRAY_SIZE(themes); i++)
		for (const struct scenario *row = themes[i]; row->name; row++)
			if (is_wanted(row, names))
				run_scenario(row);
	return EXIT_SUCCESS;
}

static int list_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(themes); i++)
		for (const struct scenario *row = themes[i]; row->name; row++)
			puts(row->name);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list_all();
	if (argc >= 2 && strcmp(argv[1], "run") == 0)
		return run_all(argv + 2);
	if (argc == 3 && strcmp(argv[1], "peer") == 0)
		return peer_run(argv[2]);
	fputs(usage, stderr);
	return 2;
}
