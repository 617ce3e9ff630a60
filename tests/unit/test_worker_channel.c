/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of session/worker_channel: this program plays the worker at the socket's other end. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "session/worker_channel.h"

static struct {
	struct worker_channel *channel;
	int worker; /* the worker's end */
	unsigned int broken;
	const char *why;
	bool free_when_broken;
	bool supervisor; /* which kind the worker is of */
	/* Of the last answer. */
	unsigned int answers;
	unsigned int errors;
	int result;
	uint32_t flows;
	uint64_t frames_in;
	char state[16];
	bool got_status;
	uint32_t waiting;
} world;

static void broken(const char *why, void *data)
{
	ck_assert_ptr_eq(data, &world);
	world.broken++;
	world.why = why;
	if (world.free_when_broken)
		g_clear_pointer(&world.channel, worker_channel_free);
}

static void note_status(const struct engine_status *status)
{
	const struct flow *flows = (const struct flow *)(status + 1);

	world.flows = status->flows_sent;
	world.frames_in = status->counters.value[COUNTER_frames_in];
	if (world.flows > 0)
		g_strlcpy(world.state, flows[world.flows - 1].state, sizeof(world.state));
}

static void answered(const struct worker_answer *answer, void *data)
{
	ck_assert_ptr_eq(data, &world);
	world.answers++;
	if (answer->error)
		world.errors++;
	world.result = answer->result;
	world.got_status = answer->status != NULL;
	if (answer->status && !world.supervisor)
		note_status(answer->status);
	if (answer->status && world.supervisor)
		world.waiting = ((const struct supervisor_status *)answer->status)->waiting;
}

static void set_up_kind(const struct worker_kind *kind)
{
	int pair[2];

	memset(&world, 0, sizeof(world));
	ck_assert_int_eq(descriptor_pair(pair), 0);
	world.worker = pair[1];
	world.channel = worker_channel_new(kind, pair[0], broken, &world);
}

static void set_up(void)
{
	set_up_kind(&worker_kind_engine);
}

static void tear_down(void)
{
	worker_channel_free(world.channel);
	descriptor_close(&world.worker);
}

static void ask(enum message_type type)
{
	worker_channel_request(world.channel, type, NULL, 0, NULL, 0, answered, &world);
}

/* Reads the next request as the worker does; returns its serial. */
static uint32_t take_request(enum message_type type)
{
	struct message_header header;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;

	ck_assert_int_eq(descriptor_receive(world.worker, &header, sizeof(header), fds, &count),
			 sizeof(header));
	ck_assert_uint_eq(header.type, type);
	return header.serial;
}

/* Lets the channel deal with what was sent to it. */
static void turn(void)
{
	for (unsigned int i = 0; i < 20; i++)
		g_main_context_iteration(NULL, FALSE);
}

/* An answer of the worker, with room for everything that may be wrong with it. */
static struct {
	struct message_header header;
	union {
		struct message_result result;
		struct {
			struct engine_status status;
			struct flow flows[FLOWS_PER_STATUS + 1];
		};
		struct supervisor_status supervisor;
	};
} packet;

static void send_packet(size_t length)
{
	ck_assert_int_eq(descriptor_send(world.worker, &packet, length, NULL, 0), 0);
	turn();
}

#define RESULT_LENGTH (sizeof(struct message_header) + sizeof(struct message_result))
#define STATUS_LENGTH(flows)                                                                       \
	(sizeof(struct message_header) + sizeof(struct engine_status) +                            \
	 (flows) * sizeof(struct flow))

static void prepare_result(uint32_t serial, int32_t error)
{
	memset(&packet, 0, sizeof(packet));
	packet.header.type = MESSAGE_RESULT;
	packet.header.serial = serial;
	packet.result.error = error;
}

static void prepare_status(uint32_t serial, uint32_t flows)
{
	memset(&packet, 0, sizeof(packet));
	packet.header.type = MESSAGE_STATUS_REPLY;
	packet.header.serial = serial;
	packet.status.counters.value[COUNTER_frames_in] = 42;
	packet.status.flows_sent = flows;
	packet.status.flows_total = flows;
	strcpy(packet.status.slirp_version, "4.7.0");
	for (uint32_t i = 0; i < flows; i++)
		strcpy(packet.flows[i].state, "ESTABLISHED");
}

