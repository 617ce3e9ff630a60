/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the DNS relay against servers on loopback that misbehave in every way. */

#include "config.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "slirp-glue/wire.h"
#include "tests/glue/dns_world.h"

#define PORT 40000
#define QUERY_SIZE (12 + QUESTION_SIZE)

static void setup(void)
{
	world_start(1500);
}

/* Servers that behave as told, all on IPv4 and all configured. */
static void serve(int count, const enum behaviour *behaviours)
{
	for (int i = 0; i < count; i++)
		world_serve(i, AF_INET, behaviours[i]);
	world_configure((uint32_t)count);
}

static void serve_one(enum behaviour behaviour)
{
	serve(1, &behaviour);
}

START_TEST(answer_comes_back)
{
	static const sa_family_t families[][2] = { { AF_INET, AF_INET },
						   { AF_INET, AF_INET6 },
						   { AF_INET6, AF_INET },
						   { AF_INET6, AF_INET6 } };
	const uint8_t *payload;
	uint8_t query[64];
	size_t length;

	world_serve(0, families[_i][1], ANSWERS);
	world_configure(1);
	guest_ask(families[_i][0], PORT, 0x1234);
	world_settle();
	ck_assert_int_eq(world.frames, 1);
	payload = guest_payload(families[_i][0], PORT, &length);
	make_query(query, 0x1234);
	query[2] |= 0x80;
	query[3] |= 0x80;
	ck_assert_uint_eq(length, QUERY_SIZE + 1);
	ck_assert_mem_eq(payload, query, QUERY_SIZE);
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 1);
	ck_assert_uint_eq(world_count(COUNTER_dns_answers), 1);
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), 0);
}
END_TEST

/* Servers in the order of the list, and what becomes of a query. */
static const struct fallback {
	enum behaviour behaviours[WORLD_SERVERS];
	int count;
	unsigned wait_s; /* until the container hears something, and nothing before */
	int code;
	int answered_by; /* -1: by us */
} fallbacks[] = {
	{ { ANSWERS, ANSWERS }, 2, 0, 0, 0 },
	{ { SAYS_NAME, ANSWERS }, 2, 0, 3, 0 },
	{ { IS_CLOSED, ANSWERS }, 2, 0, 0, 1 },
	{ { IS_UNREACHABLE, ANSWERS }, 2, 0, 0, 1 },
	{ { SAYS_FAILURE, ANSWERS }, 2, 0, 0, 1 },
	{ { SAYS_REFUSED, ANSWERS }, 2, 0, 0, 1 },
	{ { SAYS_NOT_IMPLEMENTED, ANSWERS }, 2, 0, 0, 1 },
	{ { IS_CLOSED, SAYS_REFUSED, SAYS_FAILURE, ANSWERS }, 4, 0, 0, 3 },
	{ { KEEPS_SILENT, ANSWERS }, 2, 1, 0, 1 },
	{ { GARBLES_ID, ANSWERS }, 2, 1, 0, 1 },
	{ { ANSWERS_SHORT, ANSWERS }, 2, 1, 0, 1 },
	{ { ECHOES_QUERY, ANSWERS }, 2, 1, 0, 1 },
	{ { KEEPS_SILENT, KEEPS_SILENT, ANSWERS }, 3, 2, 0, 2 },
	{ { KEEPS_SILENT, IS_CLOSED, ANSWERS }, 3, 1, 0, 2 },
	{ { KEEPS_SILENT, SAYS_NAME, ANSWERS }, 3, 1, 3, 1 },
	/* Nobody knows better than the failure, which is then passed on. */
	{ { SAYS_FAILURE }, 1, 0, 2, 0 },
	{ { SAYS_FAILURE, SAYS_REFUSED }, 2, 0, 5, 1 },
	{ { SAYS_NOT_IMPLEMENTED, IS_CLOSED }, 2, 0, 4, 0 },
	{ { KEEPS_SILENT, SAYS_REFUSED }, 2, 10, 5, 1 },
	{ { SAYS_REFUSED, KEEPS_SILENT }, 2, 10, 5, 0 },
	/* Nobody says anything. */
	{ { IS_CLOSED }, 1, 0, 2, -1 },
	{ { IS_UNREACHABLE }, 1, 0, 2, -1 },
	{ { IS_CLOSED, IS_UNREACHABLE, IS_CLOSED }, 3, 0, 2, -1 },
	{ { KEEPS_SILENT }, 1, 10, 2, -1 },
	{ { GARBLES_ID }, 1, 10, 2, -1 },
	{ { KEEPS_SILENT, KEEPS_SILENT, KEEPS_SILENT }, 3, 10, 2, -1 },
};

