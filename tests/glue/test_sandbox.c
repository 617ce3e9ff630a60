/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the engine's sandbox: each case is a process that shuts itself in and then tries things.
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "slirp-glue/sandbox.h"
#include "tests/glue/sandbox_child.h"

/* CAP_NET_BIND_SERVICE in the masks of proc(5). */
#define CAP_BIND (1 << 10)

static void watch_and_capture(void)
{
	char path[] = "/tmp/test_sandbox.XXXXXX";
	int file = mkstemp(path);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int pair[2];
	struct epoll_event event = { .events = EPOLLIN };

	DEMAND(file >= 0 && epoll >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	unlink(path);
	child_shut_in(&situations[SITUATION_USER]);
	DEMAND(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event) == 0);
	DEMAND(epoll_wait(epoll, &event, 1, 1) == 0);
	DEMAND(write(pair[1], "x", 1) == 1);
	DEMAND(epoll_wait(epoll, &event, 1, 1000) == 1);
	DEMAND(epoll_ctl(epoll, EPOLL_CTL_DEL, pair[0], NULL) == 0);
	DEMAND(write(file, "capture", 7) == 7);
	DEMAND(ftruncate(file, 3) == 0 && lseek(file, 0, SEEK_END) == 3);
	DEMAND(fcntl(pair[0], F_DUPFD_CLOEXEC, 0) >= 0);
	_exit(0);
}

START_TEST(open_descriptors_go_on)
{
	ck_assert_int_eq(child_run(NULL, watch_and_capture), 0);
}
END_TEST

/* The root directory. */

static void inspect_root(void)
{
	const char *reason = NULL;
	struct dirent *entry;
	uint64_t before = 0;
	uint64_t after = 1;
	socklen_t length = sizeof(before);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uid_t user;
	DIR *root;

	situations[SITUATION_USER].enter();
	user = geteuid();
	getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &before, &length);
	close(fd);
	DEMAND(sandbox_enter_root(&reason) == SANDBOX_ROOT);
	root = opendir("/");
	DEMAND(root != NULL);
	while ((entry = readdir(root)))
		DEMAND(g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, ".."));
	closedir(root);
	DEMAND(chdir("..") == 0 && access("etc", F_OK) == -1 && access("proc", F_OK) == -1);
	/* The same network, the same user. */
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	DEMAND(getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &after, &length) == 0);
	DEMAND(before == after);
	DEMAND(geteuid() == user);
}

START_TEST(root_is_empty_and_network_the_same)
{
	ck_assert_int_eq(child_run(NULL, inspect_root), 0);
}
END_TEST

