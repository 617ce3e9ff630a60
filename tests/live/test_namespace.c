/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live test of src/namespace, to be run as an ordinary user: makes user, network and mount
 * namespaces, and needs nothing else. What can't be tested here is skipped and said; with
 * SLIRPWAY_MUST_WORK=1 a skip is a failure.
 */

#include "config.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "namespace/join.h"
#include "namespace_cases.h"

#define EXIT_SKIPPED 77

/* True if an ordinary user can make namespaces here; the reason otherwise goes to standard error.
 */
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

/* True if the user has ranges, and there are tools to map them. */
static bool have_subordinates(void)
{
	const struct passwd *entry = getpwuid(geteuid());
	char *text = NULL, *line, *tool = g_find_program_in_path("newuidmap");
	bool have = false;

	line = g_strdup_printf("%s:", entry ? entry->pw_name : "?");
	if (tool && g_file_get_contents("/etc/subuid", &text, NULL, NULL))
		have = g_str_has_prefix(text, line) || strstr(text, line) != NULL;
	g_free(text);
	g_free(line);
	g_free(tool);
	return have;
}

/* Says what is not tested; returns the exit status that this makes. */
static int skip(const char *reason)
{
	bool must_work = g_strcmp0(getenv("SLIRPWAY_MUST_WORK"), "1") == 0;

	fprintf(stderr, "skipped: %s\n", reason);
	return must_work ? EXIT_FAILURE : EXIT_SKIPPED;
}

/* Runs the tests that can be run; returns how many failed. */
static int run(bool have_tun, bool have_subordinate_ids)
{
	Suite *suite = suite_create("namespace");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, namespace_make_cases(have_subordinate_ids));
	suite_add_tcase(suite, namespace_device_cases(have_tun));
	suite_add_tcase(suite, namespace_veth_cases());
	suite_add_tcase(suite, namespace_frame_cases(have_tun));
	suite_add_tcase(suite, namespace_join_cases(have_tun));
	suite_add_tcase(suite, namespace_lifetime_cases());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

int main(void)
{
	CLEANUP_CLOSE int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	bool subordinates = have_subordinates();
	int status = EXIT_SUCCESS;

	if (geteuid() == 0)
		return skip("this test is for an ordinary user, not for root");
	if (!can_make_namespaces())
		return skip("an ordinary user can't make namespaces here");
	if (run(tun >= 0, subordinates) > 0)
		status = EXIT_FAILURE;
	/* Where parts were left out, the rest still counts. */
	if (tun < 0 && skip("all about taps, for /dev/net/tun can't be opened") == EXIT_FAILURE)
		status = EXIT_FAILURE;
	if (!subordinates &&
	    skip("--map-auto, for there are no subordinate ids or no newuidmap") == EXIT_FAILURE)
		status = EXIT_FAILURE;
	return status;
}
