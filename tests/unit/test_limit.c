/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/limit: the limit that was reached is named, with what to do. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/util.h"

/* Each test is a process of its own, which keeps the limit to itself. */
static void set_limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = { soft, hard };

	ck_assert_int_eq(setrlimit(resource, &limit), 0);
}

START_TEST(plain_errors_stay)
{
	static const int numbers[] = { EACCES, ENOENT, ENOMEM, EAGAIN };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		g_autofree char *text = limit_errno_text(numbers[i]);

		ck_assert_str_eq(text, g_strerror(numbers[i]));
	}
}
END_TEST

START_TEST(files_that_may_be_more)
{
	g_autofree char *text = NULL;

	set_limit(RLIMIT_NOFILE, 20, 30);
	text = limit_errno_text(EMFILE);
	ck_assert_str_eq(text, "Too many open files (the limit of open files, ulimit -n, is 20 "
			       "here: raise it, up to 30)");
}
END_TEST

START_TEST(files_that_root_allows)
{
	g_autofree char *text = NULL;

	set_limit(RLIMIT_NOFILE, 20, 20);
	text = limit_errno_text(EMFILE);
	ck_assert_str_eq(text, "Too many open files (the limit of open files, ulimit -n, is 20 "
			       "here: raise it, as root (limits.conf(5)))");
}
END_TEST

START_TEST(processes)
{
	g_autofree char *text = NULL;
	g_autofree char *other = limit_fork_text(ENOMEM);
	struct rlimit before;

	ck_assert_str_eq(other, g_strerror(ENOMEM));
	ck_assert_int_eq(getrlimit(RLIMIT_NPROC, &before), 0);
	set_limit(RLIMIT_NPROC, 7, before.rlim_max);
	text = limit_fork_text(EAGAIN);
	/* A sanitizer looks for leaks in a process of its own. */
	set_limit(RLIMIT_NPROC, before.rlim_cur, before.rlim_max);
	ck_assert(g_str_has_prefix(text, "Resource temporarily unavailable (the limit of this "
					 "user's processes, ulimit -u, is 7 here: raise it"));
	ck_assert_ptr_nonnull(strstr(text, "pids.max"));
}
END_TEST

START_TEST(errors_carry_it)
{
	g_autoptr(GError) files = NULL;
	g_autoptr(GError) fork = NULL;

	set_limit(RLIMIT_NOFILE, 20, 30);
	error_set_errno(&files, EMFILE, "opening %s", "x");
	ck_assert(g_str_has_prefix(files->message, "opening x: Too many open files (the limit"));
	error_set_fork(&fork, EAGAIN, "starting it");
	ck_assert(g_str_has_prefix(fork->message, "starting it: Resource temporarily unavailable "
						  "("));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limit");
	TCase *cases = tcase_create("limit");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, plain_errors_stay);
	tcase_add_test(cases, files_that_may_be_more);
	tcase_add_test(cases, files_that_root_allows);
	tcase_add_test(cases, processes);
	tcase_add_test(cases, errors_carry_it);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
