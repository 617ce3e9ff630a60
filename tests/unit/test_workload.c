/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pure parts of the workload program: payload, pacing, datagram counts, words on the wire. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "workload/datagram.h"
#include "workload/pattern.h"
#include "workload/protocol.h"

START_TEST(the_payload_does_not_depend_on_its_pieces)
{
	unsigned char whole[1000];
	unsigned char piece[1000];

	pattern_fill(7, 0, whole, sizeof(whole));
	for (size_t length = 1; length < 20; length++) {
		uint64_t checksum = CHECKSUM_START;
		for (size_t at = 0; at < sizeof(whole); at += length) {
			size_t part = at + length < sizeof(whole) ? length : sizeof(whole) - at;
			pattern_fill(7, at, piece, part);
			ck_assert_mem_eq(piece, whole + at, part);
			checksum = checksum_update(checksum, piece, part);
		}
		ck_assert_uint_eq(checksum, checksum_update(CHECKSUM_START, whole, sizeof(whole)));
	}
	pattern_fill(8, 0, piece, sizeof(piece));
	ck_assert_mem_ne(piece, whole, sizeof(whole));
}
END_TEST

START_TEST(pacing_keeps_its_rate)
{
	struct pacing pacing = { .start = 100,
				 .deadline = 100 + NANOSECONDS_PER_SECOND,
				 .rate = 1000 };

	ck_assert_uint_eq(pacing_due(&pacing, 100), 1);
	pacing.sent = 1;
	ck_assert_uint_eq(pacing_due(&pacing, 100), 0);
	ck_assert_uint_eq(pacing_wait(&pacing, 100), 1000000);
	ck_assert_uint_eq(pacing_due(&pacing, 100 + 3000000), 3);
	ck_assert_uint_eq(pacing_due(&pacing, 100 + 900000000), DATAGRAM_BATCH);
	ck_assert_uint_eq(pacing_due(&pacing, pacing.deadline), 0);
	ck_assert_uint_eq(pacing_wait(&pacing, pacing.deadline), 0);
	pacing.sent = 1000000;
	ck_assert_uint_eq(pacing_wait(&pacing, pacing.deadline - 5), 5);
	pacing.rate = NO_LIMIT - 1;
	pacing.deadline = 100 + 86400 * NANOSECONDS_PER_SECOND;
	ck_assert_uint_eq(pacing_due(&pacing, pacing.deadline - 1), DATAGRAM_BATCH);
	pacing.rate = NO_LIMIT;
	ck_assert_uint_eq(pacing_due(&pacing, 100), DATAGRAM_BATCH);
	ck_assert_uint_eq(pacing_wait(&pacing, 100), 0);
}
END_TEST

START_TEST(late_datagrams_are_out_of_order)
{
	static const uint64_t sequences[] = { 0, 1, 4, 2, 5, 3, 6 };
	struct datagram_count count = { 0 };

	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		datagram_count_add(&count, sequences[i], 10 + i);
	ck_assert_uint_eq(count.received, 7);
	ck_assert_uint_eq(count.out_of_order, 2);
	ck_assert_uint_eq(count.first_time, 10);
	ck_assert_uint_eq(count.last_time, 16);
}
END_TEST

START_TEST(words_go_in_network_byte_order)
{
	static const unsigned char expected[] = { 0, 0, 0, 0, 0, 0, 1, 2 };
	struct wire_udp_result words = { .received = 258, .nanoseconds = 3 };

	wire_encode(&words, sizeof(words));
	ck_assert_mem_eq(&words, expected, sizeof(expected));
	wire_decode(&words, sizeof(words));
	ck_assert_uint_eq(words.received, 258);
	ck_assert_uint_eq(words.out_of_order, 0);
	ck_assert_uint_eq(words.nanoseconds, 3);
}
END_TEST

START_TEST(a_name_on_the_wire_is_no_word)
{
	struct wire_usage usage = { .magic = WIRE_MAGIC,
				    .context_switches = 7,
				    .congestion = "bbr" };

	wire_encode(&usage, WIRE_USAGE_WORDS);
	ck_assert_str_eq(usage.congestion, "bbr");
	wire_decode(&usage, WIRE_USAGE_WORDS);
	ck_assert_uint_eq(usage.magic, WIRE_MAGIC);
	ck_assert_uint_eq(usage.context_switches, 7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("workload");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, the_payload_does_not_depend_on_its_pieces);
	tcase_add_test(tests, pacing_keeps_its_rate);
	tcase_add_test(tests, late_datagrams_are_out_of_order);
	tcase_add_test(tests, words_go_in_network_byte_order);
	tcase_add_test(tests, a_name_on_the_wire_is_no_word);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
