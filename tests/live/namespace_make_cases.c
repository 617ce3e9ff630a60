/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tests: making namespaces, the maps of ids, files over those of /etc. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "namespace/etc_files.h"
#include "namespace/join.h"
#include "namespace_cases.h"
#include "namespace_world.h"

/* Box task: writes the maps, with single spaces, and the ids to text. */
static int tell_maps(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	static const char *const files[] = { "/proc/self/uid_map", "/proc/self/gid_map" };
	GString *maps = g_string_new(NULL);

	(void)argument;
	(void)ret_fd;
	for (int i = 0; i < 2; i++) {
		FILE *file = fopen(files[i], "re");
		unsigned int inside, outside, count;

		while (file && fscanf(file, "%u %u %u", &inside, &outside, &count) == 3)
			g_string_append_printf(maps, "%u %u %u;", inside, outside, count);
		g_string_append(maps, " ");
		if (file)
			fclose(file);
	}
	g_string_append_printf(maps, "%u %u", getuid(), getgid());
	g_strlcpy(text, maps->str, BOX_TEXT_MAX);
	g_string_free(maps, TRUE);
	return 0;
}

START_TEST(map_root)
{
	char text[BOX_TEXT_MAX];
	char *wanted = g_strdup_printf("0 %u 1; 0 %u 1; 0 0", geteuid(), getegid());

	box_start(&box, USER_MAP_ROOT);
	box_run(&box, tell_maps, NULL, 0, text, NULL);
	ck_assert_str_eq(text, wanted);
	g_free(wanted);
}
END_TEST

START_TEST(map_current)
{
	char text[BOX_TEXT_MAX];
	char *wanted = g_strdup_printf("%1$u %1$u 1; %2$u %2$u 1; %1$u %2$u", geteuid(), getegid());

	box_start(&box, USER_MAP_CURRENT);
	box_run(&box, tell_maps, NULL, 0, text, NULL);
	ck_assert_str_eq(text, wanted);
	g_free(wanted);
}
END_TEST

START_TEST(map_auto)
{
	char text[BOX_TEXT_MAX];
	char *wanted = g_strdup_printf("0 %u 1;1 ", geteuid());

	box_start(&box, USER_MAP_AUTO);
	box_run(&box, tell_maps, NULL, 0, text, NULL);
	ck_assert_msg(g_str_has_prefix(text, wanted), "%s", text);
	ck_assert_msg(g_str_has_suffix(text, "; 0 0"), "%s", text);
	g_free(wanted);
}
END_TEST

START_TEST(map_auto_without_tool)
{
	GError *error = NULL;

	box_start(&box, USER_MAP_ROOT);
	setenv("PATH", "/nonexistent", 1);
	ck_assert(!user_map_write(box.pid, USER_MAP_AUTO, &error));
	ck_assert_msg(strstr(error->message, "install the package uidmap") != NULL, "%s",
		      error->message);
	g_error_free(error);
}
END_TEST

START_TEST(map_twice)
{
	GError *error = NULL;

	box_start(&box, USER_MAP_ROOT);
	ck_assert(!user_map_write(box.pid, USER_MAP_CURRENT, &error));
	ck_assert_msg(strstr(error->message, "can't write /proc/") != NULL, "%s", error->message);
	g_clear_error(&error);
	/* The tool's own words come along. */
	ck_assert(!user_map_write(box.pid, USER_MAP_AUTO, &error));
	ck_assert_msg(strstr(error->message, "newuidmap failed: newuidmap") != NULL, "%s",
		      error->message);
	g_error_free(error);
}
END_TEST

/* Box task: forbids namespaces by the setting at argument, tries to make them, tells the error. */
static int unshare_forbidden(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	GError *error = NULL;
	int code;

	(void)ret_fd;
	if (!g_file_set_contents_full(argument, "0", 1, G_FILE_SET_CONTENTS_NONE, 0600, NULL) ||
	    namespaces_unshare(&error))
		return -1;
	code = error->code;
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	g_error_free(error);
	return code;
}

START_TEST(forbidden)
{
	static const char *const paths[] = { "/proc/sys/user/max_user_namespaces",
					     "/proc/sys/user/max_net_namespaces",
					     "/proc/sys/user/max_mnt_namespaces" };
	static const char *const words[] = { "user.max_user_namespaces is 0",
					     "user.max_net_namespaces is 0",
					     "user.max_mnt_namespaces is 0" };
	char text[BOX_TEXT_MAX];

	box_start(&box, USER_MAP_ROOT);
	ck_assert_int_eq(
		box_run(&box, unshare_forbidden, paths[_i], strlen(paths[_i]) + 1, text, NULL),
		SLIRPWAY_ERROR_DENIED);
	ck_assert_msg(strstr(text, words[_i]) != NULL, "%s", text);
}
END_TEST

/* Box task: binds files over those of /etc, and checks that the files of /etc are as they should.
 */
