/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/dns_answer. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/dns_answer.h"

/* Identifier 0x1234, recursion desired, one question: n1.test, type A, class IN. */
static const uint8_t query[] = { 0x12, 0x34, 1, 0,   0,	  1,   0,   0, 0, 0, 0, 0, 2,
				 'n',  '1',  4, 't', 'e', 's', 't', 0, 0, 1, 0, 1 };
static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1 };

static struct in_addr address;
static uint8_t changed[sizeof(query) + 11];
static uint8_t answer[DNS_ANSWER_MAX];

static void set_up(void)
{
	address.s_addr = htonl(0xc0000201);
	memset(changed, 0, sizeof(changed));
	memcpy(changed, query, sizeof(query));
}

START_TEST(an_address_is_answered)
{
	ck_assert_uint_eq(dns_answer(query, sizeof(query), address, answer),
			  sizeof(query) + sizeof(record));
	ck_assert_mem_eq(answer, query, 2);
	ck_assert_uint_eq(answer[2], 0x85); /* QR, AA, RD */
	ck_assert_uint_eq(answer[3], 0x80); /* RA, no error */
	ck_assert_uint_eq(answer[7], 1);    /* one answer */
	ck_assert_mem_eq(answer + 12, query + 12, sizeof(query) - 12);
	ck_assert_mem_eq(answer + sizeof(query), record, sizeof(record));
}
END_TEST

START_TEST(what_follows_the_question_is_left_out)
{
	changed[11] = 1; /* an additional record, as of EDNS */
	ck_assert_uint_eq(dns_answer(changed, sizeof(changed), address, answer),
			  sizeof(query) + sizeof(record));
	ck_assert_uint_eq(answer[11], 0);
}
END_TEST

START_TEST(other_types_have_no_record)
{
	changed[sizeof(query) - 3] = 28; /* AAAA */
	ck_assert_uint_eq(dns_answer(changed, sizeof(query), address, answer), sizeof(query));
	ck_assert_uint_eq(answer[3] & 15, 0);
	ck_assert_uint_eq(answer[7], 0);
}
END_TEST

static const struct {
	size_t at;
	uint8_t byte;
} garbled_rows[] = {
	{ 2, 0x81 },  /* a response */
	{ 2, 0x29 },  /* another opcode */
	{ 5, 0 },     /* no question */
	{ 5, 2 },     /* two */
	{ 12, 0xc0 }, /* a compressed name */
	{ 12, 63 },   /* a label beyond the end */
	{ 20, 1 },    /* no end of the name */
};

START_TEST(what_makes_no_sense_gets_no_answer)
{
	changed[garbled_rows[_i].at] = garbled_rows[_i].byte;
	ck_assert_uint_eq(dns_answer(changed, sizeof(query), address, answer), 0);
}
END_TEST

START_TEST(short_ones_get_no_answer)
{
	uint8_t *exact = malloc((size_t)_i + 1);

	memcpy(exact, query, (size_t)_i);
	ck_assert_uint_eq(dns_answer(exact, (size_t)_i, address, answer), 0);
	free(exact);
}
END_TEST

START_TEST(only_names_that_may_be_that_long)
{
	uint8_t longest[12 + 300 + 4] = { 0 };

	/* Labels of 62 bytes: 4 of them are 252 bytes, and 253 with the root. */
	memcpy(longest, query, 12);
	for (size_t label = 0; label < 4; label++)
		longest[12 + 63 * label] = 62;
	longest[12 + 253 + 1] = 1;
	longest[12 + 253 + 3] = 1;
	ck_assert_uint_eq(dns_answer(longest, sizeof(longest), address, answer),
			  12 + 253 + 4 + sizeof(record));
	longest[12 + 252] = 3; /* 257 */
	ck_assert_uint_eq(dns_answer(longest, sizeof(longest), address, answer), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dns_answer");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, an_address_is_answered);
	tcase_add_test(tests, what_follows_the_question_is_left_out);
	tcase_add_test(tests, other_types_have_no_record);
	tcase_add_loop_test(tests, what_makes_no_sense_gets_no_answer, 0,
			    sizeof(garbled_rows) / sizeof(garbled_rows[0]));
	tcase_add_loop_test(tests, short_ones_get_no_answer, 0, sizeof(query));
	tcase_add_test(tests, only_names_that_may_be_that_long);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