static void check_fallback(const struct fallback *row)
{
	const uint8_t *payload;
	size_t length;

	payload = guest_payload(AF_INET, PORT, &length);
	ck_assert_uint_eq(wire_get16(payload), 7);
	ck_assert_uint_eq(payload[2] & 0x80, 0x80);
	ck_assert_int_eq(guest_code(AF_INET, PORT), row->code);
	if (row->answered_by < 0) {
		ck_assert_uint_eq(length, QUERY_SIZE);
		ck_assert_uint_eq(world_count(COUNTER_dns_failures), 1);
		ck_assert_uint_eq(world_count(COUNTER_dns_answers), 0);
	} else {
		ck_assert_uint_eq(length, QUERY_SIZE + 1);
		ck_assert_int_eq(payload[QUERY_SIZE], row->answered_by);
		ck_assert_uint_eq(world_count(COUNTER_dns_failures), 0);
		ck_assert_uint_eq(world_count(COUNTER_dns_answers), 1);
	}
}

START_TEST(next_server_is_asked)
{
	const struct fallback *row = &fallbacks[_i];

	serve(row->count, row->behaviours);
	guest_ask(AF_INET, PORT, 7);
	world_settle();
	for (unsigned second = 0; second < row->wait_s; second++) {
		ck_assert_int_eq(world.frames, 0);
		world_pass(SECOND - SECOND / 5);
		ck_assert_int_eq(world.frames, 0);
		world_pass(SECOND / 5);
	}
	ck_assert_int_eq(world.frames, 1);
	check_fallback(row);
	/* It is over: nothing more comes, whatever time passes. */
	world_pass(20 * SECOND);
	ck_assert_int_eq(world.frames, 1);
	for (int i = 0; i < row->count; i++)
		ck_assert_int_le(world.servers[i].asked, 1);
}
END_TEST

START_TEST(late_answer_of_the_first_server_wins)
{
	serve(2, (enum behaviour[]){ KEEPS_SILENT, KEEPS_SILENT });
	guest_ask(AF_INET, PORT, 7);
	world_pass(0);
	world_pass(2 * SECOND);
	ck_assert_int_eq(world.servers[1].asked, 1);
	server_answer(&world.servers[0], 0);
	world_settle();
	ck_assert_int_eq(world.frames, 1);
	ck_assert_int_eq(guest_code(AF_INET, PORT), 0);
	/* The other's comes to a closed port. */
	server_answer(&world.servers[1], 0);
	world_settle();
	ck_assert_int_eq(world.frames, 1);
}
END_TEST

START_TEST(failure_of_an_early_server_does_not_hurry)
{
	serve(3, (enum behaviour[]){ KEEPS_SILENT, KEEPS_SILENT, ANSWERS });
	guest_ask(AF_INET, PORT, 7);
	world_settle();
	world_pass(SECOND);
	/* The second server keeps its second, though the first one fails now. */
	server_answer(&world.servers[0], 2);
	world_settle();
	ck_assert_int_eq(world.servers[1].asked, 1);
	ck_assert_int_eq(world.servers[2].asked, 0);
	world_pass(SECOND);
	ck_assert_int_eq(world.frames, 1);
	ck_assert_int_eq(guest_code(AF_INET, PORT), 0);
}
END_TEST

START_TEST(server_that_answered_is_preferred_for_a_while)
{
	serve(2, (enum behaviour[]){ KEEPS_SILENT, ANSWERS });
	guest_ask(AF_INET, PORT, 1);
	world_settle();
	world_pass(SECOND);
	ck_assert_int_eq(world.frames, 1);
	guest_ask(AF_INET, PORT, 2);
	world_settle();
	ck_assert_int_eq(world.frames, 2);
	ck_assert_int_eq(world.servers[0].asked, 1);
	/* Then the order of the list holds again. */
	world_pass(31 * SECOND);
	world.servers[0].behaviour = ANSWERS;
	guest_ask(AF_INET, PORT, 3);
	world_settle();
	ck_assert_int_eq(world.frames, 3);
	ck_assert_int_eq(world.servers[0].asked, 2);
	ck_assert_int_eq(world.servers[1].asked, 2);
}
END_TEST

