/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/engine: the process, and what it answers to a session, good or bad. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/capture.h"
#include "base/descriptor.h"
#include "base/message.h"
#include "slirp-glue/engine.h"
#include "slirp-glue/version.h"
#include "tests/unit/packets.h"

#define DEADLINE_MS 20000

static int session = -1;   /* our end of the engine's socket */
static int container = -1; /* and of its link */
static int engine_link = -1;
static int capture = -1; /* descriptor for the engine, or -1 */
static pid_t engine;
static struct engine_config config;
static uint32_t serial;

struct answer {
	struct message_header header;
	union {
		struct message_result result;
		struct engine_status status;
		uint8_t bytes[MESSAGE_MAX];
	};
	size_t length; /* of the body */
};

static struct answer answer;

/* Starts the process. */
static void setup(void)
{
	int socket[2], link[2];

	ck_assert(network_plan(NULL, NULL, true, 1500, &config.network, NULL));
	config.link = LINK_SOCKET;
	config.host_loopback = true;
	config.flows_max = 100;
	capture = -1;
	serial = 0;
	ck_assert_int_eq(descriptor_pair(socket), 0);
	ck_assert_int_eq(descriptor_pair(link), 0);
	engine = fork();
	ck_assert_int_ge(engine, 0);
	if (engine == 0) {
		close(socket[0]);
		close(link[0]);
		close(link[1]);
		_exit(engine_run(socket[1]));
	}
	close(socket[1]);
	session = socket[0];
	container = link[0];
	engine_link = link[1];
}

static void teardown(void)
{
	descriptor_close(&session);
	descriptor_close(&container);
	descriptor_close(&engine_link);
	descriptor_close(&capture);
}

/* Waits for the process to end; it may have left answers behind. */
static int exit_status(void)
{
	static uint8_t rest[MESSAGE_MAX];
	int status;
	ssize_t length = session >= 0;

	while (length > 0) {
		ck_assert_int_eq(descriptor_wait_readable(session, DEADLINE_MS), 0);
		length = recv(session, rest, sizeof(rest), 0);
	}
	ck_assert_int_eq(waitpid(engine, &status, 0), engine);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void send_bytes(const void *bytes, size_t length)
{
	ck_assert_int_eq(descriptor_send(session, bytes, length, NULL, 0), 0);
}

/* Sends a request with a body of length bytes. Returns its serial. */
static uint32_t request(uint32_t type, const void *body, size_t length)
{
	static uint8_t bytes[MESSAGE_MAX + 16];
	struct message_header header = { type, ++serial };

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), body, length);
	send_bytes(bytes, sizeof(header) + length);
	return serial;
}

static void expect_answer(uint32_t type, uint32_t expected)
{
	static uint8_t bytes[MESSAGE_MAX];
	ssize_t length;

	ck_assert_int_eq(descriptor_wait_readable(session, DEADLINE_MS), 0);
	length = recv(session, bytes, sizeof(bytes), 0);
	ck_assert_int_ge(length, (ssize_t)sizeof(answer.header));
	memcpy(&answer.header, bytes, sizeof(answer.header));
	answer.length = (size_t)length - sizeof(answer.header);
	memcpy(answer.bytes, bytes + sizeof(answer.header), answer.length);
	ck_assert_uint_eq(answer.header.type, type);
	ck_assert_uint_eq(answer.header.serial, expected);
}

static int ask(uint32_t type, const void *body, size_t length)
{
	expect_answer(MESSAGE_RESULT, request(type, body, length));
	ck_assert_uint_eq(answer.length, sizeof(answer.result));
	return answer.result.error;
}

static void configure(void)
{
	struct {
		struct message_header header;
		struct engine_config config;
	} message = { { MESSAGE_CONFIGURE, 4711 }, config };
	int fds[] = { engine_link, capture };

	ck_assert_int_eq(
		descriptor_send(session, &message, sizeof(message), fds, capture >= 0 ? 2 : 1), 0);
	descriptor_close(&engine_link);
	expect_answer(MESSAGE_RESULT, 4711);
	ck_assert_int_eq(answer.result.error, 0);
}

/* The container's question for the gateway's hardware address is answered. */
static void assert_alive(void)
{
	static struct packet_bytes packet;
	uint8_t bytes[2000];
	ssize_t length;

	packet_make_arp(&packet, 1);
	ck_assert_int_eq(send(container, packet.data, packet.length, MSG_NOSIGNAL), packet.length);
	do {
		ck_assert_int_eq(descriptor_wait_readable(container, DEADLINE_MS), 0);
		length = recv(container, bytes, sizeof(bytes), 0);
		ck_assert_int_ge(length, 14);
	} while (packet_get16(bytes + 12) != 0x0806);
	ck_assert_uint_eq(packet_get16(bytes + 14 + 6), 2);
}

static void end_session(void)
{
	descriptor_close(&session);
	ck_assert_int_eq(exit_status(), EXIT_SUCCESS);
}

