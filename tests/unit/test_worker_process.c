/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of session/worker_process: started as the worker, this program does as it is configured. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "session/worker_process.h"
#include "session/worker_spawn.h"

#define TIMEOUT_US (10 * G_USEC_PER_SEC)
#define FINAL_STATUS 42

/* What the worker is to do. */
struct orders {
	int refuse;	   /* errno value to answer the configuration with */
	bool die_at_once;  /* before it answers that */
	bool final;	   /* end with the final status when it is asked something */
	bool nonsense;	   /* answer that with what no worker says */
	char expected[32]; /* content of the descriptor that it is given */
};

/* -- as the worker -- */

static void answer(uint32_t serial, int32_t error)
{
	const struct {
		struct message_header header;
		struct message_result result;
	} packet = { { MESSAGE_RESULT, serial }, { error } };

	descriptor_send(WORKER_SOCKET_DESCRIPTOR, &packet, sizeof(packet), NULL, 0);
}

static int configuration_error(const struct orders *orders, int file)
{
	char content[sizeof(orders->expected)] = "";

	if (orders->refuse)
		return orders->refuse;
	if (pread(file, content, sizeof(content) - 1, 0) < 0)
		return EBADF;
	return strcmp(content, orders->expected) == 0 ? 0 : EILSEQ;
}

static int be_worker(void)
{
	struct {
		struct message_header header;
		struct orders orders;
	} packet;
	struct orders orders;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;

	if (descriptor_receive(WORKER_SOCKET_DESCRIPTOR, &packet, sizeof(packet), fds, &count) !=
		    sizeof(packet) ||
	    packet.header.type != MESSAGE_SUPERVISE)
		return EXIT_FAILURE;
	orders = packet.orders;
	if (orders.die_at_once)
		return EXIT_FAILURE;
	answer(packet.header.serial, configuration_error(&orders, fds[0]));
	while (descriptor_receive(WORKER_SOCKET_DESCRIPTOR, &packet, sizeof(packet), fds, &count) >
	       0) {
		if (orders.final)
			return FINAL_STATUS;
		answer(packet.header.serial + orders.nonsense, 0);
	}
	return EXIT_SUCCESS;
}

/* -- as the session -- */

static const struct worker_kind kind = {
	.process = "test-worker",
	.argument = "--worker",
	.words = "the test's worker",
	.first = MESSAGE_SUPERVISE,
	.config_size = sizeof(struct orders),
	.status = MESSAGE_SUPERVISOR_STATUS,
	.pause_max_ms = 5000,
	.final_status = FINAL_STATUS,
	.final_words = "it is over",
};

static struct orders orders;
static struct worker_process *worker;
static unsigned int replaced, prepared, answered, failed;
static int file;

static void on_replaced(void *data)
{
	ck_assert_ptr_eq(data, &orders);
	ck_assert_uint_eq(prepared, replaced + 1);
	replaced++;
}

static void on_prepare(void *data)
{
	ck_assert_ptr_eq(data, &orders);
	prepared++;
}

static void on_answer(const struct worker_answer *result, void *data)
{
	ck_assert_ptr_eq(data, &orders);
	if (result->error)
		failed++;
	else
		answered++;
}

static bool start(GError **error)
{
	const struct worker_setup setup = {
		.config = &orders,
		.fds = { file },
		.count = 1,
		.prepare = on_prepare,
	};

	worker = worker_process_new(&kind, &setup, on_replaced, &orders, error);
	return worker && worker_process_settle(worker, 5000, error);
}

static void set_up(void)
{
	char name[] = "/tmp/worker.XXXXXX";

	orders = (struct orders){ .expected = "the same file" };
	replaced = prepared = answered = failed = 0;
	file = mkostemp(name, O_CLOEXEC);
	ck_assert_int_ge(file, 0);
	unlink(name);
	ck_assert_int_eq(write(file, "the same file", 13), 13);
}

static void tear_down(void)
{
	g_clear_pointer(&worker, worker_process_free);
	close(file);
}

static void ask(void)
{
	worker_process_request(worker, MESSAGE_FORWARD_ADD, NULL, 0, on_answer, &orders);
}

