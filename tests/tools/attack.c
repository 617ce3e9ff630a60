/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tries to get out of a container by its sockets; see attack.h.
 *
 *   attack serve NAME ADDRESS PORT...   servers; "ready" when they are, a line for each visitor
 *   attack list                         the attacks, each with its proof
 *   attack run [NAME...]                tries them: "held NAME: words", "broken ...", "impossible
 * ..." attack naive COMMAND...             under a supervisor that lets judged calls go on attack
 * idle WORD                    a process that does nothing, to be attacked
 */

#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/attack.h"

#define DEADLINE_MS 90000

static const struct attack *const tables[] = {
	attacks_by_address, attacks_by_call,	 attacks_by_listening, attacks_by_sharing,
	attacks_by_race,    attacks_by_argument, attacks_by_number,    attacks_by_process,
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static const char *const result_names[] = {
	[ATTACK_HELD] = "held",
	[ATTACK_BROKEN] = "broken",
	[ATTACK_IMPOSSIBLE] = "impossible",
};

static const char *const proof_names[] = {
	[PROOF_PLAIN] = "plain",
	[PROOF_NAIVE] = "naive",
	[PROOF_SAME] = "same",
	[PROOF_NONE] = "none",
};

/* What the process of an attack leaves for us. */
struct outcome {
	enum attack_result result;
	struct attack_report report;
};

void attack_say(struct attack_report *report, const char *format, ...)
{
	size_t length = strlen(report->words);
	va_list arguments;

	if (length > 0 && length + 1 < sizeof(report->words))
		report->words[length++] = ' ';
	va_start(arguments, format);
	vsnprintf(report->words + length, sizeof(report->words) - length, format, arguments);
	va_end(arguments);
}

enum attack_result attack_lacks(struct attack_report *report, const char *what)
{
	attack_say(report, "%s", what);
	return ATTACK_IMPOSSIBLE;
}

static bool ends_in_time(pid_t pid)
{
	struct pollfd source = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	bool ended = poll(&source, 1, DEADLINE_MS) > 0;

	close(source.fd);
	return ended;
}

static void run_attack(const struct attack *attack, struct outcome *outcome)
{
	pid_t pid;

	memset(outcome, 0, sizeof(*outcome));
	outcome->result = ATTACK_BROKEN;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGPIPE, SIG_IGN);
		outcome->result = attack->func(attack->data, &outcome->report);
		_exit(0);
	}
	setpgid(pid, pid);
	if (!ends_in_time(pid)) {
		outcome->result = ATTACK_BROKEN;
		attack_say(&outcome->report, "(did not end)");
	}
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("%s %s: %s\n", result_names[outcome->result], attack->name, outcome->report.words);
	fflush(stdout);
}

static bool is_wanted(const char *name, int count, char **names)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return count == 0;
}

static int run(int count, char **names)
{
	struct outcome *outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < TABLES; i++)
		for (const struct attack *attack = tables[i]; attack->name; attack++)
			if (is_wanted(attack->name, count, names))
				run_attack(attack, outcome);
	return 0;
}

static int list(void)
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct attack *attack = tables[i]; attack->name; attack++)
			printf("%s %s\n", attack->name, proof_names[attack->proof]);
	return 0;
}

static void idle(void)
{
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	if (argc >= 5 && strcmp(argv[1], "serve") == 0)
		return attack_serve(argc - 2, argv + 2);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc >= 2 && strcmp(argv[1], "run") == 0)
		return run(argc - 2, argv + 2);
	if (argc >= 3 && strcmp(argv[1], "naive") == 0)
		return attack_naive(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "unwalled") == 0)
		return attack_unwalled(argv + 2);
	if (argc == 3 && strcmp(argv[1], "idle") == 0)
		idle();
	fputs("usage: attack serve NAME ADDRESS PORT... | list | run [NAME...] | "
	      "naive COMMAND... | unwalled COMMAND... | idle WORD\n",
	      stderr);
	return 2;
}