START_TEST(configured_it_works_until_the_session_ends)
{
	configure();
	assert_alive();
	end_session();
}
END_TEST

START_TEST(link_is_lost)
{
	configure();
	assert_alive();
	descriptor_close(&container);
	ck_assert_int_eq(exit_status(), ENGINE_EXIT_LINK_LOST);
}
END_TEST

START_TEST(status_is_told)
{
	configure();
	assert_alive();
	expect_answer(MESSAGE_STATUS_REPLY, request(MESSAGE_STATUS, "", 0));
	ck_assert_uint_eq(answer.length, sizeof(answer.status));
	ck_assert_uint_eq(answer.status.counters.value[COUNTER_frames_in], 1);
	ck_assert_uint_ge(answer.status.counters.value[COUNTER_frames_out], 1);
	ck_assert_uint_eq(answer.status.flows_total, 0);
	ck_assert_uint_eq(answer.status.flows_sent, 0);
	ck_assert_uint_eq(answer.status.sandbox & (SANDBOX_CAPS | SANDBOX_FILTER | SANDBOX_LIMITS),
			  SANDBOX_CAPS | SANDBOX_FILTER | SANDBOX_LIMITS);
	ck_assert_str_eq(answer.status.slirp_version, slirp_glue_version());
	end_session();
}
END_TEST

/* A socket bound to the forward's host endpoint. Port 0 takes a free one, which is put there. */
static int take_port(struct forward *forward)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(&forward->host, &storage);
	int type = forward->protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	if (bind(fd, (struct sockaddr *)&storage, length) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 1) < 0)) {
		close(fd);
		return -1;
	}
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&storage, &length), 0);
	ck_assert(endpoint_from_sockaddr((struct sockaddr *)&storage, length, &forward->host));
	return fd;
}

START_TEST(forwards_come_and_go)
{
	struct forward forward = {
		.protocol = _i ? IPPROTO_UDP : IPPROTO_TCP,
		.host = { address_from_v4((struct in_addr){ htonl(INADDR_LOOPBACK) }), 0 },
		.guest = { .port = 80 },
	};
	int fd = take_port(&forward);

	configure();
	ck_assert_int_eq(ask(MESSAGE_FORWARD_ADD, &forward, sizeof(forward)), EADDRINUSE);
	close(fd);
	ck_assert_int_eq(ask(MESSAGE_FORWARD_ADD, &forward, sizeof(forward)), 0);
	ck_assert_int_eq(take_port(&forward), -1);
	ck_assert_int_eq(ask(MESSAGE_FORWARD_ADD, &forward, sizeof(forward)), EADDRINUSE);
	ck_assert_int_eq(ask(MESSAGE_FORWARD_REMOVE, &forward, sizeof(forward)), 0);
	fd = take_port(&forward);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(ask(MESSAGE_FORWARD_REMOVE, &forward, sizeof(forward)), ENOENT);
	end_session();
}
END_TEST

START_TEST(servers_are_taken)
{
	struct dns_servers servers = { .count = DNS_SERVERS_MAX };

	configure();
	ck_assert_int_eq(ask(MESSAGE_DNS_SERVERS, &servers, sizeof(servers)), 0);
	servers.count = DNS_SERVERS_MAX + 1;
	ck_assert_int_eq(ask(MESSAGE_DNS_SERVERS, &servers, sizeof(servers)), EINVAL);
	servers.count = UINT32_MAX;
	ck_assert_int_eq(ask(MESSAGE_DNS_SERVERS, &servers, sizeof(servers)), EINVAL);
	assert_alive();
	end_session();
}
END_TEST

START_TEST(bodies_of_the_wrong_length)
{
	static const struct {
		uint32_t type;
		size_t length;
	} rows[] = { { MESSAGE_FORWARD_ADD, sizeof(struct forward) },
		     { MESSAGE_FORWARD_REMOVE, sizeof(struct forward) },
		     { MESSAGE_DNS_SERVERS, sizeof(struct dns_servers) } };
	static const uint8_t body[MESSAGE_MAX];

	configure();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t length = 0; length < rows[i].length; length++)
			ck_assert_int_eq(ask(rows[i].type, body, length), EINVAL);
		ck_assert_int_eq(ask(rows[i].type, body, rows[i].length + 1), EINVAL);
		ck_assert_int_eq(ask(rows[i].type, body, 4000), EINVAL);
	}
	assert_alive();
	end_session();
}
END_TEST

START_TEST(unknown_types)
{
	static const uint32_t types[] = {
		0, MESSAGE_CONFIGURE, MESSAGE_RESULT, MESSAGE_STATUS_REPLY, 100, UINT32_MAX
	};

	configure();
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		ck_assert_int_eq(ask(types[i], "", 0), ENOSYS);
		ck_assert_int_eq(ask(types[i], &config, sizeof(config)), ENOSYS);
	}
	assert_alive();
	end_session();
}
END_TEST

