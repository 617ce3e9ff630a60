/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket under clients of every kind, over a session that is played here. */

/*
 * The server runs in the main loop of the test, the clients in threads with blocking sockets. Each
 * socket has a receive timeout, so a server that never answers is a failure and not a hang.
 *
 * Not tested here: that a client of another user is refused. It takes a second user id, which an
 * unprivileged process doesn't have.
 */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/util.h"
#include "control/server.h"

#define LIST "{\"execute\":\"list_hostfwd\"}"
#define STATUS "{\"execute\":\"status\"}"
#define LIST_ANSWER "{\"return\":{\"entries\":[]},\"entries\":[]}"
#define ADD                                                                                        \
	"{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"tcp\",\"host_port\":8080,"        \
	"\"guest_port\":80}}"
#define ERROR(code, desc) "{\"error\":{\"code\":\"" code "\",\"desc\":\"" desc "\"}}"
#define TOO_LARGE ERROR("usage", "bad request: too large message")
#define NO_JSON ERROR("usage", "bad request: cannot parse JSON")

/* The played session: what it was asked, and what it has not answered yet. */
struct fake {
	guint asked;
	bool defer;
	GPtrArray *deferred; /* struct control_reply */
	size_t status_size;  /* bytes of text in the answer to status */
	bool stopped;
};

static char *directory;
static char *path;
static struct fake fake;
static struct control_server *server;

static JsonNode *object_node(const char *name, JsonNode *member)
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_member(object, name, member);
	json_node_take_object(node, object);
	return node;
}

static bool put_off(struct fake *self, struct control_reply *reply)
{
	self->asked++;
	if (self->defer)
		g_ptr_array_add(self->deferred, reply);
	return self->defer;
}

static void fake_add(void *data, const struct forward *forward, struct control_reply *reply)
{
	if (put_off(data, reply))
		return;
	control_reply_return(reply, object_node("id", json_node_init_int(json_node_alloc(),
									 forward->host.port)));
}

static void fake_remove(void *data, uint32_t id, struct control_reply *reply)
{
	g_autoptr(GError) error = NULL;

	if (put_off(data, reply))
		return;
	error_set(&error, SLIRPWAY_ERROR_NOT_FOUND, "no forward %u", id);
	control_reply_error(reply, error);
}

static void fake_list(void *data, struct control_reply *reply)
{
	JsonNode *array = json_node_new(JSON_NODE_ARRAY);

	if (put_off(data, reply)) {
		json_node_free(array);
		return;
	}
	json_node_take_array(array, json_array_new());
	control_reply_return(reply, object_node("entries", array));
}

static void fake_status(void *data, struct control_reply *reply)
{
	struct fake *self = data;
	g_autofree char *text = g_strnfill(self->status_size, 'x');

	if (put_off(self, reply))
		return;
	control_reply_return(reply,
			     object_node("text", json_node_init_string(json_node_alloc(), text)));
}

static void fake_stop(void *data, struct control_reply *reply)
{
	struct fake *self = data;

	self->stopped = true;
	control_reply_return(reply, NULL);
}

static const struct control_ops fake_ops = { fake_add, fake_remove, fake_list, fake_status,
					     fake_stop };

static void set_up(void)
{
	GError *error = NULL;

	directory = g_dir_make_tmp("control-XXXXXX", NULL);
	ck_assert_ptr_nonnull(directory);
	path = g_build_filename(directory, "control.sock", NULL);
	fake = (struct fake){ .deferred = g_ptr_array_new() };
	server = control_server_new(path, &fake_ops, &fake, &error);
	ck_assert_msg(server != NULL, "%s", error != NULL ? error->message : "");
}

static void tear_down(void)
{
	control_server_free(server);
	g_ptr_array_free(fake.deferred, TRUE);
	g_unlink(path);
	ck_assert_int_eq(g_rmdir(directory), 0);
	g_free(path);
	g_free(directory);
}

/* A connected client; 20 s is longer than any deadline of the server that tests wait for. */
static int client_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = 20 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_assert_cmpint(fd, >=, 0);
	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		g_error("connect: %s", g_strerror(errno));
	return fd;
}

