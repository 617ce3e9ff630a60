/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of syscall/call_counters: each counter has a name of its own and a text. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "syscall/call_counters.h"

START_TEST(names_and_texts)
{
	for (unsigned int i = 0; i < CALL_COUNTER_COUNT; i++) {
		ck_assert_ptr_nonnull(call_counter_name(i));
		ck_assert_uint_gt(strlen(call_counter_text(i)), 0);
		for (unsigned int j = 0; j < i; j++) {
			ck_assert_str_ne(call_counter_name(i), call_counter_name(j));
			ck_assert_str_ne(call_counter_text(i), call_counter_text(j));
		}
	}
	ck_assert_str_eq(call_counter_name(0), "connect");
	ck_assert_str_eq(call_counter_name(CALL_COUNTER_replayed), "replayed");
	ck_assert_str_eq(call_counter_name(CALL_COUNTER_COUNT - 1), "trace_lost");
}
END_TEST

START_TEST(beyond_the_table)
{
	ck_assert_ptr_null(call_counter_name(CALL_COUNTER_COUNT));
	ck_assert_ptr_null(call_counter_text(CALL_COUNTER_COUNT));
	ck_assert_ptr_null(call_counter_name((enum call_counter)UINT32_MAX));
	ck_assert_ptr_null(call_counter_text((enum call_counter)UINT32_MAX));
}
END_TEST

START_TEST(adding)
{
	struct call_counters counters = { { 0 } };

	call_counter_add(&counters, swapped);
	call_counter_add(&counters, swapped);
	ck_assert_uint_eq(counters.value[CALL_COUNTER_swapped], 2);
	ck_assert_uint_eq(counters.value[CALL_COUNTER_given_back], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("call_counters");
	TCase *cases = tcase_create("call_counters");
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