START_TEST(new_list_has_no_preference)
{
	serve(2, (enum behaviour[]){ IS_CLOSED, ANSWERS });
	guest_ask(AF_INET, PORT, 1);
	world_settle();
	serve(2, (enum behaviour[]){ ANSWERS, ANSWERS });
	guest_ask(AF_INET, PORT, 2);
	world_settle();
	ck_assert_int_eq(world.servers[0].asked, 1);
	ck_assert_int_eq(world.servers[1].asked, 0);
}
END_TEST

START_TEST(repeated_query_is_sent_again_but_is_one)
{
	serve_one(KEEPS_SILENT);
	guest_ask(AF_INET, PORT, 7);
	guest_ask(AF_INET, PORT, 7);
	guest_ask(AF_INET, PORT, 7);
	world_settle();
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 1);
	ck_assert_int_eq(world.servers[0].asked, 3);
	server_answer(&world.servers[0], 0);
	server_answer(&world.servers[0], 0);
	world_settle();
	ck_assert_int_eq(world.frames, 1);
	/* Over: the same again is a new query. */
	guest_ask(AF_INET, PORT, 7);
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 2);
}
END_TEST

START_TEST(same_id_from_elsewhere_or_of_another_question_is_another_query)
{
	uint8_t query[64];
	size_t length = make_query(query, 7);

	serve_one(KEEPS_SILENT);
	guest_ask(AF_INET, PORT, 7);
	guest_ask(AF_INET, PORT + 1, 7);
	guest_ask(AF_INET6, PORT, 7);
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 3);
	query[14] = 'X';
	guest_send(AF_INET, PORT, query, length, UDP_SIZE + length);
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 4);
	world_settle();
	/* It took the place of the first. */
	world_pass(10 * SECOND);
	ck_assert_int_eq(world.frames, 3);
}
END_TEST

START_TEST(no_servers_is_a_failure_at_once)
{
	uint8_t query[64];
	const uint8_t *payload;
	size_t length;

	guest_ask(AF_INET6, PORT, 0xabcd);
	ck_assert_int_eq(world.frames, 1);
	payload = guest_payload(AF_INET6, PORT, &length);
	make_query(query, 0xabcd);
	query[2] = 0x81;
	query[3] = 0x82;
	ck_assert_uint_eq(length, QUERY_SIZE);
	ck_assert_mem_eq(payload, query, QUERY_SIZE);
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 1);
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), 1);
}
END_TEST

START_TEST(what_is_no_query_is_dropped)
{
	uint8_t query[5000] = { 0 };

	serve_one(ANSWERS);
	make_query(query, 7);
	guest_send(AF_INET, PORT, query, 0, 8);
	guest_send(AF_INET, PORT, query, 11, 19);
	guest_send(AF_INET, PORT, query, 29, 8);
	guest_send(AF_INET, PORT, query, 29, 0);
	guest_send(AF_INET, PORT, query, 29, 65535);
	guest_send(AF_INET, PORT, query, 4097, 4105);
	query[2] |= 0x80;
	guest_send(AF_INET, PORT, query, 29, 37);
	world_settle();
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 0);
	ck_assert_int_eq(world.servers[0].asked, 0);
	/* The longest that is taken, and a bare header. */
	query[2] &= 0x7f;
	guest_send(AF_INET, PORT, query, 4096, 4104);
	guest_send(AF_INET, PORT + 1, query, 12, 20);
	world_settle();
	ck_assert_int_eq(world.servers[0].asked, 2);
}
END_TEST

static const struct {
	sa_family_t family;
	uint32_t mtu;
	size_t answer_size;
	size_t length; /* of what the container gets */
} sizes[] = {
	{ AF_INET, 1500, 1472, 1472 },
	{ AF_INET, 1500, 1473, QUERY_SIZE },
	{ AF_INET6, 1500, 1452, 1452 },
	{ AF_INET6, 1500, 1453, QUERY_SIZE },
	{ AF_INET, 65520, 60000, 60000 },
	{ AF_INET, 1500, 65000, QUERY_SIZE },
	{ AF_INET, 68, 100, QUERY_SIZE },
	/* Not even the question fits. */
	{ AF_INET, 56, 100, 12 },
};

