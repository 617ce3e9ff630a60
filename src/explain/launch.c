/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts slirpway run for a recording, with this very program. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "explain/launch.h"
#include "explain/program.h"

#define SELF "/proc/self/exe"

/* Headers and whole DNS messages; of data no more is of interest than how much it is. */
#define SNAPSHOT "--snapshot-length=1500"

/* Adds a word, made of an option's name and its value where there are two. */
static void add(GPtrArray *words, const char *name, const char *value)
{
	g_ptr_array_add(words, g_strconcat(name, value, NULL));
}

static void add_recorders(GPtrArray *words, const struct launch *launch)
{
	if (strcmp(launch->path, "syscall") != 0) {
		add(words, "--pcap=", launch->capture_file);
		add(words, SNAPSHOT, "");
	}
	if (strcmp(launch->path, "packet") != 0)
		add(words, "--trace=", launch->trace_file);
}

/* The command line, in an array that frees its words. */
static GPtrArray *make_words(const struct launch *launch)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

	add(words, "slirpway", "");
	add(words, "run", "");
	add(words, "--mode=", launch->path);
	add(words, "--name=", launch->name);
	add(words, "--log-level=warning", "");
	add_recorders(words, launch);
	for (const char *const *option = launch->run_options; *option; option++)
		add(words, *option, "");
	add(words, "--", "");
	/* In the container's first process, which is a fork of that program, it leads here again.
	 */
	add(words, SELF, "");
	add(words, PROGRAM_ARGUMENT, "");
	g_ptr_array_add(words, g_strdup_printf("%d", launch->socket));
	g_ptr_array_add(words, g_strdup_printf("%d", launch->output));
	for (char *const *word = launch->command; *word; word++)
		add(words, *word, "");
	g_ptr_array_add(words, NULL);
	return words;
}

/* In the child, from fork to exec: only calls that signal-safety(7) allows. */
__attribute__((noreturn)) static void become_run(const struct launch *launch, char **words,
						 pid_t parent)
{
	/* Killed, we would leave COMMAND behind, and nobody to see what it does. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (dup2(launch->input, STDIN_FILENO) >= 0 && dup2(launch->messages, STDOUT_FILENO) >= 0 &&
	    dup2(launch->messages, STDERR_FILENO) >= 0 &&
	    descriptor_keep_over_exec(launch->socket) == 0 &&
	    descriptor_keep_over_exec(launch->output) == 0) {
		signals_restore(launch->signals);
		execv(SELF, words);
	}
	_exit(EXIT_FAILURE);
}

pid_t launch_run(const struct launch *launch, GError **error)
{
	g_autoptr(GPtrArray) words = make_words(launch);
	const pid_t parent = getpid();
	const pid_t pid = fork();

	if (pid == 0)
		become_run(launch, (char **)words->pdata, parent);
	if (pid < 0)
		error_set_fork(error, errno, "starting slirpway run");
	return pid;
}
