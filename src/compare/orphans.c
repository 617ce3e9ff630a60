/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes that a child of ours leaves behind. */

#include "config.h"

#include <glib.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare/accounting.h"
#include "compare/orphans.h"

#define TERM_DEADLINE_US (3 * G_USEC_PER_SEC)
#define KILL_DEADLINE_US (2 * G_USEC_PER_SEC)

/* Nothing tells when the last of a tree is gone. */
#define POLL_US 20000

void orphans_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Reaps who has ended and sends the others a signal (0: none); true if there was any. */
static bool signal_all(int number)
{
	g_autoptr(GArray) pids = NULL;
	bool any = false;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	pids = accounting_processes(getpid(), "");
	for (guint i = 0; i < pids->len; i++) {
		const pid_t pid = g_array_index(pids, pid_t, i);

		if (pid == getpid())
			continue;
		any = true;
		if (number)
			kill(pid, number);
	}
	return any;
}

/* Returns true once none is left. */
static bool end_all(int number, gint64 deadline)
{
	bool repeat = number == SIGKILL;

	if (!signal_all(number))
		return true;
	while (g_get_monotonic_time() < deadline) {
		g_usleep(POLL_US);
		if (!signal_all(repeat ? number : 0))
			return true;
	}
	return false;
}

void orphans_end(void)
{
	const gint64 now = g_get_monotonic_time();

	if (!end_all(SIGTERM, now + TERM_DEADLINE_US))
		(void)end_all(SIGKILL, now + TERM_DEADLINE_US + KILL_DEADLINE_US);
}
