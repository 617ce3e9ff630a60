/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/program_files. */

#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/program_files.h"

static char *first, *second;

static void write_file(const char *directory, const char *name, int mode)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	ck_assert(g_file_set_contents(path, "", 0, NULL));
	ck_assert_int_eq(g_chmod(path, mode), 0);
}

static void remove_directory(char *directory, const char *const *names)
{
	for (size_t i = 0; names[i]; i++) {
		g_autofree char *path = g_build_filename(directory, names[i], NULL);
		g_remove(path);
	}
	g_rmdir(directory);
	g_free(directory);
}

static void make_directories(void)
{
	first = g_dir_make_tmp("slirpway-first-XXXXXX", NULL);
	second = g_dir_make_tmp("slirpway-second-XXXXXX", NULL);
	ck_assert(first && second);
	write_file(first, "both", 0700);
	write_file(second, "both", 0700);
	write_file(second, "one", 0700);
	write_file(first, "text", 0600);
	g_autofree char *directory = g_build_filename(first, "directory", NULL);
	ck_assert_int_eq(g_mkdir(directory, 0700), 0);
}

static void remove_directories(void)
{
	static const char *const names[] = { "both", "one", "text", "directory", NULL };

	remove_directory(first, names);
	remove_directory(second, names);
}

static void expect(const char *name, const char *directory)
{
	const char *directories[] = { first, second, NULL };
	g_autofree char *found = program_file_find_in(directories, name, NULL);
	g_autofree char *wanted = g_build_filename(directory, name, NULL);

	ck_assert_str_eq(found, wanted);
}

START_TEST(the_first_directory_that_has_it_wins)
{
	expect("both", first);
	expect("one", second);
}
END_TEST

static const char *const absent[] = { "none", "text", "directory" };

START_TEST(what_is_no_program_is_not_found)
{
	const char *directories[] = { first, second, NULL };
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(program_file_find_in(directories, absent[_i], &error));
	ck_assert(g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_NOT_FOUND));
	ck_assert_ptr_nonnull(strstr(error->message, absent[_i]));
	ck_assert_ptr_nonnull(strstr(error->message, first));
	ck_assert_ptr_nonnull(strstr(error->message, second));
}
END_TEST

START_TEST(the_directory_of_this_program_is_looked_in)
{
	g_autofree char *found = program_file_find("test_program_files", NULL);
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autoptr(GError) error = NULL;

	ck_assert_str_eq(found, self);
	ck_assert_ptr_null(program_file_find("no-such-program", &error));
	ck_assert_ptr_nonnull(strstr(error->message, PKGLIBEXECDIR));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("program_files");
	TCase *core = tcase_create("core");

	tcase_add_checked_fixture(core, make_directories, remove_directories);
	tcase_add_test(core, the_first_directory_that_has_it_wins);
	tcase_add_loop_test(core, what_is_no_program_is_not_found, 0, G_N_ELEMENTS(absent));
	tcase_add_test(core, the_directory_of_this_program_is_looked_in);
	suite_add_tcase(suite, core);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
