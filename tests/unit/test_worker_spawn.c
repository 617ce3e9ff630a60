/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of session/worker_spawn: started as a worker, this program tells what it was given. */

#include "config.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "session/worker_spawn.h"

#define TIMEOUT_MS 10000
#define NUMBERS_MAX 64

/* What the worker finds. */
struct found {
	char level[16];
	char name[32]; /* argv[0] */
	pid_t session; /* getsid(2) */
	bool leads_group;
	bool has_terminal;	   /* a controlling one */
	bool blocked[NUMBERS_MAX]; /* signals */
	bool ignored[NUMBERS_MAX];
	bool open[NUMBERS_MAX]; /* descriptors */
	char paths[NUMBERS_MAX][64];
};

/* -- as the worker -- */

static void find_descriptors(struct found *found)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		int number = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || number == dirfd(directory) || number >= NUMBERS_MAX)
			continue;
		found->open[number] = true;
		if (readlinkat(dirfd(directory), entry->d_name, found->paths[number],
			       sizeof(found->paths[number]) - 1) < 0)
			found->paths[number][0] = '\0';
	}
	if (directory)
		closedir(directory);
}

static void find_signals(struct found *found)
{
	struct sigaction action;
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int number = 1; number < NUMBERS_MAX; number++) {
		found->blocked[number] = sigismember(&mask, number) == 1;
		found->ignored[number] =
			sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
	}
}

static int be_worker(const char *name, const char *level)
{
	struct found found = {
		.session = getsid(0),
		.leads_group = getpgrp() == getpid(),
	};
	char byte;

	g_strlcpy(found.name, name, sizeof(found.name));
	g_strlcpy(found.level, level ? level : "", sizeof(found.level));
	find_descriptors(&found);
	find_signals(&found);
	found.has_terminal = open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0;
	if (descriptor_send(WORKER_SOCKET_DESCRIPTOR, &found, sizeof(found), NULL, 0) < 0)
		return EXIT_FAILURE;
	/* Until the session hangs up; by itself if that is forgotten. */
	if (descriptor_wait_readable(WORKER_SOCKET_DESCRIPTOR, 2 * TIMEOUT_MS) < 0 ||
	    read(WORKER_SOCKET_DESCRIPTOR, &byte, 1) != 0)
		return EXIT_FAILURE;
	return 7;
}

/* -- as the session -- */

static struct worker_child child;
static struct found found;
static const struct worker_kind *kind = &worker_kind_engine;

static void spawn(void)
{
	GError *error = NULL;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;

	ck_assert_msg(worker_spawn(kind, &child, &error), "%s", error ? error->message : "");
	ck_assert_int_eq(descriptor_wait_readable(child.socket, TIMEOUT_MS), 0);
	ck_assert_int_eq(descriptor_receive(child.socket, &found, sizeof(found), fds, &count),
			 sizeof(found));
}

/* Hangs up; the worker ends as its status shows. */
static void finish(void)
{
	int status;

	descriptor_close(&child.socket);
	ck_assert_int_eq(descriptor_wait_readable(child.pidfd, TIMEOUT_MS), 0);
	ck_assert_int_eq(waitpid(child.pid, &status, 0), child.pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 7);
	descriptor_close(&child.pidfd);
}

static void expect_only_its_own(void)
{
	for (int number = 0; number < NUMBERS_MAX; number++)
		ck_assert_msg(found.open[number] == (number <= WORKER_SOCKET_DESCRIPTOR),
			      "descriptor %d: %s", number, found.paths[number]);
	ck_assert_str_eq(found.paths[STDIN_FILENO], "/dev/null");
	ck_assert_str_eq(found.paths[STDOUT_FILENO], "/dev/null");
	ck_assert(g_str_has_prefix(found.paths[WORKER_SOCKET_DESCRIPTOR], "socket:"));
}

START_TEST(inherits_no_descriptors)
{
	int inherited = open("/proc/self/status", O_RDONLY);
	int high = fcntl(inherited, F_DUPFD, 40);
	char expected[64] = "";

	ck_assert_int_ge(high, 40);
	ck_assert_int_gt(readlink("/proc/self/fd/2", expected, sizeof(expected) - 1), 0);
	spawn();
	expect_only_its_own();
	ck_assert_str_eq(found.paths[STDERR_FILENO], expected);
	finish();
	close(inherited);
	close(high);
}
END_TEST