/* Reads to the end of file; a reset or a timeout shows as such in the text. Closes fd. */
static char *client_read(int fd)
{
	GString *answer = g_string_new(NULL);
	char buffer[4096];
	ssize_t length;

	while ((length = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		g_string_append_len(answer, buffer, length);
	if (length < 0)
		g_string_append_printf(answer, " then %s", g_strerror(errno));
	close(fd);
	return g_string_free(answer, FALSE);
}

static char *client_ask(const char *text, bool half_close)
{
	int fd = client_connect();

	send(fd, text, strlen(text), MSG_NOSIGNAL);
	if (half_close)
		shutdown(fd, SHUT_WR);
	return client_read(fd);
}

/* One client in a thread of its own. */
struct client {
	GThread *thread;
	gpointer result;
	gint done;
	char *(*run)(const char *text);
	const char *text;
};

static gpointer client_thread(gpointer data)
{
	struct client *client = data;

	client->result = client->run(client->text);
	g_atomic_int_set(&client->done, 1);
	g_main_context_wakeup(NULL);
	return NULL;
}

static void client_start(struct client *client, char *(*run)(const char *), const char *text)
{
	*client = (struct client){ .run = run, .text = text };
	client->thread = g_thread_new("client", client_thread, client);
}

/* Runs the server until the client is done; returns what it got. */
static char *client_finish(struct client *client)
{
	while (!g_atomic_int_get(&client->done))
		g_main_context_iteration(NULL, TRUE);
	g_thread_join(client->thread);
	return client->result;
}

static void check_client(char *(*run)(const char *), const char *text, const char *expected)
{
	struct client client;
	g_autofree char *answer = NULL;

	client_start(&client, run, text);
	answer = client_finish(&client);
	ck_assert_str_eq(answer, expected);
}

static char *ask_open(const char *text)
{
	return client_ask(text, false);
}

static char *ask_half_closed(const char *text)
{
	return client_ask(text, true);
}

/* As clients do it that read just once. */
static char *ask_one_read(const char *text)
{
	int fd = client_connect();
	char buffer[2048] = "";

	send(fd, text, strlen(text), MSG_NOSIGNAL);
	if (recv(fd, buffer, sizeof(buffer) - 1, 0) < 0)
		buffer[0] = '\0';
	close(fd);
	return g_strdup(buffer);
}

static char *ask_bytewise(const char *text)
{
	int fd = client_connect();

	for (; *text != '\0'; text++) {
		send(fd, text, 1, MSG_NOSIGNAL);
		g_usleep(3000);
	}
	return client_read(fd);
}

/* Closes at once, or while the answer is on its way. */
static char *ask_and_leave(const char *text)
{
	int fd = client_connect();

	send(fd, text, strlen(text), MSG_NOSIGNAL);
	close(fd);
	return g_strdup("");
}

static const struct {
	const char *text;
	const char *answer;
} answer_rows[] = {
	{ ADD, "{\"return\":{\"id\":8080}}" },
	{ LIST, LIST_ANSWER },
	{ LIST "\n", LIST_ANSWER },
	{ LIST LIST, LIST_ANSWER },
	{ STATUS, "{\"return\":{\"text\":\"\"}}" },
	{ "{\"execute\":\"stop\"}", "{\"return\":{}}" },
	{ "{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":9}}",
	  ERROR("not_found", "no forward 9") },
	{ "{\"execute\":\"remove_hostfwd\"}",
	  ERROR("usage", "bad request: remove_hostfwd: bad arguments.id") },
	{ "{\"execute\":\"bad\"}", ERROR("usage", "bad request: unknown execute") },
	{ "badjson\n", NO_JSON },
	{ "[[[[", NO_JSON },
	{ "[1]", ERROR("usage", "bad request: json_object() failed") },
	{ "{}", ERROR("usage", "bad request: no execute found") },
};

START_TEST(answers)
{
	const char *text = answer_rows[_i].text;

	check_client(ask_half_closed, text, answer_rows[_i].answer);
	check_client(ask_open, text, answer_rows[_i].answer);
	check_client(ask_one_read, text, answer_rows[_i].answer);
	check_client(ask_bytewise, text, answer_rows[_i].answer);
}
END_TEST

/* What is cut off is refused at its end, not after the deadline. */
START_TEST(refuses_incomplete_at_end)
{
	gint64 start = g_get_monotonic_time();

	check_client(ask_half_closed, "", NO_JSON);
	check_client(ask_half_closed, "{\"execute\":", NO_JSON);
	ck_assert_int_lt(g_get_monotonic_time() - start, 2 * G_USEC_PER_SEC);
}
END_TEST

/* A silent client and one that stops half-way wait for the deadline; others don't wait for them. */
START_TEST(times_out)
{
	static const char expected[] =
		ERROR("timeout", "bad request: timed out before the request was complete");
	gint64 start = g_get_monotonic_time();
	struct client silent, halfway;
	g_autofree char *silent_answer = NULL;
	g_autofree char *halfway_answer = NULL;

	client_start(&silent, ask_open, "");
	client_start(&halfway, ask_open, "{\"execute\":");
	for (int i = 0; i < 20; i++)
		check_client(ask_open, LIST, LIST_ANSWER);
	ck_assert_int_lt(g_get_monotonic_time() - start, 2 * G_USEC_PER_SEC);
	silent_answer = client_finish(&silent);
	halfway_answer = client_finish(&halfway);
	ck_assert_int_gt(g_get_monotonic_time() - start, 4 * G_USEC_PER_SEC);
	ck_assert_int_lt(g_get_monotonic_time() - start, 9 * G_USEC_PER_SEC);
	ck_assert_str_eq(silent_answer, expected);
	ck_assert_str_eq(halfway_answer, expected);
}
END_TEST