START_TEST(answers_in_order)
{
	uint32_t first, second;

	ask(MESSAGE_DNS_SERVERS);
	ask(MESSAGE_FORWARD_ADD);
	first = take_request(MESSAGE_DNS_SERVERS);
	second = take_request(MESSAGE_FORWARD_ADD);
	ck_assert_uint_ne(first, second);
	prepare_result(first, 0);
	send_packet(RESULT_LENGTH);
	ck_assert_uint_eq(world.answers, 1);
	ck_assert(worker_channel_busy(world.channel));
	prepare_result(second, EADDRINUSE);
	send_packet(RESULT_LENGTH);
	ck_assert_uint_eq(world.answers, 2);
	ck_assert_int_eq(world.result, EADDRINUSE);
	ck_assert(!worker_channel_busy(world.channel));
	ck_assert_uint_eq(world.errors + world.broken, 0);
}
END_TEST

START_TEST(status_comes_whole)
{
	ask(MESSAGE_STATUS);
	prepare_status(take_request(MESSAGE_STATUS), FLOWS_PER_STATUS);
	send_packet(STATUS_LENGTH(FLOWS_PER_STATUS));
	ck_assert_uint_eq(world.broken, 0);
	ck_assert_uint_eq(world.flows, FLOWS_PER_STATUS);
	ck_assert_uint_eq(world.frames_in, 42);
	ck_assert_str_eq(world.state, "ESTABLISHED");
}
END_TEST

START_TEST(descriptors_go_along)
{
	struct message_header header;
	int fds[DESCRIPTORS_PER_MESSAGE];
	int sent[DESCRIPTORS_PER_MESSAGE];
	size_t count;

	for (size_t i = 0; i < ARRAY_SIZE(sent); i++)
		sent[i] = STDERR_FILENO;
	worker_channel_request(world.channel, MESSAGE_SUPERVISE, NULL, 0, sent, ARRAY_SIZE(sent),
			       answered, &world);
	ck_assert_int_gt(descriptor_receive(world.worker, &header, sizeof(header), fds, &count), 0);
	ck_assert_uint_eq(count, ARRAY_SIZE(sent));
	for (size_t i = 0; i < count; i++)
		descriptor_close(&fds[i]);
}
END_TEST

/* More than a socket holds: the rest waits its turn, and nothing is lost. */
START_TEST(waits_for_full_socket)
{
	static const char body[30000];
	static char received[sizeof(struct message_header) + sizeof(body)];
	const unsigned int requests = 100;
	struct message_header header;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;

	for (unsigned int i = 0; i < requests; i++)
		worker_channel_request(world.channel, MESSAGE_FORWARD_ADD, body, sizeof(body), NULL,
				       0, answered, &world);
	for (unsigned int i = 0; i < requests; i++) {
		ck_assert_int_eq(
			descriptor_receive(world.worker, received, sizeof(received), fds, &count),
			sizeof(received));
		memcpy(&header, received, sizeof(header));
		prepare_result(header.serial, 0);
		send_packet(RESULT_LENGTH);
	}
	ck_assert_uint_eq(world.answers, requests);
	ck_assert_uint_eq(world.broken, 0);
}
END_TEST

START_TEST(hang_up_fails_requests)
{
	ask(MESSAGE_STATUS);
	ask(MESSAGE_FORWARD_ADD);
	descriptor_close(&world.worker);
	turn();
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_ptr_null(world.why);
	ck_assert_uint_eq(world.answers, 0);
	worker_channel_free(g_steal_pointer(&world.channel));
	ck_assert_uint_eq(world.answers, 2);
	ck_assert_uint_eq(world.errors, 2);
}
END_TEST

START_TEST(may_be_freed_when_broken)
{
	world.free_when_broken = true;
	ask(MESSAGE_STATUS);
	descriptor_close(&world.worker);
	turn();
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_uint_eq(world.errors, 1);
}
END_TEST

/* -- the supervisor's answers -- */

static void become_supervisor(void)
{
	tear_down();
	set_up_kind(&worker_kind_supervisor);
	world.supervisor = true;
}

static void prepare_supervisor_status(uint32_t serial)
{
	memset(&packet, 0, sizeof(packet));
	packet.header.type = MESSAGE_SUPERVISOR_STATUS;
	packet.header.serial = serial;
	packet.supervisor.waiting = 17;
}

