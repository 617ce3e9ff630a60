/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the event loop. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "slirp-glue/loop.h"

#define MS (1000ULL * 1000)

static struct loop *loop;

static void setup(void)
{
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
}

static void teardown(void)
{
	loop_free(loop);
}

/* What a callback saw. */
struct seen {
	int calls;
	int fd;
	uint32_t events;
};

static void note(int fd, uint32_t events, void *data)
{
	struct seen *seen = data;

	seen->calls++;
	seen->fd = fd;
	seen->events = events;
}

static void make_pair(int pair[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

static void close_pair(int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

START_TEST(ready_descriptor_is_called_until_read)
{
	struct seen seen = { 0 };
	int pair[2];

	make_pair(pair);
	ck_assert_int_eq(loop_watch(loop, pair[0], EPOLLIN, note, &seen), 0);
	ck_assert_int_eq(loop_turn(loop, 0), 0);
	ck_assert_int_eq(seen.calls, 0);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert_int_eq(loop_turn(loop, 1000), 1);
	ck_assert_int_eq(loop_turn(loop, 1000), 1);
	ck_assert_int_eq(seen.calls, 2);
	ck_assert_int_eq(seen.fd, pair[0]);
	ck_assert_uint_eq(seen.events, EPOLLIN);
	close_pair(pair);
}
END_TEST

START_TEST(watching_again_changes_everything)
{
	struct seen first = { 0 };
	struct seen second = { 0 };
	int pair[2];

	make_pair(pair);
	ck_assert_int_eq(loop_watch(loop, pair[0], EPOLLIN, note, &first), 0);
	ck_assert_int_eq(loop_watch(loop, pair[0], EPOLLOUT, note, &second), 0);
	ck_assert_int_eq(loop_turn(loop, 1000), 1);
	ck_assert_uint_eq(second.events, EPOLLOUT);
	/* The same events, another owner. */
	ck_assert_int_eq(loop_watch(loop, pair[0], EPOLLOUT, note, &first), 0);
	ck_assert_int_eq(loop_turn(loop, 1000), 1);
	ck_assert_int_eq(first.calls, 1);
	ck_assert_int_eq(second.calls, 1);
	close_pair(pair);
}
END_TEST

START_TEST(no_events_still_tell_of_hangup)
{
	struct seen seen = { 0 };
	int pair[2];

	make_pair(pair);
	ck_assert_int_eq(loop_watch(loop, pair[0], 0, note, &seen), 0);
	ck_assert_int_eq(loop_turn(loop, 0), 0);
	close(pair[1]);
	ck_assert_int_eq(loop_turn(loop, 1000), 1);
	ck_assert_uint_eq(seen.events, EPOLLHUP);
	close(pair[0]);
}
END_TEST

START_TEST(unwatched_descriptor_is_silent)
{
	struct seen seen = { 0 };
	int pair[2];

	make_pair(pair);
	ck_assert_int_eq(loop_watch(loop, pair[0], EPOLLOUT, note, &seen), 0);
	loop_unwatch(loop, pair[0]);
	loop_unwatch(loop, pair[0]);
	loop_unwatch(loop, -1);
	loop_unwatch(loop, 100000);
	ck_assert_int_eq(loop_turn(loop, 0), 0);
	ck_assert_int_eq(seen.calls, 0);
	close_pair(pair);
}
END_TEST

START_TEST(closed_and_reused_number_is_watched_anew)
{
	struct seen seen = { 0 };
	int pair[2];
	int number;

	make_pair(pair);
	number = pair[0];
	ck_assert_int_eq(loop_watch(loop, number, EPOLLIN, note, &seen), 0);
	/* Closed without a word; epoll has forgotten it, the table has not. */
	close_pair(pair);
	make_pair(pair);
	ck_assert_int_eq(pair[0], number);
	ck_assert_int_eq(loop_watch(loop, number, EPOLLIN | EPOLLOUT, note, &seen), 0);
	ck_assert_int_eq(loop_turn(loop, 1000), 1);
	ck_assert_uint_eq(seen.events, EPOLLOUT);
	close_pair(pair);
}
END_TEST

START_TEST(unwatch_after_close_does_no_harm)
{
	struct seen seen = { 0 };
	int pair[2];
	int number;

	make_pair(pair);
	number = pair[0];
	ck_assert_int_eq(loop_watch(loop, number, EPOLLOUT, note, &seen), 0);
	close_pair(pair);
	loop_unwatch(loop, number);
	make_pair(pair);
	ck_assert_int_eq(pair[0], number);
	ck_assert_int_eq(loop_watch(loop, number, EPOLLOUT, note, &seen), 0);
	ck_assert_int_eq(loop_turn(loop, 1000), 1);
	ck_assert_int_eq(seen.calls, 1);
	close_pair(pair);
}
END_TEST

START_TEST(watch_errors)
{
	struct seen seen = { 0 };
	char path[] = "/tmp/test_loop.XXXXXX";
	int file = mkstemp(path);

	ck_assert_int_ge(file, 0);
	unlink(path);
	ck_assert_int_eq(loop_watch(loop, -1, EPOLLIN, note, &seen), -EBADF);
	ck_assert_int_eq(loop_watch(loop, 900, EPOLLIN, note, &seen), -EBADF);
	ck_assert_int_eq(loop_watch(loop, file, EPOLLIN, note, &seen), -EPERM);
	ck_assert_int_eq(loop_turn(loop, 0), 0);
	close(file);
}
END_TEST

/* Whichever of the two comes first takes the other one away. */
struct rivals {
	int fds[2];
	int calls;
	bool rewatch;
	struct seen newcomer;
};

static void remove_rival(int fd, uint32_t events, void *data)
{
	struct rivals *rivals = data;
	int other = rivals->fds[fd == rivals->fds[0]];

	(void)events;
	rivals->calls++;
	loop_unwatch(loop, other);
	if (rivals->rewatch)
		ck_assert_int_eq(loop_watch(loop, other, EPOLLOUT, note, &rivals->newcomer), 0);
}

static void run_rivals(struct rivals *rivals)
{
	int first[2];
	int second[2];

	make_pair(first);
	make_pair(second);
	rivals->fds[0] = first[0];
	rivals->fds[1] = second[0];
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
			loop_watch(loop, rivals->fds[i], EPOLLIN | EPOLLOUT, remove_rival, rivals),
			0);
	ck_assert_int_eq(loop_turn(loop, 1000), 2);
	close_pair(first);
	close_pair(second);
}

START_TEST(event_of_this_turn_does_not_reach_the_unwatched)
{
	struct rivals rivals = { 0 };

	run_rivals(&rivals);
	ck_assert_int_eq(rivals.calls, 1);
}
END_TEST

START_TEST(event_of_this_turn_does_not_reach_a_new_owner)
{
	struct rivals rivals = { .rewatch = true };

	run_rivals(&rivals);
	ck_assert_int_eq(rivals.calls, 1);
	ck_assert_int_eq(rivals.newcomer.calls, 0);
}
END_TEST

#define MANY 600

START_TEST(more_descriptors_than_a_batch_holds)
{
	struct rlimit limit;
	struct seen seen[MANY] = { 0 };
	int fds[MANY];
	int pair[2];

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = MIN(limit.rlim_max, 4096);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	make_pair(pair);
	for (int i = 0; i < MANY; i++) {
		fds[i] = fcntl(pair[0], F_DUPFD_CLOEXEC, 0);
		ck_assert_int_ge(fds[i], 0);
		ck_assert_int_eq(loop_watch(loop, fds[i], EPOLLOUT, note, &seen[i]), 0);
	}
	for (int i = 0; i < 3; i++)
		ck_assert_int_gt(loop_turn(loop, 1000), 0);
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_ge(seen[i].calls, 1);
		ck_assert_int_eq(seen[i].fd, fds[i]);
		loop_unwatch(loop, fds[i]);
		close(fds[i]);
	}
	close_pair(pair);
}
END_TEST

/* A timer's own account. */
struct clock_note {
	struct loop_timer *timer;
	uint64_t at_ns; /* when it was due */
	int calls;
	int order;
	bool again;
	bool gone;
};

static int order;

static void expire(void *data)
{
	struct clock_note *mine = data;

	mine->calls++;
	mine->order = ++order;
	ck_assert_uint_ge(loop_now(loop), mine->at_ns);
	if (mine->again)
		loop_timer_set(mine->timer, 1);
	if (mine->gone)
		g_clear_pointer(&mine->timer, loop_timer_free);
}

START_TEST(timers_expire_in_order)
{
	static const unsigned delays[] = { 9, 2, 7, 1, 12, 3, 5, 11, 4, 10, 6, 8 };
	struct clock_note notes[G_N_ELEMENTS(delays)] = { 0 };
	uint64_t start;

	order = 0;
	loop_turn(loop, 0);
	start = loop_now(loop);
	for (size_t i = 0; i < G_N_ELEMENTS(delays); i++) {
		notes[i].timer = loop_timer_new(loop, expire, &notes[i]);
		notes[i].at_ns = start + delays[i] * MS;
		loop_timer_set(notes[i].timer, notes[i].at_ns);
	}
	/* One that is taken back and one that moves to the end. */
	loop_timer_set(notes[3].timer, 0);
	notes[5].at_ns = start + 20 * MS;
	loop_timer_set(notes[5].timer, notes[5].at_ns);
	for (int turns = 0; order < 11; turns++) {
		ck_assert_int_lt(turns, 100);
		ck_assert_int_eq(loop_turn(loop, -1), 0);
	}
	ck_assert_int_eq(notes[3].calls, 0);
	ck_assert_int_eq(notes[1].order, 1);
	ck_assert_int_eq(notes[8].order, 2);
	ck_assert_int_eq(notes[4].order, 10);
	ck_assert_int_eq(notes[5].order, 11);
	for (size_t i = 0; i < G_N_ELEMENTS(delays); i++)
		loop_timer_free(notes[i].timer);
	loop_timer_free(NULL);
}
END_TEST

START_TEST(heap_survives_random_use)
{
	struct clock_note notes[64] = { 0 };
	GRand *random = g_rand_new_with_seed(1);
	uint64_t due;

	for (size_t i = 0; i < G_N_ELEMENTS(notes); i++)
		notes[i].timer = loop_timer_new(loop, expire, &notes[i]);
	order = 0;
	for (int i = 0; i < 5000; i++) {
		struct clock_note *mine = &notes[g_rand_int_range(random, 0, 64)];

		mine->at_ns =
			g_rand_int_range(random, 0, 4) == 0
				? 0
				: loop_now(loop) + 1 + g_rand_int_range(random, 0, 1000) * 1000;
		loop_timer_set(mine->timer, mine->at_ns);
	}
	due = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(notes); i++)
		due += notes[i].at_ns != 0;
	ck_assert_uint_gt(due, 0);
	for (int turns = 0; order < (int)due; turns++) {
		ck_assert_int_lt(turns, 100);
		ck_assert_int_eq(loop_turn(loop, 1000), 0);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(notes); i++) {
		ck_assert_int_eq(notes[i].calls, notes[i].at_ns != 0);
		for (size_t j = 0; j < G_N_ELEMENTS(notes); j++)
			if (notes[i].calls && notes[j].calls && notes[i].at_ns < notes[j].at_ns)
				ck_assert_int_lt(notes[i].order, notes[j].order);
		loop_timer_free(notes[i].timer);
	}
	g_rand_free(random);
}
END_TEST