START_TEST(refuses_huge_object)
{
	g_autofree char *filling = g_strnfill(100000, 'x');
	g_autofree char *text = g_strdup_printf("{\"execute\":\"%s\"}", filling);

	check_client(ask_half_closed, text, TOO_LARGE);
	check_client(ask_open, text, TOO_LARGE);
}
END_TEST

/* Writes zeros until nobody takes them any more. */
static char *ask_endlessly(const char *text)
{
	int fd = client_connect();
	char zeros[4096] = "";

	(void)text;
	while (send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL) > 0)
		;
	if (errno != EPIPE)
		g_error("send: %s", g_strerror(errno));
	return client_read(fd);
}

START_TEST(refuses_endless_garbage)
{
	check_client(ask_endlessly, NULL, TOO_LARGE);
}
END_TEST

#define CROWD 200

/* All connect and ask before the server has a chance to look. */
START_TEST(serves_crowd)
{
	int fds[CROWD];

	for (int i = 0; i < CROWD; i++) {
		fds[i] = client_connect();
		ck_assert_int_gt(send(fds[i], LIST, strlen(LIST), MSG_NOSIGNAL), 0);
	}
	while (fake.asked < CROWD)
		g_main_context_iteration(NULL, TRUE);
	for (int i = 0; i < CROWD; i++) {
		g_autofree char *answer = client_read(fds[i]);

		ck_assert_str_eq(answer, LIST_ANSWER);
	}
}
END_TEST

/* Silent clients, however many, never keep one that speaks from being served. */
START_TEST(serves_beside_silent_crowd)
{
	static const char evicted[] =
		ERROR("timeout",
		      "bad request: gave way to newer clients before the request was complete");
	int fds[CROWD];
	int turned_away = 0;

	for (int i = 0; i < CROWD; i++)
		fds[i] = client_connect();
	check_client(ask_open, LIST, LIST_ANSWER);
	for (int i = 0; i < CROWD; i++) {
		char buffer[256] = "";
		ssize_t length = recv(fds[i], buffer, sizeof(buffer) - 1, MSG_DONTWAIT);

		if (length > 0) {
			ck_assert_str_eq(buffer, evicted);
			turned_away++;
		}
		close(fds[i]);
	}
	ck_assert_int_eq(turned_away, CROWD - 64 + 1);
	check_client(ask_open, LIST, LIST_ANSWER);
}
END_TEST

static void answer_deferred(void)
{
	for (guint i = 0; i < fake.deferred->len; i++)
		control_reply_return(g_ptr_array_index(fake.deferred, i), NULL);
	g_ptr_array_set_size(fake.deferred, 0);
}

/* More than may be there at once leave before their reply: each gives its place back. */
START_TEST(forgets_clients_that_left)
{
	fake.defer = true;
	for (int i = 0; i < CROWD; i++) {
		struct client client;

		client_start(&client, ask_and_leave, ADD);
		g_free(client_finish(&client));
	}
	while (fake.asked < CROWD)
		g_main_context_iteration(NULL, TRUE);
	answer_deferred();
	fake.defer = false;
	check_client(ask_open, LIST, LIST_ANSWER);
}
END_TEST

/* When everyone waits for the session nobody is turned away for a newcomer. */
START_TEST(refuses_when_all_wait)
{
	struct client clients[64];

	fake.defer = true;
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
		client_start(&clients[i], i % 2 == 0 ? ask_open : ask_half_closed, ADD);
	while (fake.asked < ARRAY_SIZE(clients))
		g_main_context_iteration(NULL, TRUE);
	check_client(ask_open, LIST,
		     ERROR("timeout", "64 clients are waiting for answers already: try again"));
	answer_deferred();
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		g_autofree char *answer = client_finish(&clients[i]);

		ck_assert_str_eq(answer, "{\"return\":{}}");
	}
}
END_TEST

START_TEST(reply_outlives_server)
{
	struct client client;
	g_autofree char *answer = NULL;

	fake.defer = true;
	client_start(&client, ask_open, ADD);
	while (fake.asked == 0)
		g_main_context_iteration(NULL, TRUE);
	control_server_free(server);
	server = NULL;
	answer_deferred();
	answer = client_finish(&client);
	ck_assert_str_eq(answer, "");
}
END_TEST

