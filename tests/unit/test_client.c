/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the control socket's client, against a server that answers what the test says. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/util.h"
#include "control/client.h"

#define NAME "web"
#define SHORT_MS 300

static char *directory;	 /* stands for XDG_RUNTIME_DIR */
static char *session;	 /* directory/slirpway/web */
static char *path;	 /* of the control socket */
static char *seen_path;	 /* where the server leaves the request that it has read */
static pid_t server = 0; /* 0: none runs */

static void setup(void)
{
	directory = g_dir_make_tmp("slirpway-client-XXXXXX", NULL);
	ck_assert_ptr_nonnull(directory);
	session = g_build_filename(directory, "slirpway", NAME, NULL);
	path = g_build_filename(session, "control.sock", NULL);
	seen_path = g_build_filename(directory, "seen", NULL);
	ck_assert_int_eq(g_mkdir_with_parents(session, 0700), 0);
	ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", directory, 1), 0);
}

static void teardown(void)
{
	g_autofree char *parent = g_path_get_dirname(session);

	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	server = 0;
	g_unlink(path);
	g_unlink(seen_path);
	g_rmdir(session);
	g_rmdir(parent);
	g_rmdir(directory);
	g_free(directory);
	g_free(session);
	g_free(path);
	g_free(seen_path);
}

static int listen_at_path(int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_lt(strlen(path), sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, backlog), 0);
	return fd;
}

/* In the server: reads the whole request, answers, and hangs up; without an answer it stays. */
__attribute__((noreturn)) static void serve(int listener, const char *answer)
{
	int fd = accept(listener, NULL, NULL);
	g_autoptr(GString) request = g_string_new(NULL);
	char byte;

	while (read(fd, &byte, 1) == 1)
		g_string_append_c(request, byte);
	g_file_set_contents(seen_path, request->str, -1, NULL);
	if (!answer)
		pause();
	for (size_t at = 0, left = strlen(answer); left > 0;) {
		ssize_t written = write(fd, answer + at, left);

		if (written <= 0)
			break;
		at += (size_t)written;
		left -= (size_t)written;
	}
	_exit(EXIT_SUCCESS);
}

static void start_server(const char *answer)
{
	int listener = listen_at_path(5);

	server = fork();
	ck_assert_int_ge(server, 0);
	if (server == 0)
		serve(listener, answer);
	close(listener);
}