static int mount_etc(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	GError *error = NULL;
	char *resolv = NULL, *hosts = NULL, *warning = NULL;
	int result = 1;

	(void)ret_fd;
	if (!etc_files_mount(argument, &warning, &error)) {
		g_strlcpy(text, error->message, BOX_TEXT_MAX);
		g_error_free(error);
		return 2;
	}
	if (warning) {
		g_strlcpy(text, warning, BOX_TEXT_MAX);
		g_free(warning);
		return 3;
	}
	if (g_file_get_contents("/etc/resolv.conf", &resolv, NULL, NULL) &&
	    g_file_get_contents("/etc/hosts", &hosts, NULL, NULL) &&
	    strcmp(resolv, "resolv\n") == 0 && strcmp(hosts, "hosts\n") == 0 &&
	    g_file_set_contents_full("/etc/hosts", "changed\n", -1, G_FILE_SET_CONTENTS_NONE, 0600,
				     NULL))
		result = 0;
	g_free(resolv);
	g_free(hosts);
	return result;
}

/* Box task: plays an /etc without the files, or with a link that leads nowhere. */
static int break_etc(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)text;
	(void)ret_fd;
	if (mount("none", "/etc", "tmpfs", 0, NULL) < 0)
		return errno;
	return *(const char *)argument && symlink(argument, "/etc/resolv.conf") < 0 ? errno : 0;
}

/* Box task: an /etc with a resolv.conf and nothing else. */
static int empty_etc(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	int result = break_etc(argument, text, ret_fd);

	if (result == 0 && !g_file_set_contents("/etc/resolv.conf", "", 0, NULL))
		result = EIO;
	return result;
}

START_TEST(etc_files_without_hosts)
{
	char directory[] = "/tmp/slirpway-test-XXXXXX";
	char text[BOX_TEXT_MAX];
	char *resolv;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	resolv = g_build_filename(directory, "resolv.conf", NULL);
	ck_assert(g_file_set_contents(resolv, "resolv\n", -1, NULL));
	box_start(&box, USER_MAP_ROOT);
	ck_assert_int_eq(box_run(&box, empty_etc, "", 1, NULL, NULL), 0);
	ck_assert_int_eq(box_run(&box, mount_etc, directory, sizeof(directory), text, NULL), 3);
	ck_assert_msg(strstr(text, "/etc/hosts does not exist") != NULL, "%s", text);
	box_stop(&box);
	g_unlink(resolv);
	g_rmdir(directory);
	g_free(resolv);
}
END_TEST

START_TEST(etc_files)
{
	char directory[] = "/tmp/slirpway-test-XXXXXX";
	char text[BOX_TEXT_MAX];
	char *resolv, *hosts, *after = NULL;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	resolv = g_build_filename(directory, "resolv.conf", NULL);
	hosts = g_build_filename(directory, "hosts", NULL);
	ck_assert(g_file_set_contents(resolv, "resolv\n", -1, NULL));
	ck_assert(g_file_set_contents(hosts, "hosts\n", -1, NULL));
	box_start(&box, USER_MAP_ROOT);
	ck_assert_msg(box_run(&box, mount_etc, directory, sizeof(directory), text, NULL) == 0, "%s",
		      text);
	/* The container may write its files; ours here stay as they are. */
	ck_assert(g_file_get_contents(hosts, &after, NULL, NULL));
	ck_assert_str_eq(after, "changed\n");
	g_free(after);
	ck_assert(g_file_get_contents("/etc/hosts", &after, NULL, NULL));
	ck_assert_str_ne(after, "changed\n");
	g_free(after);
	box_stop(&box);
	g_unlink(resolv);
	g_unlink(hosts);
	g_rmdir(directory);
	g_free(resolv);
	g_free(hosts);
}
END_TEST

START_TEST(etc_files_missing)
{
	static const char *const links[] = { "", "../nowhere/resolv.conf" };
	static const char *const words[] = { "/etc/resolv.conf does not exist",
					     "symbolic link to ../nowhere/resolv.conf" };
	char text[BOX_TEXT_MAX];

	box_start(&box, USER_MAP_ROOT);
	ck_assert_int_eq(box_run(&box, break_etc, links[_i], strlen(links[_i]) + 1, NULL, NULL), 0);
	ck_assert_int_eq(box_run(&box, mount_etc, "/tmp", sizeof("/tmp"), text, NULL), 2);
	ck_assert_msg(strstr(text, words[_i]) != NULL, "%s", text);
}
END_TEST

TCase *namespace_make_cases(bool have_subordinates)
{
	TCase *cases = tcase_create("make");

	tcase_add_checked_fixture(cases, NULL, stop_box);
	tcase_set_timeout(cases, 30);
	tcase_add_test(cases, map_root);
	tcase_add_test(cases, map_current);
	tcase_add_loop_test(cases, forbidden, 0, 3);
	tcase_add_test(cases, map_auto_without_tool);
	tcase_add_test(cases, etc_files);
	tcase_add_loop_test(cases, etc_files_missing, 0, 2);
	tcase_add_test(cases, etc_files_without_hosts);
	if (have_subordinates) {
		tcase_add_test(cases, map_auto);
		tcase_add_test(cases, map_twice);
	}
	return cases;
}