#define SUPERVISOR_LENGTH (sizeof(struct message_header) + sizeof(struct supervisor_status))

START_TEST(takes_supervisor_status)
{
	become_supervisor();
	ask(MESSAGE_STATUS);
	prepare_supervisor_status(take_request(MESSAGE_STATUS));
	send_packet(SUPERVISOR_LENGTH);
	ck_assert_uint_eq(world.broken, 0);
	ck_assert(world.got_status);
	ck_assert_uint_eq(world.waiting, 17);
}
END_TEST

static const size_t bad_lengths[] = {
	sizeof(struct message_header),
	SUPERVISOR_LENGTH - 1,
	SUPERVISOR_LENGTH + 1,
	STATUS_LENGTH(1),
};

START_TEST(refuses_malformed_supervisor_status)
{
	become_supervisor();
	ask(MESSAGE_STATUS);
	prepare_supervisor_status(take_request(MESSAGE_STATUS));
	send_packet(bad_lengths[_i]);
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_ptr_nonnull(world.why);
	ck_assert_uint_eq(world.answers, 0);
}
END_TEST

/* A supervisor that answers as an engine is none. */
START_TEST(refuses_status_of_other_kind)
{
	become_supervisor();
	ask(MESSAGE_STATUS);
	prepare_status(take_request(MESSAGE_STATUS), 0);
	send_packet(STATUS_LENGTH(0));
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_uint_eq(world.answers, 0);
}
END_TEST

/* -- what no worker says -- */

static size_t wrong_serial(void)
{
	packet.header.serial++;
	return STATUS_LENGTH(2);
}

static size_t wrong_type(void)
{
	packet.header.type = MESSAGE_RESULT;
	return RESULT_LENGTH;
}

static size_t unknown_type(void)
{
	packet.header.type = 99;
	return STATUS_LENGTH(2);
}

static size_t half_a_header(void)
{
	return sizeof(struct message_header) / 2;
}

static size_t only_a_header(void)
{
	return sizeof(struct message_header);
}

static size_t too_short(void)
{
	return STATUS_LENGTH(2) - 1;
}

static size_t too_long(void)
{
	return STATUS_LENGTH(2) + 1;
}

static size_t more_flows_than_sent(void)
{
	packet.status.flows_sent = packet.status.flows_total = 3;
	return STATUS_LENGTH(2);
}

static size_t flows_that_overflow(void)
{
	packet.status.flows_sent = packet.status.flows_total = UINT32_MAX;
	return STATUS_LENGTH(2);
}

static size_t more_flows_than_allowed(void)
{
	packet.status.flows_sent = packet.status.flows_total = FLOWS_PER_STATUS + 1;
	return STATUS_LENGTH(FLOWS_PER_STATUS + 1);
}

static size_t fewer_flows_in_total(void)
{
	packet.status.flows_total = 1;
	return STATUS_LENGTH(2);
}

static size_t version_without_end(void)
{
	memset(packet.status.slirp_version, '4', sizeof(packet.status.slirp_version));
	return STATUS_LENGTH(2);
}

static size_t version_that_drives_terminals(void)
{
	strcpy(packet.status.slirp_version, "\033[2J");
	return STATUS_LENGTH(2);
}

static size_t state_without_end(void)
{
	memset(packet.flows[1].state, 'E', sizeof(packet.flows[1].state));
	return STATUS_LENGTH(2);
}

static size_t unknown_family(void)
{
	packet.flows[1].remote.address.family = 77;
	return STATUS_LENGTH(2);
}

static size_t (*const spoilers[])(void) = {
	wrong_serial,
	wrong_type,
	unknown_type,
	half_a_header,
	only_a_header,
	too_short,
	too_long,
	more_flows_than_sent,
	flows_that_overflow,
	more_flows_than_allowed,
	fewer_flows_in_total,
	version_without_end,
	version_that_drives_terminals,
	state_without_end,
	unknown_family,
};

START_TEST(refuses_malformed_status)
{
	ask(MESSAGE_STATUS);
	prepare_status(take_request(MESSAGE_STATUS), 2);
	send_packet(spoilers[_i]());
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_ptr_nonnull(world.why);
	ck_assert_uint_eq(world.answers, 0);
}
END_TEST