/* An answer, and the value in it as text; or the kind of error and a part of its text. */
static const struct {
	const char *answer;
	const char *value;
	int code;
	const char *reason;
} answers[] = {
	{ "{\"return\":{}}", "{}", 0, NULL },
	{ "{\"return\":{\"id\":1}}", "{\"id\":1}", 0, NULL },
	{ "{\"return\":{\"entries\":[]},\"entries\":[]}", "{\"entries\":[]}", 0, NULL },
	{ " {\"return\" : [1, 2]} \n", "[1,2]", 0, NULL },
	{ "{\"return\":null}", "null", 0, NULL },
	{ "{\"error\":{\"code\":\"usage\",\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_USAGE, "no" },
	{ "{\"error\":{\"code\":\"not_found\",\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_NOT_FOUND,
	  "no" },
	{ "{\"error\":{\"code\":\"in_use\",\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_IN_USE, "no" },
	{ "{\"error\":{\"code\":\"denied\",\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_DENIED, "no" },
	{ "{\"error\":{\"code\":\"timeout\",\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_TIMEOUT,
	  "no" },
	{ "{\"error\":{\"code\":\"system\",\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_SYSTEM, "no" },
	{ "{\"error\":{\"code\":\"new\",\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_SYSTEM, "no" },
	{ "{\"error\":{\"desc\":\"no\"}}", NULL, SLIRPWAY_ERROR_SYSTEM, "no" },
	{ "{\"error\":{\"code\":5,\"desc\":7}}", NULL, SLIRPWAY_ERROR_SYSTEM, "gives no reason" },
	{ "{\"error\":{\"desc\":\"100%s\"}}", NULL, SLIRPWAY_ERROR_SYSTEM, "100%s" },
	{ "{\"error\":{\"code\":\"in_use\",\"desc\":\"bad request: add_hostfwd: "
	  "slirp_add_hostfwd failed: port taken\"}}",
	  NULL, SLIRPWAY_ERROR_IN_USE, "port taken" },
	{ "", NULL, SLIRPWAY_ERROR_SYSTEM, "may have ended" },
	{ "{\"return\":", NULL, SLIRPWAY_ERROR_SYSTEM, "may have ended" },
	{ "[]", NULL, SLIRPWAY_ERROR_SYSTEM, "may have ended" },
	{ "5", NULL, SLIRPWAY_ERROR_SYSTEM, "may have ended" },
	{ "{}", NULL, SLIRPWAY_ERROR_SYSTEM, "may have ended" },
	{ "{\"error\":\"no\"}", NULL, SLIRPWAY_ERROR_SYSTEM, "may have ended" },
	{ "\x1b[31m", NULL, SLIRPWAY_ERROR_SYSTEM, "may have ended" },
};

START_TEST(reads_answers)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonNode) node = NULL;
	g_autofree char *text = NULL;

	start_server(answers[_i].answer);
	node = control_call(NAME, "status", NULL, CONTROL_TIMEOUT_MS, &error);
	if (answers[_i].value) {
		ck_assert_msg(node != NULL, "%s", error ? error->message : "");
		text = json_to_string(node, FALSE);
		ck_assert_str_eq(text, answers[_i].value);
		return;
	}
	ck_assert_ptr_null(node);
	ck_assert(g_error_matches(error, SLIRPWAY_ERROR, answers[_i].code));
	if (strlen(answers[_i].reason) <= 10)
		ck_assert_str_eq(error->message, answers[_i].reason);
	ck_assert_ptr_nonnull(strstr(error->message, answers[_i].reason));
}
END_TEST

START_TEST(sends_the_request)
{
	g_autoptr(JsonNode) node = NULL;
	g_autofree char *request = NULL;

	start_server("{\"return\":{}}");
	node = control_call(NAME, "remove_hostfwd", json_from_string("{\"id\":3}", NULL),
			    CONTROL_TIMEOUT_MS, NULL);
	ck_assert_ptr_nonnull(node);
	ck_assert(g_file_get_contents(seen_path, &request, NULL, NULL));
	ck_assert_str_eq(request, "{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":3}}");
}
END_TEST

START_TEST(reads_a_long_answer)
{
	g_autofree char *filler = g_strnfill(4 * 1024 * 1024, 'x');
	g_autofree char *answer = g_strdup_printf("{\"return\":\"%s\"}", filler);
	g_autoptr(JsonNode) node = NULL;

	start_server(answer);
	node = control_call(NAME, "status", NULL, CONTROL_TIMEOUT_MS, NULL);
	ck_assert_ptr_nonnull(node);
	ck_assert_uint_eq(strlen(json_node_get_string(node)), strlen(filler));
}
END_TEST

/* Expects a call to fail with code within the short deadline and some; the caller frees the words.
 */
static char *failure_of(const char *name, int code)
{
	gint64 start = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(control_call(name, "status", NULL, SHORT_MS, &error));
	ck_assert_msg(g_error_matches(error, SLIRPWAY_ERROR, code), "%s", error->message);
	ck_assert_int_lt(g_get_monotonic_time() - start, 3 * G_USEC_PER_SEC);
	return g_strdup(error->message);
}

static void expect_failure(const char *name, int code)
{
	g_free(failure_of(name, code));
}

START_TEST(silent_server_times_out)
{
	g_autofree char *wanted = NULL;
	g_autofree char *words = NULL;

	start_server(NULL);
	/* Who listens is meant, which is this process here. */
	wanted = g_strdup_printf("session " NAME " does not answer (pid %d; stopped?)",
				 (int)getpid());
	words = failure_of(NAME, SLIRPWAY_ERROR_TIMEOUT);
	ck_assert_str_eq(words, wanted);
}
END_TEST

/* Nobody accepts, and the backlog is full. */
START_TEST(full_backlog_times_out)
{
	int listener = listen_at_path(0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int waiting = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_autofree char *words = NULL;

	strcpy(address.sun_path, path);
	ck_assert_int_eq(connect(waiting, (struct sockaddr *)&address, sizeof(address)), 0);
	words = failure_of(NAME, SLIRPWAY_ERROR_TIMEOUT);
	ck_assert_str_eq(words, "session " NAME " does not answer (stopped?)");
	close(waiting);
	close(listener);
}
END_TEST

START_TEST(no_session)
{
	int listener;

	expect_failure(NAME, SLIRPWAY_ERROR_NOT_FOUND);
	expect_failure("other", SLIRPWAY_ERROR_NOT_FOUND);
	expect_failure("../web", SLIRPWAY_ERROR_USAGE);
	/* The file that a session left when it was killed. */
	listener = listen_at_path(1);
	close(listener);
	expect_failure(NAME, SLIRPWAY_ERROR_NOT_FOUND);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("client");
	TCase *tests = tcase_create("client");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, reads_answers, 0, ARRAY_SIZE(answers));
	tcase_add_test(tests, sends_the_request);
	tcase_add_test(tests, reads_a_long_answer);
	tcase_add_test(tests, silent_server_times_out);
	tcase_add_test(tests, full_backlog_times_out);
	tcase_add_test(tests, no_session);
	tcase_set_timeout(tests, 30);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(make_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