static void use_stream_socket(const struct situation *situation)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dns.sock" };
	struct sockaddr_un other = { .sun_family = AF_UNIX, .sun_path = "/other" };
	const char *reason = NULL;
	int listener;
	int client;

	situation->enter();
	DEMAND(sandbox_enter_root(&reason) == SANDBOX_ROOT);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	DEMAND(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	DEMAND(listen(listener, SOMAXCONN) == 0);
	DEMAND(child_seal(SANDBOX_ROOT) == ALL_LAYERS);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	DEMAND(client >= 0);
	DEMAND(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	DEMAND(accept4(listener, NULL, NULL, SOCK_CLOEXEC) >= 0);
	/* Read-only from now on. */
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	DEMAND(bind(client, (struct sockaddr *)&other, sizeof(other)) == -1 && errno == EROFS);
}

START_TEST(stream_socket_in_the_root_works)
{
	int status;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		use_stream_socket(&situations[_i]);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void make_unix_socket(void)
{
	DEMAND(socket(AF_UNIX, SOCK_STREAM, 0) == -1 && errno == ENOSYS);
}

START_TEST(no_unix_sockets_in_the_hosts_root)
{
	ck_assert_int_eq(child_run(&situations[SITUATION_NO_NAMESPACES], make_unix_socket), 0);
}
END_TEST

static void say_why_not(void)
{
	const char *reason = NULL;

	situations[SITUATION_NO_NAMESPACES].enter();
	DEMAND(sandbox_enter_root(&reason) == 0);
	DEMAND(reason && strstr(reason, "user namespace") && strstr(reason, "not permitted"));
}

START_TEST(refused_namespace_is_explained)
{
	ck_assert_int_eq(child_run(NULL, say_why_not), 0);
}
END_TEST

/* An abstract address of the host is in the same network namespace. */
static const struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0test_sandbox" };

static void reach_abstract(void)
{
	int client = socket(AF_UNIX, SOCK_STREAM, 0);

	DEMAND(connect(client, (const struct sockaddr *)&abstract, sizeof(abstract)) == -1);
	DEMAND(errno == EPERM);
}

START_TEST(abstract_addresses_are_out_of_reach)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(listener, (const struct sockaddr *)&abstract, sizeof(abstract)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	if (version >= 6)
		ck_assert_int_eq(child_run(&situations[SITUATION_USER], reach_abstract), 0);
	else
		fprintf(stderr, "Landlock version %ld: abstract addresses are not tried\n",
			version);
	close(listener);
}
END_TEST

/* What the kernel says of a sealed process. */

static uint64_t status_field(const char *text, const char *name, int base)
{
	const char *field = strstr(text, name);

	ck_assert_ptr_nonnull(field);
	return g_ascii_strtoull(field + strlen(name), NULL, (guint)base);
}

START_TEST(kernel_confirms_rights)
{
	int pair[2];
	char byte;
	char path[64];
	char *text;
	char *own;
	uint64_t expected = 0;
	pid_t child;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	child = fork();
	if (child == 0) {
		close(pair[0]);
		child_shut_in(&situations[_i]);
		DEMAND(write(pair[1], "x", 1) == 1);
		(void)!read(pair[1], &byte, 1);
		_exit(0);
	}
	close(pair[1]);
	ck_assert_int_eq(read(pair[0], &byte, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/status", child);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert(g_file_get_contents("/proc/self/status", &own, NULL, NULL));
	/* As root of the machine only where the tests are. */
	if (situations[_i].keeps_bind && (_i > 0 || status_field(own, "CapEff:", 16) != 0))
		expected = CAP_BIND;
	ck_assert_uint_eq(status_field(text, "CapEff:", 16), expected);
	ck_assert_uint_eq(status_field(text, "CapPrm:", 16), expected);
	ck_assert_uint_eq(status_field(text, "CapInh:", 16), 0);
	ck_assert_uint_eq(status_field(text, "CapAmb:", 16), 0);
	if (situations[_i].layers & SANDBOX_ROOT)
		ck_assert_uint_eq(status_field(text, "CapBnd:", 16), 0);
	ck_assert_uint_eq(status_field(text, "NoNewPrivs:", 10), 1);
	ck_assert_uint_eq(status_field(text, "Seccomp:", 10), 2);
	g_free(text);
	g_free(own);
	close(pair[0]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

static bool namespaces_are_allowed(void)
{
	return child_run(NULL, situations[SITUATION_NAMESPACE_ROOT].enter) == 0;
}

static Suite *make_suite(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tests = tcase_create("sandbox");

	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, open_descriptors_go_on);
	tcase_add_test(tests, root_is_empty_and_network_the_same);
	tcase_add_loop_test(tests, stream_socket_in_the_root_works, 0, SITUATION_NO_NAMESPACES);
	tcase_add_test(tests, no_unix_sockets_in_the_hosts_root);
	tcase_add_test(tests, refused_namespace_is_explained);
	tcase_add_test(tests, abstract_addresses_are_out_of_reach);
	tcase_add_loop_test(tests, kernel_confirms_rights, 0, SITUATION_COUNT);
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, sandbox_call_cases());
	return suite;
}

int main(void)
{
	SRunner *runner;
	int failed;

	if (!namespaces_are_allowed()) {
		fprintf(stderr, "user namespaces are not allowed here\n");
		return g_getenv("SLIRPWAY_MUST_WORK") ? EXIT_FAILURE : 77;
	}
	runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
