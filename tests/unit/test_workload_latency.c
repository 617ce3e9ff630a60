/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of workload/histogram and workload/percentiles. */

#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "base/util.h"
#include "workload/percentiles.h"

static struct histogram *histogram;

static void set_up(void)
{
	histogram = malloc(sizeof(*histogram));
	histogram_init(histogram);
}

static void tear_down(void)
{
	free(histogram);
}

static void add_thousands(uint64_t count)
{
	for (uint64_t i = 1; i <= count; i++)
		histogram_add(histogram, i * 1000);
}

START_TEST(quantiles_are_within_a_percent)
{
	static const struct {
		double fraction;
		double expected;
	} rows[] = { { 0, 1000 },	{ 0.00001, 1000 },  { 0.5, 5e6 },	 { 0.9, 9e6 },
		     { 0.99, 9900000 }, { 0.999, 9990000 }, { 0.9999, 9999000 }, { 1, 1e7 } };

	add_thousands(10000);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double got = (double)histogram_quantile(histogram, rows[i].fraction);
		ck_assert_double_ge(got, rows[i].expected);
		ck_assert_double_le(got, rows[i].expected * 1.008);
	}
	ck_assert_uint_eq(histogram_quantile(histogram, 0), 1000);
	ck_assert_uint_eq(histogram_quantile(histogram, 1), 10000000);
}
END_TEST

/* Every value comes back at most 0.8 % too large, whatever its magnitude. */
START_TEST(the_error_is_bounded)
{
	for (unsigned int bit = 0; bit < 42; bit++) {
		for (uint64_t part = 0; part < 16; part++) {
			uint64_t value = (UINT64_C(1) << bit) + (part << bit) / 16;
			histogram_init(histogram);
			histogram_add(histogram, value);
			histogram_add(histogram, UINT64_C(1) << 43);
			uint64_t got = histogram_quantile(histogram, 0.5);
			ck_assert_uint_ge(got, value);
			ck_assert_uint_le(got, value + value / 125);
		}
	}
}
END_TEST

START_TEST(histograms_take_every_value_and_add_up)
{
	static const uint64_t values[] = {
		0, 1, 127, 128, 129, 255, 256, UINT64_C(1) << 41, UINT64_C(1) << 42, UINT64_MAX
	};
	struct histogram *one = malloc(sizeof(*one));

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		histogram_init(one);
		histogram_add(one, values[i]);
		ck_assert_uint_eq(histogram_quantile(one, 0.5), values[i]);
		histogram_merge(histogram, one);
		ck_assert_uint_eq(histogram->count, i + 1);
		ck_assert_uint_eq(histogram->min, 0);
		ck_assert_uint_eq(histogram->max, values[i]);
	}
	free(one);
}
END_TEST

static void check_curve(void)
{
	struct percentile curve[PERCENTILE_COUNT];

	percentiles_compute(histogram, curve);
	ck_assert_double_eq(curve[0].percent, 0);
	ck_assert_double_eq(curve[PERCENTILE_COUNT - 1].percent, 100);
	ck_assert_double_eq(curve[0].microseconds, (double)histogram->min / 1e3);
	ck_assert_double_eq(curve[PERCENTILE_COUNT - 1].microseconds, (double)histogram->max / 1e3);
	for (size_t i = 1; i < PERCENTILE_COUNT; i++) {
		ck_assert_double_gt(curve[i].percent, curve[i - 1].percent);
		ck_assert_double_ge(curve[i].microseconds, curve[i - 1].microseconds);
	}
}

START_TEST(a_curve_rises)
{
	/* One far out, so that the tail is not the rest. */
	histogram_add(histogram, 70000000);
	check_curve();
	add_thousands(_i);
	check_curve();
}
END_TEST

START_TEST(no_samples_give_zeros)
{
	struct percentile curve[PERCENTILE_COUNT];

	percentiles_compute(histogram, curve);
	for (size_t i = 0; i < PERCENTILE_COUNT; i++)
		ck_assert_double_eq(curve[i].microseconds, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("workload_latency");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, quantiles_are_within_a_percent);
	tcase_add_test(tests, the_error_is_bounded);
	tcase_add_test(tests, histograms_take_every_value_and_add_up);
	tcase_add_loop_test(tests, a_curve_rises, 0, 30);
	tcase_add_test(tests, no_samples_give_zeros);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
