/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the DNS messages' headers and questions. */

#include "config.h"

#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "slirp-glue/dns_message.h"
#include "slirp-glue/wire.h"

#define LABEL_63 "\077aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define LABEL_61 "\075aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"
#define LABEL_62 "\076aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg"
#define HEADER "\1\2\201\200\0\1\0\3\0\4\0\5"
#define HEADER_QUESTIONS(low) "\1\2\201\200\0" low "\0\3\0\4\0\5"
#define TYPE_CLASS "\0\1\0\1"

/* Answers, and how many bytes of each a truncation keeps; literals end with a byte that is left
 * out. */
static const struct {
	const char *data;
	size_t length;
	size_t room;
	size_t kept;
} truncations[] = {
#define ROW(text, room, kept)                                                                      \
	{                                                                                          \
		text, sizeof(text) - 1, room, kept                                                 \
	}
	ROW(HEADER "\7example\3org\0" TYPE_CLASS "more", 512, 29),
	ROW(HEADER "\7example\3org\0" TYPE_CLASS, 29, 29),
	ROW(HEADER "\7example\3org\0" TYPE_CLASS, 28, 12),
	ROW(HEADER "\7example\3org\0\0\1\0", 512, 12),
	ROW(HEADER "\7example\3org\0", 512, 12),
	ROW(HEADER "\7example\3org", 512, 12),
	ROW(HEADER "\7exam", 512, 12),
	ROW(HEADER "\0" TYPE_CLASS, 512, 17),
	ROW(HEADER, 512, 12),
	/* compression and reserved label types */
	ROW(HEADER "\300\14" TYPE_CLASS, 512, 12),
	ROW(HEADER "\3abc\300\14" TYPE_CLASS, 512, 12),
	ROW(HEADER "\100abc\0" TYPE_CLASS, 512, 12),
	/* none or several questions */
	ROW(HEADER_QUESTIONS("\0") "\0" TYPE_CLASS, 512, 12),
	ROW(HEADER_QUESTIONS("\2") "\0" TYPE_CLASS "\0" TYPE_CLASS, 512, 12),
	ROW("\1\2\201\200\1\1\0\0\0\0\0\0\0" TYPE_CLASS, 512, 12),
	/* names of 255 and of 256 bytes */
	ROW(HEADER LABEL_63 LABEL_63 LABEL_63 LABEL_61 "\0" TYPE_CLASS, 512, DNS_SHORT_MAX),
	ROW(HEADER LABEL_63 LABEL_63 LABEL_63 LABEL_62 "\0" TYPE_CLASS, 512, 12),
#undef ROW
};

/* A copy of exactly length bytes, so that a sanitizer sees one read too many. */
static uint8_t *copy(const char *data, size_t length)
{
	return g_memdup2(data, length);
}

START_TEST(truncation_keeps_one_sane_question)
{
	size_t length = truncations[_i].length;
	size_t kept = truncations[_i].kept;
	uint8_t *answer = copy(truncations[_i].data, length);
	static const uint8_t none[6];

	ck_assert_uint_eq(dns_message_truncate(answer, length, truncations[_i].room), kept);
	ck_assert_mem_eq(answer, "\1\2\203\200", 4);
	ck_assert_uint_eq(wire_get16(answer + 4), kept > 12);
	ck_assert_mem_eq(answer + 6, none, 6);
	ck_assert_mem_eq(answer + 12, truncations[_i].data + 12, kept - 12);
	g_free(answer);
}
END_TEST

START_TEST(failure_is_built_from_the_query)
{
	static const char query[] =
		"\253\315\51\40\0\1\0\0\0\0\0\1\7example\3org\0" TYPE_CLASS "options";
	uint8_t buffer[DNS_SHORT_MAX];
	uint8_t *message = copy(query, sizeof(query) - 1);

	ck_assert_uint_eq(dns_message_make_failure(message, sizeof(query) - 1, buffer), 29);
	/* the same id and opcode, recursion desired; an answer, recursion available, code 2 */
	ck_assert_mem_eq(buffer, "\253\315\251\202\0\1\0\0\0\0\0\0\7example\3org\0" TYPE_CLASS, 29);
	ck_assert_uint_eq(dns_message_make_failure(message, 12, buffer), 12);
	ck_assert_mem_eq(buffer, "\253\315\251\202\0\0\0\0\0\0\0\0", 12);
	g_free(message);
}
END_TEST