/* Then descriptors of the session get the numbers of the standard streams. */
START_TEST(inherits_none_with_streams_closed)
{
	int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 50);
	int own;

	for (int number = 0; number <= STDERR_FILENO; number++)
		close(number);
	for (int number = 0; number <= STDERR_FILENO; number++)
		own = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	spawn();
	finish();
	dup2(kept, STDERR_FILENO);
	close(kept);
	ck_assert_int_eq(own, STDERR_FILENO);
	expect_only_its_own();
	ck_assert_str_eq(found.paths[STDERR_FILENO], "/dev/null");
}
END_TEST

START_TEST(has_fresh_signals)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	spawn();
	for (int number = 1; number < NUMBERS_MAX; number++)
		ck_assert_msg(!found.blocked[number] && !found.ignored[number], "signal %d",
			      number);
	finish();
}
END_TEST

START_TEST(is_called_as_it_should)
{
	log_set_level(LOG_LEVEL_WARNING);
	spawn();
	ck_assert_str_eq(found.level, "warning");
	ck_assert_str_eq(found.name, "slirpway-engine");
	finish();
	kind = &worker_kind_supervisor;
	spawn();
	ck_assert_str_eq(found.name, "slirpway-supervisor");
	finish();
}
END_TEST

/* With a terminal of its own, which shows what was wrong; ends with 0 if nothing was. */
static void be_session_at_terminal(void)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), own;

	setsid();
	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0 ||
	    open(ptsname(terminal), O_RDWR | O_CLOEXEC) < 0)
		_exit(1);
	own = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (own < 0)
		_exit(2);
	spawn();
	_exit(found.session == getsid(0) && found.leads_group && !found.has_terminal ? 0 : 3);
}

/* In the session for the scheduler's sake, but out of reach of its terminal. */
START_TEST(has_no_terminal)
{
	int status;
	pid_t session = fork();

	if (session == 0)
		be_session_at_terminal();
	ck_assert_int_eq(waitpid(session, &status, 0), session);
	ck_assert_msg(status == 0, "status %#x", status);
}
END_TEST

/* A session that starts a worker, hands out its descriptors, and is gone. */
static void be_short_session(int socket)
{
	spawn();
	descriptor_send(socket, "", 1, (const int[]){ child.pidfd, child.socket }, 2);
	_exit(EXIT_SUCCESS);
}

/* With its session, and not only because that hangs up: here others hold the socket, too. */
START_TEST(dies_with_session)
{
	int pair[2], fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;
	char byte;
	pid_t session;

	ck_assert_int_eq(descriptor_pair(pair), 0);
	session = fork();
	if (session == 0)
		be_short_session(pair[1]);
	ck_assert_int_eq(descriptor_receive(pair[0], &byte, 1, fds, &count), 1);
	ck_assert_uint_eq(count, 2);
	ck_assert_int_eq(descriptor_wait_readable(fds[0], TIMEOUT_MS), 0);
	ck_assert_int_eq(waitpid(session, NULL, 0), session);
	descriptor_close(&fds[0]);
	descriptor_close(&fds[1]);
	descriptor_close(&pair[0]);
	descriptor_close(&pair[1]);
}
END_TEST

static int run_tests(void)
{
	Suite *suite = suite_create("worker_spawn");
	TCase *cases = tcase_create("spawn");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(cases, 30);
	tcase_add_test(cases, inherits_no_descriptors);
	tcase_add_test(cases, inherits_none_with_streams_closed);
	tcase_add_test(cases, has_fresh_signals);
	tcase_add_test(cases, is_called_as_it_should);
	tcase_add_test(cases, has_no_terminal);
	tcase_add_test(cases, dies_with_session);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc > 1 && (strcmp(argv[1], "--engine") == 0 || strcmp(argv[1], "--supervisor") == 0))
		return be_worker(argv[0], argc > 2 ? argv[2] : NULL);
	return run_tests();
}
