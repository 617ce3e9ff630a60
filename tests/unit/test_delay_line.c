/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The delay line of the test world: order, times, and the bounds of its ring. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "relay/delay_line.h"

#define HEADER 10

static void put(struct line *line, size_t length, unsigned char mark, uint64_t now)
{
	unsigned char *room = line_reserve(line);

	ck_assert_ptr_nonnull(room);
	memset(room, mark, length);
	line_commit(line, length, HEADER, now);
}

static void take(struct line *line, size_t length, unsigned char mark, uint64_t due)
{
	size_t got_length;
	uint64_t got_due;
	const unsigned char *frame = line_head(line, &got_length, &got_due);

	ck_assert_ptr_nonnull(frame);
	ck_assert_uint_eq(got_length, length);
	ck_assert_uint_eq(got_due, due);
	ck_assert_uint_eq(frame[0], mark);
	ck_assert_uint_eq(frame[length - 1], mark);
	line_pop(line);
}

START_TEST(frames_come_due_after_the_delay)
{
	const struct line_settings settings = { .delay = 5000000, .queue_size = 1 << 20 };
	struct line *line = line_new(&settings);
	size_t length;
	uint64_t due;

	ck_assert_ptr_null(line_head(line, &length, &due));
	put(line, 100, 1, 1000);
	put(line, LINE_FRAME_MAX, 2, 1000);
	take(line, 100, 1, 5001000);
	take(line, LINE_FRAME_MAX, 2, 5001000);
	ck_assert_ptr_null(line_head(line, &length, &due));
	line_free(line);
}
END_TEST

START_TEST(a_rate_spaces_frames_without_their_header)
{
	/* 8 Mbit/s: one byte each microsecond. */
	const struct line_settings settings = { .delay = 10,
						.rate = 8000000,
						.queue_size = 1 << 20 };
	struct line *line = line_new(&settings);

	put(line, 1000 + HEADER, 1, 0);
	put(line, 500 + HEADER, 2, 0);
	put(line, 100 + HEADER, 3, 5000000); /* the line has been idle by then */
	take(line, 1000 + HEADER, 1, 1000010);
	take(line, 500 + HEADER, 2, 1500010);
	take(line, 100 + HEADER, 3, 5100010);
	line_free(line);
}
END_TEST

START_TEST(a_full_queue_refuses_and_recovers)
{
	const struct line_settings settings = { .queue_size = 4 * LINE_FRAME_MAX };
	struct line *line = line_new(&settings);
	unsigned int count = 0;
	size_t length;
	uint64_t due;

	for (unsigned char *room; (room = line_reserve(line)) != NULL; count++) {
		room[0] = (unsigned char)count;
		line_commit(line, LINE_FRAME_MAX, HEADER, 0);
	}
	ck_assert_uint_ge(count, 4);
	ck_assert_ptr_null(line_reserve(line));
	line_pop(line);
	line_pop(line);
	ck_assert_ptr_nonnull(line_reserve(line));
	for (unsigned int i = 2; i < count; i++) {
		const unsigned char *frame = line_head(line, &length, &due);
		ck_assert_uint_eq(frame[0], i);
		line_pop(line);
	}
	ck_assert_ptr_null(line_head(line, &length, &due));
	line_free(line);
}
END_TEST

/* Random sizes, reserved but uncommitted frames too, against a count of what went in and out. */
START_TEST(frames_stay_whole_and_in_order)
{
	const struct line_settings settings = { .queue_size = 300000 };
	struct line *line = line_new(&settings);
	size_t lengths[4096];
	unsigned int in = 0;
	unsigned int out = 0;
	size_t length;
	uint64_t due;

	srand(1);
	for (int i = 0; i < 200000; i++) {
		unsigned char *room = rand() % 2 ? line_reserve(line) : NULL;
		if (room && rand() % 4) {
			length = 1 + (size_t)rand() % (rand() % 4 ? 1600 : LINE_FRAME_MAX);
			lengths[in % 4096] = length;
			room[0] = room[length - 1] = (unsigned char)in++;
			line_commit(line, length, HEADER, 0);
		}
		if (rand() % 2)
			continue;
		const unsigned char *frame = line_head(line, &length, &due);
		ck_assert_int_eq(frame != NULL, out < in);
		if (!frame)
			continue;
		ck_assert_uint_eq(length, lengths[out % 4096]);
		ck_assert_uint_eq(frame[0], (unsigned char)out);
		ck_assert_uint_eq(frame[length - 1], (unsigned char)out++);
		line_pop(line);
	}
	ck_assert_uint_gt(out, 10000);
	line_free(line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("delay_line");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, frames_come_due_after_the_delay);
	tcase_add_test(tests, a_rate_spaces_frames_without_their_header);
	tcase_add_test(tests, a_full_queue_refuses_and_recovers);
	tcase_add_test(tests, frames_stay_whole_and_in_order);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