static const int32_t bad_results[] = { -1, INT32_MIN, 4096, INT32_MAX };

START_TEST(refuses_malformed_result)
{
	ask(MESSAGE_FORWARD_ADD);
	prepare_result(take_request(MESSAGE_FORWARD_ADD), bad_results[_i]);
	send_packet(RESULT_LENGTH);
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_ptr_nonnull(world.why);
	ck_assert_uint_eq(world.answers, 0);
}
END_TEST

START_TEST(refuses_unasked_answer)
{
	prepare_result(1, 0);
	send_packet(RESULT_LENGTH);
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_ptr_nonnull(world.why);
}
END_TEST

START_TEST(refuses_descriptors)
{
	const int sent[] = { STDERR_FILENO };
	int before = dup(STDERR_FILENO), after;

	close(before);
	ask(MESSAGE_FORWARD_ADD);
	prepare_result(take_request(MESSAGE_FORWARD_ADD), 0);
	ck_assert_int_eq(descriptor_send(world.worker, &packet, RESULT_LENGTH, sent, 1), 0);
	turn();
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_uint_eq(world.answers, 0);
	/* Nothing of it stays: the channel's own socket is closed, too. */
	after = dup(STDERR_FILENO);
	ck_assert_int_le(after, before);
	close(after);
}
END_TEST

START_TEST(refuses_oversized_packet)
{
	static char big[MESSAGE_MAX + 1];

	ck_assert_int_eq(descriptor_send(world.worker, big, sizeof(big), NULL, 0), 0);
	turn();
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_ptr_nonnull(world.why);
}
END_TEST

START_TEST(gives_up_on_hanging_worker)
{
	gint64 started = g_get_monotonic_time();
	gint64 waited;

	ask(MESSAGE_STATUS);
	while (world.broken == 0 && g_get_monotonic_time() - started < 10 * G_USEC_PER_SEC)
		g_main_context_iteration(NULL, TRUE);
	waited = (g_get_monotonic_time() - started) / 1000;
	ck_assert_uint_eq(world.broken, 1);
	ck_assert_ptr_nonnull(world.why);
	ck_assert_int_ge(waited, WORKER_ANSWER_TIMEOUT_MS - 10);
	ck_assert_int_le(waited, WORKER_ANSWER_TIMEOUT_MS + 2000);
}
END_TEST

/* This process was stopped for a while, the worker was not. */
START_TEST(finds_late_answer_in_socket)
{
	ask(MESSAGE_FORWARD_ADD);
	prepare_result(take_request(MESSAGE_FORWARD_ADD), 0);
	ck_assert_int_eq(descriptor_send(world.worker, &packet, RESULT_LENGTH, NULL, 0), 0);
	g_usleep((WORKER_ANSWER_TIMEOUT_MS + 100) * 1000);
	turn();
	ck_assert_uint_eq(world.broken, 0);
	ck_assert_uint_eq(world.answers, 1);
}
END_TEST

static void add_tests(TCase *cases)
{
	tcase_add_test(cases, answers_in_order);
	tcase_add_test(cases, status_comes_whole);
	tcase_add_test(cases, descriptors_go_along);
	tcase_add_test(cases, waits_for_full_socket);
	tcase_add_test(cases, hang_up_fails_requests);
	tcase_add_test(cases, may_be_freed_when_broken);
	tcase_add_test(cases, takes_supervisor_status);
	tcase_add_loop_test(cases, refuses_malformed_supervisor_status, 0, ARRAY_SIZE(bad_lengths));
	tcase_add_test(cases, refuses_status_of_other_kind);
	tcase_add_loop_test(cases, refuses_malformed_status, 0, ARRAY_SIZE(spoilers));
	tcase_add_loop_test(cases, refuses_malformed_result, 0, ARRAY_SIZE(bad_results));
	tcase_add_test(cases, refuses_unasked_answer);
	tcase_add_test(cases, refuses_descriptors);
	tcase_add_test(cases, refuses_oversized_packet);
	tcase_add_test(cases, gives_up_on_hanging_worker);
	tcase_add_test(cases, finds_late_answer_in_socket);
}

int main(void)
{
	Suite *suite = suite_create("worker_channel");
	TCase *cases = tcase_create("channel");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_set_timeout(cases, 30);
	add_tests(cases);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
