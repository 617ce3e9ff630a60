/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tests: when a namespace that somebody else made has ended. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "namespace/lifetime.h"
#include "namespace_cases.h"
#include "namespace_world.h"

/* What the callback knows. */
struct watch {
	struct lifetime *lifetime;
	bool free_at_end;
	int ended;
};

static void on_ended(void *data)
{
	struct watch *watch = data;

	watch->ended++;
	if (watch->free_at_end) {
		lifetime_free(watch->lifetime);
		watch->lifetime = NULL;
	}
}

static gboolean on_timeout(void *data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

/* Runs the main loop until the end was told, or for timeout_ms; returns how often it was told. */
static int pump(const struct watch *watch, unsigned int timeout_ms)
{
	bool timed_out = false;
	guint id = g_timeout_add(timeout_ms, on_timeout, &timed_out);

	while (watch->ended == 0 && !timed_out)
		g_main_context_iteration(NULL, TRUE);
	if (!timed_out)
		g_source_remove(id);
	return watch->ended;
}

static void start_watch(struct watch *watch, const struct namespace_target *target)
{
	GError *error = NULL;

	watch->lifetime = lifetime_watch(target, on_ended, watch, &error);
	if (!watch->lifetime)
		ck_abort_msg("%s", error->message);
}

/* Box task: forks a process that stays in the namespaces when the box is gone; returns its pid. */
static int fork_other(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	pid_t pid = fork();

	(void)argument;
	(void)text;
	(void)ret_fd;
	if (pid == 0) {
		/* Should the test die, this goes by itself. */
		alarm(20);
		pause();
		_exit(0);
	}
	return pid;
}

START_TEST(last_process)
{
	struct namespace_target target = { .pid = box.pid };
	struct watch watch = { .free_at_end = true };
	int other = box_run(&box, fork_other, NULL, 0, NULL, NULL);

	start_watch(&watch, &target);
	ck_assert_int_eq(pump(&watch, 100), 0);
	box_stop(&box);
	ck_assert_int_eq(pump(&watch, 200), 0);
	kill(other, SIGKILL);
	ck_assert_int_eq(pump(&watch, 3000), 1);
	ck_assert_ptr_null(watch.lifetime);
	watch.ended = 0;
	ck_assert_int_eq(pump(&watch, 50), 0);
}
END_TEST

START_TEST(proc_path)
{
	char *path = g_strdup_printf("/proc/%d/ns/net", (int)box.pid);
	struct namespace_target target = { .netns_path = path };
	struct watch watch = { 0 };

	start_watch(&watch, &target);
	g_free(path);
	ck_assert_int_eq(pump(&watch, 50), 0);
	box_stop(&box);
	ck_assert_int_eq(pump(&watch, 3000), 1);
	lifetime_free(watch.lifetime);
}
END_TEST

START_TEST(freed_early)
{
	struct namespace_target target = { .pid = box.pid };
	struct watch watch = { 0 };
	int before = dup(0), after;

	close(before);
	start_watch(&watch, &target);
	lifetime_free(watch.lifetime);
	after = dup(0);
	close(after);
	/* GLib may have opened one of its own. */
	ck_assert_int_le(after, before + 1);
	box_stop(&box);
	ck_assert_int_eq(pump(&watch, 100), 0);
	lifetime_free(NULL);
}
END_TEST

START_TEST(refused)
{
	struct namespace_target gone = { .pid = box.pid };
	struct namespace_target nowhere = { .netns_path = "/nonexistent/net" };
	GError *error = NULL;

	box_stop(&box);
	ck_assert_ptr_null(lifetime_watch(&gone, on_ended, NULL, &error));
	ck_assert_ptr_nonnull(error);
	g_clear_error(&error);
	ck_assert_ptr_null(lifetime_watch(&nowhere, on_ended, NULL, &error));
	ck_assert_ptr_nonnull(error);
	g_error_free(error);
}
END_TEST

/* What is done to the file at path, by the process that watches it. */
enum change { CHANGE_NOTHING, CHANGE_REMOVE, CHANGE_REPLACE, CHANGE_UNMOUNT };

static int change_file(enum change change, const char *directory, const char *path)
{
	char *other = g_strdup_printf("%s.other", directory);
	int result = 0;

	switch (change) {
	case CHANGE_NOTHING:
		result = g_mkdir(other, 0700) + g_rmdir(other);
		break;
	case CHANGE_REMOVE:
		umount2(path, MNT_DETACH);
		result = unlink(path);
		break;
	case CHANGE_REPLACE:
		umount2(path, MNT_DETACH);
		result = !g_file_set_contents(other, "", -1, NULL) || rename(other, path);
		break;
	case CHANGE_UNMOUNT:
		result = umount2(path, MNT_DETACH);
		break;
	}
	g_free(other);
	return result;
}

struct path_order {
	enum change change;
	bool bound; /* a network namespace is bound to the file, as "ip netns add" does */
	int ends;
};

/* Box task: watches a path, changes what is there, and returns 0 if the end was told or not. */
static int watch_path(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	const struct path_order *order = argument;
	char directory[] = "/tmp/slirpway-test-XXXXXX";
	char *path = g_strdup_printf("%s/net", mkdtemp(directory));
	struct namespace_target target = { .netns_path = path };
	struct watch watch = { .free_at_end = true };
	int result = -1;

	(void)text;
	(void)ret_fd;
	close(open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0600));
	if (!order->bound || mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) == 0)
		watch.lifetime = lifetime_watch(&target, on_ended, &watch, NULL);
	if (watch.lifetime && pump(&watch, 50) == 0 &&
	    change_file(order->change, directory, path) == 0)
		result = pump(&watch, order->ends ? 3000 : 100);
	lifetime_free(watch.lifetime);
	umount2(path, MNT_DETACH);
	g_unlink(path);
	g_rmdir(directory);
	g_free(path);
	return result;
}

static const struct path_order path_rows[] = {
	{ CHANGE_NOTHING, false, 0 }, { CHANGE_NOTHING, true, 0 },  { CHANGE_REMOVE, false, 1 },
	{ CHANGE_REMOVE, true, 1 },   { CHANGE_REPLACE, false, 1 }, { CHANGE_REPLACE, true, 1 },
	{ CHANGE_UNMOUNT, true, 1 },
};

START_TEST(other_path)
{
	ck_assert_int_eq(
		box_run(&box, watch_path, &path_rows[_i], sizeof(path_rows[_i]), NULL, NULL),
		path_rows[_i].ends);
}
END_TEST

TCase *namespace_lifetime_cases(void)
{
	TCase *cases = tcase_create("lifetime");

	tcase_add_checked_fixture(cases, start_box, stop_box);
	tcase_set_timeout(cases, 30);
	tcase_add_test(cases, last_process);
	tcase_add_test(cases, proc_path);
	tcase_add_test(cases, freed_early);
	tcase_add_test(cases, refused);
	tcase_add_loop_test(cases, other_path, 0, (int)G_N_ELEMENTS(path_rows));
	return cases;
}
