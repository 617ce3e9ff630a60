/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of explain/trace_read: the lines that the supervisor writes, and any others. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain/trace_read.h"
#include "syscall/trace_line.h"

/* What trace_line.c writes reads as what was meant. */
START_TEST(a_line_of_ours)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct endpoint endpoint = { .port = 443 };
	struct trace_line line = { .time = 1706702400000001,
				   .pid = 71,
				   .comm = "cu\"rl\x1b",
				   .call = "connect",
				   .address = &endpoint,
				   .verdict = "host",
				   .reason = "outside",
				   .error = EINPROGRESS,
				   .microseconds = 41 };
	struct trace_note note;

	ck_assert(address_parse("2001:db8::1", &endpoint.address));
	trace_line_append(text, &line);
	ck_assert(trace_line_read(text->str, text->len - 1, &note, NULL));
	ck_assert_int_eq(note.time, 1706702400000001);
	ck_assert_int_eq(note.pid, 71);
	ck_assert_uint_eq(note.microseconds, 41);
	ck_assert_str_eq(note.comm, "cu\"rl?");
	ck_assert_str_eq(note.call, "connect");
	ck_assert_str_eq(note.address, "[2001:db8::1]:443");
	ck_assert_str_eq(note.verdict, "host");
	ck_assert_str_eq(note.reason, "outside");
	ck_assert_str_eq(note.error, "EINPROGRESS");
	trace_note_clear(&note);
}
END_TEST

#define TIME "\"time\":\"2024-01-31T12:00:00.000001Z\""

static const char *const strangers[] = {
	"",
	" ",
	"{",
	"{}",
	"[]",
	"7",
	"null",
	"\"text\"",
	"\x80\xff",
	"{\"call\":\"connect\"}",
	"{" TIME "}",
	"{" TIME ",\"call\":7}",
	"{" TIME ",\"call\":null}",
	"{\"time\":7,\"call\":\"connect\"}",
	"{\"time\":\"yesterday\",\"call\":\"connect\"}",
	"{\"time\":\"2024-13-45T99:00:00Z\",\"call\":\"connect\"}",
	"{" TIME ",\"call\":\"connect\"",
};

START_TEST(no_lines_of_ours)
{
	struct trace_note note;
	GError *error = NULL;

	ck_assert(!trace_line_read(strangers[_i], strlen(strangers[_i]), &note, &error));
	ck_assert_ptr_nonnull(error);
	g_error_free(error);
}
END_TEST

/* Members of the wrong kind read as none; numbers below zero as zero. */
START_TEST(members_of_other_kinds)
{
	static const char line[] = "{" TIME ",\"call\":\"bind\",\"pid\":\"x\",\"comm\":[1],"
				   "\"address\":{},\"verdict\":true,\"microseconds\":-5,"
				   "\"more\":1}";
	struct trace_note note;

	ck_assert(trace_line_read(line, strlen(line), &note, NULL));
	ck_assert_str_eq(note.call, "bind");
	ck_assert_int_eq(note.pid, 0);
	ck_assert_uint_eq(note.microseconds, 0);
	ck_assert_ptr_null(note.comm);
	ck_assert_ptr_null(note.address);
	ck_assert_ptr_null(note.verdict);
	trace_note_clear(&note);
}
END_TEST

START_TEST(a_line_too_long)
{
	g_autofree char *line = g_strnfill(TRACE_LINE_MAX + 1, '[');
	struct trace_note note;

	ck_assert(!trace_line_read(line, strlen(line), &note, NULL));
}
END_TEST

/* Brackets without end must not exhaust the stack. */
START_TEST(a_deep_line)
{
	g_autofree char *line = g_strnfill(TRACE_LINE_MAX, '[');
	struct trace_note note;

	ck_assert(!trace_line_read(line, strlen(line), &note, NULL));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trace_read");
	TCase *tests = tcase_create("trace_read");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, a_line_of_ours);
	tcase_add_loop_test(tests, no_lines_of_ours, 0, G_N_ELEMENTS(strangers));
	tcase_add_test(tests, members_of_other_kinds);
	tcase_add_test(tests, a_line_too_long);
	tcase_add_test(tests, a_deep_line);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