/* Lets the main loop go on until *counter has come to value. */
static void await(const unsigned int *counter, unsigned int value)
{
	gint64 deadline = g_get_monotonic_time() + TIMEOUT_US;

	while (*counter < value && g_get_monotonic_time() < deadline)
		g_main_context_iteration(NULL, FALSE);
	ck_assert_uint_eq(*counter, value);
}

START_TEST(answers)
{
	ck_assert(start(NULL));
	ck_assert_int_gt(worker_process_pid(worker), 0);
	ask();
	await(&answered, 1);
	ck_assert_uint_eq(worker_process_restarts(worker), 0);
}
END_TEST

/* With the same configuration and the same descriptor, or it would refuse. */
START_TEST(is_replaced_when_killed)
{
	pid_t before;

	ck_assert(start(NULL));
	for (unsigned int i = 1; i <= 3; i++) {
		before = worker_process_pid(worker);
		kill(before, SIGKILL);
		await(&replaced, i);
		ck_assert_int_ne(worker_process_pid(worker), before);
		ask();
		await(&answered, i);
	}
	ck_assert_uint_eq(worker_process_restarts(worker), 3);
}
END_TEST

START_TEST(is_replaced_within_milliseconds)
{
	gint64 begun;

	ck_assert(start(NULL));
	begun = g_get_monotonic_time();
	kill(worker_process_pid(worker), SIGKILL);
	await(&replaced, 1);
	ask();
	await(&answered, 1);
	ck_assert_int_le(g_get_monotonic_time() - begun, G_USEC_PER_SEC);
}
END_TEST

START_TEST(is_replaced_after_nonsense)
{
	orders.nonsense = true;
	ck_assert(start(NULL));
	ask();
	await(&failed, 1);
	await(&replaced, 1);
}
END_TEST

/* One that dies again and again is given ever more time. */
START_TEST(pauses_between_crashes)
{
	gint64 begun;

	ck_assert(start(NULL));
	begun = g_get_monotonic_time();
	for (unsigned int i = 1; i <= 4; i++) {
		kill(worker_process_pid(worker), SIGKILL);
		await(&replaced, i);
	}
	/* 0, 50, 100 and 200 ms */
	ck_assert_int_ge(g_get_monotonic_time() - begun, 340 * 1000);
}
END_TEST

START_TEST(final_end_is_final)
{
	orders.final = true;
	ck_assert(start(NULL));
	ask();
	await(&failed, 1);
	while (!worker_process_is_final(worker))
		g_main_context_iteration(NULL, TRUE);
	ask();
	ck_assert_uint_eq(failed, 2);
	ck_assert_int_eq(worker_process_pid(worker), 0);
	ck_assert_uint_eq(replaced, 0);
}
END_TEST

START_TEST(refusal_is_an_error)
{
	g_autoptr(GError) error = NULL;

	orders.refuse = EACCES;
	ck_assert(!start(&error));
	ck_assert_str_eq(error->message,
			 "the test's worker refused its configuration: Permission denied");
}
END_TEST

START_TEST(early_death_is_an_error)
{
	g_autoptr(GError) error = NULL;

	orders.die_at_once = true;
	ck_assert(!start(&error));
	ck_assert_str_eq(error->message,
			 "the test's worker ended with status 1 while it was being set up");
	ck_assert_uint_eq(replaced, 0);
}
END_TEST

static int run_tests(void)
{
	Suite *suite = suite_create("worker_process");
	TCase *cases = tcase_create("process");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_set_timeout(cases, 30);
	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, answers);
	tcase_add_test(cases, is_replaced_when_killed);
	tcase_add_test(cases, is_replaced_within_milliseconds);
	tcase_add_test(cases, is_replaced_after_nonsense);
	tcase_add_test(cases, pauses_between_crashes);
	tcase_add_test(cases, final_end_is_final);
	tcase_add_test(cases, refusal_is_an_error);
	tcase_add_test(cases, early_death_is_an_error);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--worker") == 0)
		return be_worker();
	return run_tests();
}