START_TEST(answers_are_matched)
{
	static const struct {
		const char *data;
		size_t length;
		bool answers;
	} rows[] = {
		{ "\1\2\200\0\0\0\0\0\0\0\0\0", 12, true },
		{ "\1\2\377\377\0\0\0\0\0\0\0\0", 12, true },
		{ "\1\2\177\0\0\0\0\0\0\0\0\0", 12, false },
		{ "\1\3\200\0\0\0\0\0\0\0\0\0", 12, false },
		{ "\2\2\200\0\0\0\0\0\0\0\0\0", 12, false },
		{ "\1\2\200\0\0\0\0\0\0\0\0", 11, false },
		{ "\1\2\200", 3, false },
		{ "\1", 1, false },
		{ "", 0, false },
	};
	static const uint8_t query[12] = { 1, 2 };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		uint8_t *message = copy(rows[i].data, rows[i].length);

		ck_assert_msg(dns_message_answers(message, rows[i].length, query) ==
				      rows[i].answers,
			      "row %zu", i);
		g_free(message);
	}
}
END_TEST

START_TEST(failures_are_three_codes)
{
	for (int code = 0; code < 16; code++) {
		uint8_t answer[12] = { 1, 2, 0x80, (uint8_t)(0xf0 | code) };

		ck_assert_int_eq(dns_message_is_failure(answer),
				 code == 2 || code == 4 || code == 5);
	}
}
END_TEST

/* Whatever the bytes, nothing is read or written beyond them. */
START_TEST(random_bytes_do_no_harm)
{
	GRand *random = g_rand_new_with_seed(1);
	uint8_t buffer[DNS_SHORT_MAX];

	for (int i = 0; i < 200000; i++) {
		size_t length = 12 + (size_t)g_rand_int_range(random, 0, 300);
		uint8_t *message = g_malloc(length);
		size_t kept;

		for (size_t at = 0; at < length; at++)
			message[at] = (uint8_t)g_rand_int_range(random, 0, at % 3 ? 8 : 256);
		message[4] = 0;
		message[5] = 1;
		kept = dns_message_make_failure(message, length, buffer);
		ck_assert_uint_ge(kept, 12);
		ck_assert_uint_le(kept, MIN(length, DNS_SHORT_MAX));
		ck_assert_uint_eq(dns_message_truncate(message, length, length), kept);
		g_free(message);
	}
	g_rand_free(random);
}
END_TEST

/* UDP frames with so many bytes behind the UDP header, of which its length field claims so many. */
static const struct {
	size_t present;
	uint16_t claimed;
	uint8_t flags;
	size_t found; /* 0: none */
} frames[] = {
	{ 12, 20, 0, 12 },    { 30, 38, 1, 30 },   { 30, 20, 0, 12 }, { 30, 19, 0, 0 },
	{ 30, 39, 0, 0 },     { 30, 65535, 0, 0 }, { 30, 0, 0, 0 },   { 30, 7, 0, 0 },
	{ 11, 19, 0, 0 },     { 11, 20, 0, 0 },	   { 0, 8, 0, 0 },    { 30, 38, 0x80, 0 },
	{ 30, 38, 0x7f, 30 },
};

START_TEST(query_is_found_in_its_frame)
{
	size_t start = ETHERNET_SIZE + IP4_SIZE;
	size_t length = start + UDP_SIZE + frames[_i].present;
	uint8_t *data = g_malloc0(length);
	struct frame frame = { .data = data,
			       .length = (uint32_t)length,
			       .transport_offset = (uint16_t)start };
	const uint8_t *message = NULL;
	size_t found = 0;

	wire_put16(data + start + UDP_LENGTH, frames[_i].claimed);
	if (frames[_i].present > 2)
		data[start + UDP_SIZE + 2] = frames[_i].flags;
	ck_assert_int_eq(dns_message_find(&frame, &message, &found), frames[_i].found > 0);
	ck_assert_uint_eq(found, frames[_i].found);
	if (found)
		ck_assert_ptr_eq(message, data + start + UDP_SIZE);
	g_free(data);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("dns_message");
	TCase *tests = tcase_create("dns_message");

	tcase_set_timeout(tests, 30);
	tcase_add_loop_test(tests, truncation_keeps_one_sane_question, 0,
			    (int)G_N_ELEMENTS(truncations));
	tcase_add_test(tests, failure_is_built_from_the_query);
	tcase_add_test(tests, answers_are_matched);
	tcase_add_test(tests, failures_are_three_codes);
	tcase_add_test(tests, random_bytes_do_no_harm);
	tcase_add_loop_test(tests, query_is_found_in_its_frame, 0, (int)G_N_ELEMENTS(frames));
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
