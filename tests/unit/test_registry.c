/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry over a directory of the test's own: names, locks, what the dead leave, who is
 * trusted. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/util.h"
#include "session/registry.h"

static char *runtime; /* stands for XDG_RUNTIME_DIR */

static void set_up(void)
{
	runtime = g_dir_make_tmp("registry-XXXXXX", NULL);
	ck_assert_ptr_nonnull(runtime);
	g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
}

static void tear_down(void)
{
	g_autofree char *base = g_build_filename(runtime, "slirpway", NULL);

	/* Fails if a test left anything behind. */
	if (g_rmdir(base) < 0)
		ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(g_rmdir(runtime), 0);
	g_free(runtime);
}

static const struct {
	const char *name;
	bool valid;
} name_rows[] = {
	{ "a", true },
	{ "web-1.x_Y", true },
	{ "0", true },
	{ "a.b", true },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	{ "", false },
	{ ".", false },
	{ "..", false },
	{ ".hidden", false },
	{ "-x", false },
	{ "a/b", false },
	{ "../a", false },
	{ "a b", false },
	{ "a\n", false },
	{ "\xc3\xa4", false },
};

START_TEST(judges_name)
{
	GError *error = NULL;

	ck_assert_msg(registry_name_valid(name_rows[_i].name) == name_rows[_i].valid, "%s",
		      name_rows[_i].name);
	if (name_rows[_i].valid)
		return;
	ck_assert_ptr_null(registry_claim(name_rows[_i].name, &error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_USAGE);
	g_clear_error(&error);
	ck_assert_ptr_null(registry_control_path(name_rows[_i].name, &error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_USAGE);
	g_clear_error(&error);
}
END_TEST

static char *list_text(void)
{
	g_autoptr(GPtrArray) names = registry_list(NULL);
	GString *text = g_string_new(NULL);

	ck_assert_ptr_nonnull(names);
	for (guint i = 0; i < names->len; i++)
		g_string_append_printf(text, "%s ", (const char *)g_ptr_array_index(names, i));
	return g_string_free(text, FALSE);
}

static void check_list(const char *expected)
{
	g_autofree char *text = list_text();

	ck_assert_str_eq(text, expected);
}

static struct registry_entry *claim(const char *name)
{
	GError *error = NULL;
	struct registry_entry *entry = registry_claim(name, &error);

	ck_assert_msg(entry != NULL, "%s: %s", name, error != NULL ? error->message : "");
	return entry;
}

static void check_taken(const char *name)
{
	GError *error = NULL;

	ck_assert_ptr_null(registry_claim(name, &error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_IN_USE);
	ck_assert_ptr_nonnull(strstr(error->message, name));
	g_error_free(error);
}

START_TEST(claims_and_lists)
{
	struct registry_entry *b = claim("b");
	struct registry_entry *a = claim("a");
	g_autofree char *directory = g_build_filename(runtime, "slirpway", "a", NULL);
	g_autofree char *expected = g_build_filename(directory, "control.sock", NULL);
	g_autofree char *path = registry_control_path("a", NULL);
	struct stat status;

	ck_assert_str_eq(registry_entry_directory(a), directory);
	ck_assert_str_eq(path, expected);
	ck_assert_int_eq(stat(directory, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0700);
	check_list("a b ");
	check_taken("a");
	check_list("a b ");
	registry_release(a);
	check_list("b ");
	ck_assert_int_eq(stat(directory, &status), -1);
	a = claim("a");
	check_list("a b ");
	registry_release(b);
	registry_release(a);
	check_list("");
	registry_release(NULL);
}
END_TEST

START_TEST(knows_nobody_at_first)
{
	GError *error = NULL;

	check_list("");
	ck_assert_ptr_null(registry_control_path("a", &error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_NOT_FOUND);
	g_error_free(error);
}
END_TEST

/* Forks a process that claims name and waits to be killed; comes back when it has the name. */
static pid_t start_session(const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct registry_entry *entry = registry_claim(name, NULL);

		if (entry == NULL || write(ready[1], "1", 1) != 1)
			_exit(EXIT_FAILURE);
		pause();
		_exit(EXIT_FAILURE);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void kill_session(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static void make_file(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	ck_assert(g_file_set_contents(path, "x", 1, NULL));
}

static bool file_exists(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* A killed session holds nothing; its files go, but only those that sessions make. */
START_TEST(clears_after_the_dead)
{
	g_autofree char *directory = g_build_filename(runtime, "slirpway", "a", NULL);
	g_autofree char *foreign = g_build_filename(directory, "foreign", NULL);
	pid_t pid = start_session("a");
	struct registry_entry *entry;

	check_taken("a");
	check_list("a ");
	make_file(directory, "control.sock");
	make_file(directory, "resolv.conf");
	make_file(directory, "hosts");
	make_file(directory, "foreign");
	kill_session(pid);
	check_list("");
	entry = claim("a");
	ck_assert(!file_exists(directory, "control.sock"));
	ck_assert(!file_exists(directory, "resolv.conf"));
	ck_assert(!file_exists(directory, "hosts"));
	ck_assert(file_exists(directory, "foreign"));
	registry_release(entry);
	ck_assert(file_exists(directory, "foreign"));
	check_list("");
	g_unlink(foreign);
	g_rmdir(directory);
}
END_TEST

/* Claims and releases name until told to stop; exits with success if each claim was clean. */
static pid_t start_claimer(const char *name, const char *mark)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (int i = 0; i < 300; i++) {
		GError *error = NULL;
		struct registry_entry *entry = registry_claim(name, &error);
		int fd;

		if (entry == NULL && error->code == SLIRPWAY_ERROR_IN_USE) {
			g_error_free(error);
			continue;
		}
		if (entry == NULL)
			_exit(2);
		/* Two owners at once would meet here. */
		fd = open(mark, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0)
			_exit(3);
		close(fd);
		g_unlink(mark);
		registry_release(entry);
	}
	_exit(EXIT_SUCCESS);
}

START_TEST(has_one_owner_at_a_time)
{
	g_autofree char *mark = g_build_filename(runtime, "mark", NULL);
	pid_t pids[4];

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_claimer("a", mark);
	for (int i = 0; i < 200; i++)
		g_free(list_text());
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		int status;

		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
	}
	check_list("");
}
END_TEST

static void check_untrusted(void)
{
	GError *error = NULL;

	ck_assert_ptr_null(registry_claim("a", &error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_DENIED);
	g_clear_error(&error);
	ck_assert_ptr_null(registry_list(&error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_DENIED);
	g_clear_error(&error);
	ck_assert_ptr_null(registry_control_path("a", &error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_DENIED);
	g_clear_error(&error);
}

START_TEST(distrusts_open_directory)
{
	g_autofree char *base = g_build_filename(runtime, "slirpway", NULL);

	ck_assert_int_eq(g_mkdir(base, 0700), 0);
	ck_assert_int_eq(g_chmod(base, 0777), 0);
	check_untrusted();
	ck_assert_int_eq(g_chmod(base, 0770), 0);
	check_untrusted();
	ck_assert_int_eq(g_chmod(base, 0700), 0);
	registry_release(claim("a"));
}
END_TEST

START_TEST(distrusts_link_and_file)
{
	g_autofree char *base = g_build_filename(runtime, "slirpway", NULL);
	g_autofree char *target = g_build_filename(runtime, "target", NULL);

	ck_assert_int_eq(g_mkdir(target, 0700), 0);
	ck_assert_int_eq(symlink(target, base), 0);
	check_untrusted();
	g_unlink(base);
	g_rmdir(target);
	make_file(runtime, "slirpway");
	check_untrusted();
	g_unlink(base);
}
END_TEST

/* The same for a session's own directory, and for a lock that leads elsewhere. */
START_TEST(distrusts_link_within)
{
	g_autofree char *base = g_build_filename(runtime, "slirpway", NULL);
	g_autofree char *entry = g_build_filename(base, "a", NULL);
	g_autofree char *lock = g_build_filename(base, "b", "lock", NULL);
	g_autofree char *b = g_build_filename(base, "b", NULL);

	ck_assert_int_eq(g_mkdir(base, 0700), 0);
	ck_assert_int_eq(symlink(runtime, entry), 0);
	ck_assert_int_eq(g_mkdir(b, 0700), 0);
	ck_assert_int_eq(symlink("/etc/passwd", lock), 0);
	ck_assert_ptr_null(registry_claim("a", NULL));
	ck_assert_ptr_null(registry_claim("b", NULL));
	check_list("");
	g_unlink(entry);
	g_unlink(lock);
	g_rmdir(b);
}
END_TEST

/* A runtime directory that is not there, or no absolute path, is as good as none. */
START_TEST(looks_elsewhere)
{
	g_autofree char *missing = g_build_filename(runtime, "missing", NULL);
	const char *const rows[] = { missing, "relative", "", "/dev/null" };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct registry_entry *entry;
		g_autofree char *name = g_strdup_printf("test-registry-%d", getpid());

		g_setenv("XDG_RUNTIME_DIR", rows[i], TRUE);
		entry = claim(name);
		ck_assert(g_str_has_prefix(registry_entry_directory(entry), "/run/user/") ||
			  g_str_has_prefix(registry_entry_directory(entry), "/tmp/slirpway-"));
		registry_release(entry);
	}
}
END_TEST

static Suite *registry_suite(void)
{
	Suite *suite = suite_create("registry");
	TCase *group = tcase_create("registry");

	tcase_add_checked_fixture(group, set_up, tear_down);
	tcase_set_timeout(group, 20);
	tcase_add_loop_test(group, judges_name, 0, ARRAY_SIZE(name_rows));
	tcase_add_test(group, claims_and_lists);
	tcase_add_test(group, knows_nobody_at_first);
	tcase_add_test(group, clears_after_the_dead);
	tcase_add_test(group, has_one_owner_at_a_time);
	tcase_add_test(group, distrusts_open_directory);
	tcase_add_test(group, distrusts_link_and_file);
	tcase_add_test(group, distrusts_link_within);
	tcase_add_test(group, looks_elsewhere);
	suite_add_tcase(suite, group);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(registry_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
