/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pure parts of the workload program: histogram, payload, pacing and datagram counts. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "workload/datagram.h"
#include "workload/histogram.h"
#include "workload/pattern.h"

START_TEST(quantiles_are_within_two_percent)
{
	static const struct {
		double fraction;
		double expected;
	} rows[] = {
		{ 0, 1000 }, { 0.5, 5000000 }, { 0.9, 9000000 }, { 0.99, 9900000 }, { 1, 1e7 }
	};
	struct histogram *histogram = calloc(1, sizeof(*histogram));

	ck_assert_uint_eq(histogram_quantile(histogram, 0.5), 0);
	for (uint64_t i = 1; i <= 10000; i++)
		histogram_add(histogram, i * 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double got = (double)histogram_quantile(histogram, rows[i].fraction);
		ck_assert_double_ge(got, rows[i].expected * 0.98);
		ck_assert_double_le(got, rows[i].expected * 1.02);
	}
	ck_assert_uint_eq(histogram->max, 10000000);
	free(histogram);
}
END_TEST

START_TEST(histograms_take_every_value)
{
	static const uint64_t values[] = {
		0, 1, 63, 64, 65, 127, 128, UINT64_C(1) << 41, UINT64_MAX
	};
	struct histogram *one = calloc(1, sizeof(*one));
	struct histogram *sum = calloc(1, sizeof(*sum));

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		memset(one, 0, sizeof(*one));
		histogram_add(one, values[i]);
		if (values[i] < UINT64_MAX)
			ck_assert_uint_eq(histogram_quantile(one, 1), values[i]);
		histogram_merge(sum, one);
		ck_assert_uint_eq(sum->count, i + 1);
		ck_assert_uint_eq(sum->max, values[i]);
	}
	free(one);
	free(sum);
}
END_TEST

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

int main(void)
{
	Suite *suite = suite_create("workload");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, quantiles_are_within_two_percent);
	tcase_add_test(tests, histograms_take_every_value);
	tcase_add_test(tests, the_payload_does_not_depend_on_its_pieces);
	tcase_add_test(tests, pacing_keeps_its_rate);
	tcase_add_test(tests, late_datagrams_are_out_of_order);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