START_TEST(timer_set_to_the_past_does_not_hold_the_turn)
{
	struct clock_note mine = { .again = true };

	mine.timer = loop_timer_new(loop, expire, &mine);
	loop_timer_set(mine.timer, 1);
	ck_assert_int_eq(loop_turn(loop, -1), 0);
	ck_assert_int_eq(mine.calls, 1);
	ck_assert_int_eq(loop_turn(loop, -1), 0);
	ck_assert_int_eq(mine.calls, 2);
	loop_timer_free(mine.timer);
}
END_TEST

START_TEST(timer_frees_itself)
{
	struct clock_note mine = { .gone = true };

	mine.timer = loop_timer_new(loop, expire, &mine);
	loop_timer_set(mine.timer, 1);
	ck_assert_int_eq(loop_turn(loop, -1), 0);
	ck_assert_int_eq(loop_turn(loop, 0), 0);
	ck_assert_int_eq(mine.calls, 1);
	ck_assert_ptr_null(mine.timer);
}
END_TEST

START_TEST(timeout_ends_the_wait_before_a_far_timer)
{
	struct clock_note mine = { 0 };
	uint64_t start;

	loop_turn(loop, 0);
	start = loop_now(loop);
	mine.timer = loop_timer_new(loop, expire, &mine);
	loop_timer_set(mine.timer, UINT64_MAX);
	ck_assert_int_eq(loop_turn(loop, 20), 0);
	ck_assert_int_eq(mine.calls, 0);
	ck_assert_uint_ge(loop_now(loop) - start, 19 * MS);
	ck_assert_uint_lt(loop_now(loop) - start, 5000 * MS);
	loop_timer_free(mine.timer);
}
END_TEST

