/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of medians, spreads and ratios. */

#include "config.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "compare/statistics.h"

static void expect(struct statistics got, double median, double minimum, double maximum)
{
	ck_assert_double_eq_tol(got.median, median, 1e-9);
	ck_assert_double_eq_tol(got.minimum, minimum, 1e-9);
	ck_assert_double_eq_tol(got.maximum, maximum, 1e-9);
}

START_TEST(the_middle_of_an_odd_number)
{
	const double values[] = { 5, 1, 3 };

	expect(statistics_of(values, 3), 3, 1, 5);
}
END_TEST

START_TEST(between_the_middle_two_of_an_even_number)
{
	const double values[] = { 4, 1, 3, 2 };

	expect(statistics_of(values, 4), 2.5, 1, 4);
}
END_TEST

START_TEST(one_value_has_no_spread)
{
	const double values[] = { 7 };

	expect(statistics_of(values, 1), 7, 7, 7);
}
END_TEST

START_TEST(none_is_not_a_number)
{
	const double values[] = { NAN, NAN };

	ck_assert(isnan(statistics_of(NULL, 0).median));
	ck_assert(isnan(statistics_of(values, 2).median));
	ck_assert(isnan(statistics_of(values, 2).minimum));
}
END_TEST

START_TEST(runs_without_a_figure_are_left_out)
{
	const double values[] = { NAN, 2, NAN, 4, 9 };

	expect(statistics_of(values, 5), 4, 2, 9);
}
END_TEST

/* The machine was slow in the second round: the pairs still agree. */
START_TEST(ratios_are_pair_by_pair)
{
	const double values[] = { 5, 1, 5.5 };
	const double base[] = { 10, 2, 10 };

	expect(statistics_of_ratios(values, base, 3), 0.5, 0.5, 0.55);
}
END_TEST

START_TEST(pairs_that_are_none_are_left_out)
{
	const double values[] = { 5, NAN, 4, 8 };
	const double base[] = { NAN, 2, 0, 4 };

	expect(statistics_of_ratios(values, base, 4), 2, 2, 2);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("statistics");
	TCase *tests = tcase_create("statistics");

	tcase_add_test(tests, the_middle_of_an_odd_number);
	tcase_add_test(tests, between_the_middle_two_of_an_even_number);
	tcase_add_test(tests, one_value_has_no_spread);
	tcase_add_test(tests, none_is_not_a_number);
	tcase_add_test(tests, runs_without_a_figure_are_left_out);
	tcase_add_test(tests, ratios_are_pair_by_pair);
	tcase_add_test(tests, pairs_that_are_none_are_left_out);
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