/* Reads nothing until the server has had time to fill the socket. */
static char *ask_and_dawdle(const char *text)
{
	int fd = client_connect();

	send(fd, text, strlen(text), MSG_NOSIGNAL);
	g_usleep(300 * 1000);
	return client_read(fd);
}

START_TEST(sends_large_answer)
{
	struct client client;
	g_autofree char *answer = NULL;

	fake.status_size = 3 * 1000 * 1000;
	client_start(&client, ask_and_dawdle, STATUS);
	answer = client_finish(&client);
	ck_assert_uint_eq(strlen(answer),
			  strlen("{\"return\":{\"text\":\"\"}}") + fake.status_size);
	ck_assert(g_str_has_suffix(answer, "x\"}}"));
}
END_TEST

/* Takes every descriptor below the limit; returns them for give_back_descriptors. */
static GArray *take_descriptors(void)
{
	GArray *taken = g_array_new(FALSE, FALSE, sizeof(int));
	int fd;

	while ((fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
		g_array_append_val(taken, fd);
	return taken;
}

static void give_back_descriptors(GArray *taken)
{
	for (guint i = 0; i < taken->len; i++)
		close(g_array_index(taken, int, i));
	g_array_unref(taken);
}

/* Without descriptors the server waits instead of spinning, and serves when it has some again. */
START_TEST(survives_lack_of_descriptors)
{
	struct rlimit limit = { .rlim_cur = 256, .rlim_max = 256 };
	int fd = client_connect();
	gint64 end = g_get_monotonic_time() + G_USEC_PER_SEC;
	g_autofree char *answer = NULL;
	unsigned int turns = 0;
	GArray *taken;

	ck_assert_int_gt(send(fd, LIST, strlen(LIST), MSG_NOSIGNAL), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	taken = take_descriptors();
	for (; g_get_monotonic_time() < end; turns++)
		g_main_context_iteration(NULL, TRUE);
	give_back_descriptors(taken);
	ck_assert_uint_eq(fake.asked, 0);
	ck_assert_uint_lt(turns, 50);
	while (fake.asked == 0)
		g_main_context_iteration(NULL, TRUE);
	answer = client_read(fd);
	ck_assert_str_eq(answer, LIST_ANSWER);
}
END_TEST

START_TEST(keeps_file_private)
{
	struct stat status;

	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert(S_ISSOCK(status.st_mode));
	control_server_free(server);
	server = NULL;
	ck_assert_int_eq(stat(path, &status), -1);
}
END_TEST

/* A second server takes the path over, and the first leaves the file of the second alone. */
START_TEST(replaces_file)
{
	struct control_server *second = control_server_new(path, &fake_ops, &fake, NULL);

	ck_assert_ptr_nonnull(second);
	control_server_free(server);
	server = second;
	check_client(ask_open, LIST, LIST_ANSWER);
}
END_TEST

START_TEST(refuses_bad_path)
{
	g_autofree char *name = g_strnfill(120, 'x');
	g_autofree char *too_long = g_build_filename(directory, name, NULL);
	g_autofree char *missing = g_build_filename(directory, "missing", "x", NULL);
	GError *error = NULL;

	ck_assert_ptr_null(control_server_new(too_long, &fake_ops, &fake, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "too long"));
	g_clear_error(&error);
	ck_assert_ptr_null(control_server_new(missing, &fake_ops, &fake, &error));
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_NOT_FOUND);
	g_clear_error(&error);
	ck_assert_ptr_null(control_server_new(directory, &fake_ops, &fake, &error));
	g_clear_error(&error);
}
END_TEST

static Suite *control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *group = tcase_create("control");

	tcase_add_checked_fixture(group, set_up, tear_down);
	tcase_set_timeout(group, 30);
	tcase_add_loop_test(group, answers, 0, ARRAY_SIZE(answer_rows));
	tcase_add_test(group, refuses_incomplete_at_end);
	tcase_add_test(group, times_out);
	tcase_add_test(group, refuses_huge_object);
	tcase_add_test(group, refuses_endless_garbage);
	tcase_add_test(group, serves_crowd);
	tcase_add_test(group, serves_beside_silent_crowd);
	tcase_add_test(group, forgets_clients_that_left);
	tcase_add_test(group, refuses_when_all_wait);
	tcase_add_test(group, reply_outlives_server);
	tcase_add_test(group, sends_large_answer);
	tcase_add_test(group, survives_lack_of_descriptors);
	tcase_add_test(group, keeps_file_private);
	tcase_add_test(group, replaces_file);
	tcase_add_test(group, refuses_bad_path);
	suite_add_tcase(suite, group);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(control_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