START_TEST(answer_larger_than_the_mtu_is_truncated)
{
	const uint8_t *payload;
	size_t length;
	bool whole = sizes[_i].length == sizes[_i].answer_size;

	world_stop();
	world_start(sizes[_i].mtu);
	serve_one(ANSWERS_AT_LENGTH);
	world.servers[0].answer_size = sizes[_i].answer_size;
	guest_ask(sizes[_i].family, PORT, 7);
	world_settle();
	payload = guest_payload(sizes[_i].family, PORT, &length);
	ck_assert_uint_eq(length, sizes[_i].length);
	ck_assert_uint_eq(payload[2], whole ? 0x81 : 0x83);
	ck_assert_uint_eq(payload[5], length > 12);
	if (length > 12)
		ck_assert_mem_eq(payload + 12, world.servers[0].query + 12, QUESTION_SIZE);
}
END_TEST

/* The relay's own bound on queries needs as many descriptors. */
static void raise_limit(void)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = MIN(limit.rlim_max, 4096);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_gt(limit.rlim_cur, 1000);
}

START_TEST(oldest_query_makes_room)
{
	raise_limit();
	serve_one(KEEPS_SILENT);
	for (int i = 0; i <= DNS_RELAY_QUERIES; i++) {
		guest_ask(AF_INET, PORT, (uint16_t)i);
		if (i % 50 == 0)
			world_settle();
	}
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), 1);
	world_pass(10 * SECOND);
	ck_assert_int_eq(world.frames, DNS_RELAY_QUERIES);
	for (int i = 0; i < world.frames; i++)
		ck_assert_uint_ne(world.ids[i], 0);
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), DNS_RELAY_QUERIES + 1);
}
END_TEST

START_TEST(no_descriptors_is_a_failure_at_once)
{
	struct rlimit before;
	struct rlimit limit;

	serve_one(ANSWERS);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)world.servers[0].fd;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	guest_ask(AF_INET, PORT, 7);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(world.frames, 1);
	ck_assert_int_eq(guest_code(AF_INET, PORT), 2);
}
END_TEST

START_TEST(queries_under_way_keep_their_servers)
{
	serve(2, (enum behaviour[]){ KEEPS_SILENT, ANSWERS });
	guest_ask(AF_INET, PORT, 7);
	world_settle();
	world_configure(0);
	world_pass(SECOND);
	ck_assert_int_eq(world.frames, 1);
	ck_assert_int_eq(guest_code(AF_INET, PORT), 0);
	guest_ask(AF_INET, PORT, 8);
	ck_assert_int_eq(guest_code(AF_INET, PORT), 2);
}
END_TEST

START_TEST(freed_with_queries_under_way)
{
	serve(2, (enum behaviour[]){ KEEPS_SILENT, KEEPS_SILENT });
	for (uint16_t i = 0; i < 20; i++)
		guest_ask(AF_INET, PORT, i);
	world_pass(SECOND);
	/* The fixture frees it; nothing leaks and nothing is called any more. */
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("dns_relay");
	TCase *tests = tcase_create("queries");

	tcase_set_timeout(tests, 30);
	tcase_add_checked_fixture(tests, setup, world_stop);
	tcase_add_loop_test(tests, answer_comes_back, 0, 4);
	tcase_add_loop_test(tests, next_server_is_asked, 0, (int)G_N_ELEMENTS(fallbacks));
	tcase_add_test(tests, late_answer_of_the_first_server_wins);
	tcase_add_test(tests, failure_of_an_early_server_does_not_hurry);
	tcase_add_test(tests, server_that_answered_is_preferred_for_a_while);
	tcase_add_test(tests, new_list_has_no_preference);
	tcase_add_test(tests, repeated_query_is_sent_again_but_is_one);
	tcase_add_test(tests, same_id_from_elsewhere_or_of_another_question_is_another_query);
	tcase_add_test(tests, no_servers_is_a_failure_at_once);
	tcase_add_test(tests, what_is_no_query_is_dropped);
	tcase_add_loop_test(tests, answer_larger_than_the_mtu_is_truncated, 0,
			    (int)G_N_ELEMENTS(sizes));
	tcase_add_test(tests, oldest_query_makes_room);
	tcase_add_test(tests, no_descriptors_is_a_failure_at_once);
	tcase_add_test(tests, queries_under_way_keep_their_servers);
	tcase_add_test(tests, freed_with_queries_under_way);
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, dns_stream_cases());
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