START_TEST(packets_that_are_no_messages)
{
	static const uint8_t noise[MESSAGE_MAX + 1];

	configure();
	for (size_t length = 1; length < sizeof(struct message_header); length++)
		send_bytes(noise, length);
	send_bytes(noise, sizeof(noise));
	expect_answer(MESSAGE_STATUS_REPLY, request(MESSAGE_STATUS, "", 0));
	assert_alive();
	end_session();
}
END_TEST

/* Descriptors that nobody asked for are closed. */
START_TEST(unwanted_descriptors)
{
	struct message_header headers[] = { { MESSAGE_STATUS, 1 }, { 77, 2 } };
	int pipes[2], fds[4];
	char byte;

	configure();
	ck_assert_int_eq(pipe(pipes), 0);
	for (size_t i = 0; i < 4; i++)
		fds[i] = pipes[1];
	ck_assert_int_eq(descriptor_send(session, &headers[0], sizeof(headers[0]), fds, 4), 0);
	ck_assert_int_eq(descriptor_send(session, &headers[1], sizeof(headers[1]), fds, 1), 0);
	ck_assert_int_eq(descriptor_send(session, "x", 1, fds, 2), 0);
	close(pipes[1]);
	expect_answer(MESSAGE_STATUS_REPLY, 1);
	expect_answer(MESSAGE_RESULT, 2);
	ck_assert_int_eq(descriptor_wait_readable(pipes[0], DEADLINE_MS), 0);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 0);
	close(pipes[0]);
	end_session();
}
END_TEST

START_TEST(answers_in_order)
{
	uint32_t first = serial + 1;

	configure();
	for (int i = 0; i < 40; i++)
		request(i % 2 ? MESSAGE_STATUS : 999, "", 0);
	for (uint32_t i = 0; i < 40; i++)
		expect_answer(i % 2 ? MESSAGE_STATUS_REPLY : MESSAGE_RESULT, first + i);
	end_session();
}
END_TEST

/* Frames don't wait for a session that asks and asks, and never listens. */
START_TEST(session_that_does_not_read)
{
	configure();
	for (int i = 0; i < 3000; i++)
		request(MESSAGE_STATUS, "", 0);
	assert_alive();
	end_session();
}
END_TEST

START_TEST(capture_is_written)
{
	struct stat status;

	capture = memfd_create("capture", MFD_CLOEXEC);
	ck_assert_int_ge(capture, 0);
	ck_assert_int_eq(capture_begin(capture), 0);
	configure();
	assert_alive();
	end_session();
	ck_assert_int_eq(fstat(capture, &status), 0);
	/* A header, and two frames with one each. */
	ck_assert_int_ge(status.st_size, 24 + 2 * (16 + 42));
}
END_TEST

/* Without a configuration there is nothing to do. */

START_TEST(session_ends_at_once)
{
	descriptor_close(&session);
	ck_assert_int_eq(exit_status(), EXIT_FAILURE);
}
END_TEST

START_TEST(first_message_is_another)
{
	static const struct {
		uint32_t type;
		size_t length;
		bool descriptor;
	} rows[] = {
		{ MESSAGE_STATUS, 0, false },
		{ MESSAGE_CONFIGURE, 0, true },
		{ MESSAGE_CONFIGURE, sizeof(config) - 1, true },
		{ MESSAGE_CONFIGURE, sizeof(config) + 1, true },
		{ MESSAGE_CONFIGURE, sizeof(config), false },
		{ MESSAGE_RESULT, sizeof(config), true },
	};
	uint8_t bytes[sizeof(struct message_header) + sizeof(config) + 1] = { 0 };

	memcpy(bytes, &rows[_i].type, sizeof(rows[_i].type));
	memcpy(bytes + sizeof(struct message_header), &config, sizeof(config));
	ck_assert_int_eq(descriptor_send(session, bytes,
					 sizeof(struct message_header) + rows[_i].length,
					 &engine_link, rows[_i].descriptor),
			 0);
	ck_assert_int_eq(exit_status(), EXIT_FAILURE);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *cases = tcase_create("engine");

	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, configured_it_works_until_the_session_ends);
	tcase_add_test(cases, link_is_lost);
	tcase_add_test(cases, status_is_told);
	tcase_add_loop_test(cases, forwards_come_and_go, 0, 2);
	tcase_add_test(cases, servers_are_taken);
	tcase_add_test(cases, bodies_of_the_wrong_length);
	tcase_add_test(cases, unknown_types);
	tcase_add_test(cases, packets_that_are_no_messages);
	tcase_add_test(cases, unwanted_descriptors);
	tcase_add_test(cases, answers_in_order);
	tcase_add_test(cases, session_that_does_not_read);
	tcase_add_test(cases, capture_is_written);
	tcase_add_test(cases, session_ends_at_once);
	tcase_add_loop_test(cases, first_message_is_another, 0, 6);
	suite_add_tcase(suite, cases);
}

int main(void)
{
	Suite *suite = suite_create("engine");
	SRunner *runner = srunner_create(suite);
	int failed;

	add_cases(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
