/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/counters: each counter has a name of its own and a text. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"

START_TEST(names_and_texts)
{
	for (unsigned int i = 0; i < COUNTER_COUNT; i++) {
		ck_assert_ptr_nonnull(counter_name(i));
		ck_assert_uint_gt(strlen(counter_text(i)), 0);
		for (unsigned int j = 0; j < i; j++)
			ck_assert_str_ne(counter_name(i), counter_name(j));
	}
	ck_assert_str_eq(counter_name(COUNTER_frames_in), "frames_in");
	ck_assert_str_eq(counter_name(COUNTER_dns_streams), "dns_streams");
}
END_TEST

START_TEST(beyond_the_table)
{
	ck_assert_ptr_null(counter_name(COUNTER_COUNT));
	ck_assert_ptr_null(counter_text(COUNTER_COUNT));
	ck_assert_ptr_null(counter_name((enum counter)UINT32_MAX));
	ck_assert_ptr_null(counter_text((enum counter)UINT32_MAX));
}
END_TEST

START_TEST(adding)
{
	struct counters counters = { { 0 } };

	counter_add(&counters, tftp);
	counter_add(&counters, tftp);
	ck_assert_uint_eq(counters.value[COUNTER_tftp], 2);
	ck_assert_uint_eq(counters.value[COUNTER_fragments], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("counters");
	TCase *cases = tcase_create("counters");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, names_and_texts);
	tcase_add_test(cases, beyond_the_table);
	tcase_add_test(cases, adding);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
