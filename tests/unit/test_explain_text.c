/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of explain/explain_text: what fits a terminal, whatever is told. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "explain/amount.h"
#include "explain/explain_text.h"

#define WIDTH 80

static struct explanation explanation;
static char program[] = "curl";
static char *const command[] = { program, NULL };

static void free_recording(void *recording)
{
	recording_free(recording);
}

static void setup(void)
{
	explanation = (struct explanation){ .command = command };
	explanation.recordings = g_ptr_array_new_with_free_func(free_recording);
}

static void teardown(void)
{
	g_ptr_array_unref(explanation.recordings);
}

/* A recording with a start that says text. */
static struct recording *add_path(const char *path, const char *text)
{
	const struct timeline_limits limits = { .events = 10 };
	struct recording *recording = recording_new(path);

	recording->present = true;
	recording->begin = 1000000;
	recording->end = 2500000;
	recording->timeline = timeline_new(&limits);
	timeline_add_program(recording->timeline, TOPIC_start, 1000000, text);
	g_ptr_array_add(explanation.recordings, recording);
	return recording;
}

static char *print(bool colours)
{
	char *text = explain_text(&explanation, colours);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line && !colours; line++) {
		ck_assert_msg(g_utf8_strlen(*line, -1) <= WIDTH, "%s", *line);
		ck_assert_msg(!g_str_has_suffix(*line, " "), "%s", *line);
	}
	return text;
}

START_TEST(totals_stand_side_by_side)
{
	g_autofree char *text = NULL;

	add_path("packet", "curl");
	add_path("hybrid", "curl");
	add_path("syscall", "curl");
	text = print(false);
	ck_assert_ptr_nonnull(strstr(text, "TOTALS                                  packet"
					   "          hybrid         syscall\n"));
	ck_assert_ptr_nonnull(strstr(text, "time from start to end                  1.50 s"
					   "          1.50 s          1.50 s\n"));
	ck_assert_ptr_nonnull(strstr(text, "frames                                       0"
					   "               0               -\n"));
}
END_TEST

START_TEST(once_is_a_word)
{
	char text[AMOUNT_TEXT_MAX];

	ck_assert_str_eq(amount_times(0, text), "0 times");
	ck_assert_str_eq(amount_times(1, text), "once");
	ck_assert_str_eq(amount_times(2, text), "2 times");
}
END_TEST

/* Long words are broken, others kept whole; umlauts count as one character. */
START_TEST(long_texts_are_wrapped)
{
	g_autoptr(GString) long_text = g_string_new(NULL);
	g_autofree char *text = NULL;

	for (int i = 0; i < 30; i++)
		g_string_append(long_text, "word \xc3\xa4\xc3\xb6\xc3\xbc ");
	for (int i = 0; i < 300; i++)
		g_string_append_c(long_text, 'x');
	add_path("packet", long_text->str);
	text = print(false);
	ck_assert_ptr_nonnull(strstr(text, "word"));
	ck_assert_ptr_null(strstr(text, "wor\n"));
}
END_TEST

START_TEST(colours_only_when_asked)
{
	g_autofree char *plain = NULL;
	g_autofree char *coloured = NULL;

	add_path("packet", "curl");
	plain = print(false);
	coloured = print(true);
	ck_assert_ptr_null(strchr(plain, '\033'));
	ck_assert_ptr_nonnull(strchr(coloured, '\033'));
}
END_TEST

START_TEST(what_is_missing_is_said)
{
	struct recording *absent = recording_new("hybrid");
	struct recording *present = add_path("packet", "curl");
	g_autofree char *text = NULL;

	absent->why = g_strdup("the kernel has no notification\n");
	g_ptr_array_add(explanation.recordings, absent);
	recording_remark(present, "%d frames are missing", 7);
	text = print(false);
	ck_assert_ptr_nonnull(strstr(text, "  not shown: the kernel has no notification\n\n"));
	ck_assert_ptr_nonnull(strstr(text, "  7 frames are missing\n"));
}
END_TEST

START_TEST(what_is_not_listed_is_counted)
{
	struct recording *recording = add_path("packet", "curl");
	const struct frame_note note = { .topic = TOPIC_arp, .direction = DIRECTION_OUT };
	g_autofree char *text = NULL;

	for (int i = 0; i < 15; i++)
		timeline_add_frame(recording->timeline, 1000000 + i, &note);
	text = print(false);
	ck_assert_ptr_nonnull(strstr(text, "  5 further events are counted, but not listed"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain_text");
	TCase *tests = tcase_create("explain_text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, totals_stand_side_by_side);
	tcase_add_test(tests, once_is_a_word);
	tcase_add_test(tests, long_texts_are_wrapped);
	tcase_add_test(tests, colours_only_when_asked);
	tcase_add_test(tests, what_is_missing_is_said);
	tcase_add_test(tests, what_is_not_listed_is_counted);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