START_TEST(now_stands_still_within_a_turn)
{
	uint64_t before;
	struct timespec now;

	loop_turn(loop, 0);
	before = loop_now(loop);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert_uint_eq(loop_now(loop), before);
	ck_assert_uint_le(before, (uint64_t)now.tv_sec * 1000 * MS + (uint64_t)now.tv_nsec);
	ck_assert_uint_gt(before + 60000 * MS,
			  (uint64_t)now.tv_sec * 1000 * MS + (uint64_t)now.tv_nsec);
}
END_TEST

START_TEST(no_descriptor_for_epoll)
{
	struct rlimit before;
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	errno = 0;
	ck_assert_ptr_null(loop_new());
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	loop_free(NULL);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("loop");
	TCase *descriptors = tcase_create("descriptors");
	TCase *timers = tcase_create("timers");

	tcase_add_checked_fixture(descriptors, setup, teardown);
	tcase_add_test(descriptors, ready_descriptor_is_called_until_read);
	tcase_add_test(descriptors, watching_again_changes_everything);
	tcase_add_test(descriptors, no_events_still_tell_of_hangup);
	tcase_add_test(descriptors, unwatched_descriptor_is_silent);
	tcase_add_test(descriptors, closed_and_reused_number_is_watched_anew);
	tcase_add_test(descriptors, unwatch_after_close_does_no_harm);
	tcase_add_test(descriptors, watch_errors);
	tcase_add_test(descriptors, event_of_this_turn_does_not_reach_the_unwatched);
	tcase_add_test(descriptors, event_of_this_turn_does_not_reach_a_new_owner);
	tcase_add_test(descriptors, more_descriptors_than_a_batch_holds);
	tcase_add_test(descriptors, no_descriptor_for_epoll);
	suite_add_tcase(suite, descriptors);
	tcase_add_checked_fixture(timers, setup, teardown);
	tcase_add_test(timers, timers_expire_in_order);
	tcase_add_test(timers, heap_survives_random_use);
	tcase_add_test(timers, timer_set_to_the_past_does_not_hold_the_turn);
	tcase_add_test(timers, timer_frees_itself);
	tcase_add_test(timers, timeout_ends_the_wait_before_a_far_timer);
	tcase_add_test(timers, now_stands_still_within_a_turn);
	suite_add_tcase(suite, timers);
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
