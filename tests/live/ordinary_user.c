/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of live tests that are for an ordinary user who can make namespaces. */

#include "config.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespace/join.h"
#include "ordinary_user.h"

#define EXIT_SKIPPED 77

static bool can_make_namespaces(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		GError *error = NULL;

		if (namespaces_unshare(&error))
			_exit(0);
		fprintf(stderr, "%s\n", error->message);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static int skip(const char *reason)
{
	fprintf(stderr, "skipped: %s\n", reason);
	return g_strcmp0(getenv("SLIRPWAY_MUST_WORK"), "1") == 0 ? EXIT_FAILURE : EXIT_SKIPPED;
}

int run_as_ordinary_user(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed = 0;

	if (geteuid() == 0)
		return skip("this test is for an ordinary user, not for root");
	if (!can_make_namespaces())
		return skip("an ordinary user can't make namespaces here");
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
