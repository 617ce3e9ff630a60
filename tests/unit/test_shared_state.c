/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit tests of src/syscall/shared_state.c. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/shared_state.h"

static int memfd;
static struct shared_state *state;

static void start(void)
{
	memfd = shared_state_create();
	ck_assert_int_ge(memfd, 0);
	state = shared_state_map(memfd);
	ck_assert_ptr_nonnull(state);
}

static void stop(void)
{
	shared_state_unmap(state);
	descriptor_close(&memfd);
}

/* As if the kernel had written it. */
static struct slot *fill(uint64_t id)
{
	struct slot *slot = shared_state_free_slot(state);

	ck_assert_ptr_nonnull(slot);
	ck_assert_uint_eq(slot->notification.id, 0);
	ck_assert_uint_eq(slot->attempts, 0);
	ck_assert_int_eq(slot->answer, 0);
	slot->notification.id = id;
	slot->notification.pid = (uint32_t)id + 1;
	return slot;
}

/* What a supervisor's successor does. */
static void map_again(void)
{
	shared_state_unmap(state);
	state = shared_state_map(memfd);
	ck_assert_ptr_nonnull(state);
}

static void add_id(struct slot *slot, void *data)
{
	*(uint64_t *)data += slot->notification.id;
}

static uint64_t sum_of_ids(void)
{
	uint64_t sum = 0;

	shared_state_each(state, add_id, &sum);
	return sum;
}

START_TEST(starts_empty)
{
	ck_assert_uint_eq(shared_state_used(state), 0);
	ck_assert_uint_eq(sum_of_ids(), 0);
	for (int i = 0; i < PUBLISHED_MAX; i++)
		ck_assert_uint_eq(shared_state_published(state)[i].forward, 0);
	ck_assert_int_eq(fcntl(memfd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_lt(ftruncate(memfd, 0), 0);
	shared_state_unmap(NULL);
}
END_TEST

START_TEST(slot_is_free_until_filled)
{
	struct slot *slot = shared_state_free_slot(state);

	slot->attempts = 7;
	ck_assert_ptr_eq(shared_state_free_slot(state), slot);
	ck_assert_uint_eq(slot->attempts, 0);
	ck_assert_uint_eq(shared_state_used(state), 0);
	ck_assert_ptr_eq(fill(5), slot);
	ck_assert_uint_eq(shared_state_used(state), 1);
	ck_assert_ptr_ne(shared_state_free_slot(state), slot);
}
END_TEST

START_TEST(released_slot_comes_back)
{
	struct slot *first = fill(1), *second = fill(2);

	shared_state_release(state, first);
	ck_assert_uint_eq(first->notification.id, 0);
	ck_assert_uint_eq(shared_state_used(state), 1);
	ck_assert_ptr_eq(fill(3), first);
	/* The one that was taken last, and is not off the stack yet. */
	shared_state_release(state, first);
	shared_state_release(state, first);
	shared_state_release(state, second);
	shared_state_release(state, second);
	ck_assert_uint_eq(shared_state_used(state), 0);
	fill(4);
	fill(5);
	ck_assert_uint_eq(shared_state_used(state), 2);
	ck_assert_uint_eq(sum_of_ids(), 9);
}
END_TEST

START_TEST(full)
{
	for (uint64_t id = 1; id <= SLOTS_MAX; id++)
		fill(id);
	ck_assert_uint_eq(shared_state_used(state), SLOTS_MAX);
	ck_assert_ptr_null(shared_state_free_slot(state));
	map_again();
	ck_assert_ptr_null(shared_state_free_slot(state));
}
END_TEST

START_TEST(full_and_one_released)
{
	struct slot *some = NULL;

	for (uint64_t id = 1; id <= SLOTS_MAX; id++)
		some = fill(id);
	shared_state_release(state, some);
	ck_assert_ptr_eq(fill(1), some);
	ck_assert_ptr_null(shared_state_free_slot(state));
}
END_TEST

/* Random takes and releases against a plain count. */
START_TEST(takes_and_releases)
{
	struct slot *slots[300] = { NULL };
	uint32_t used = 0;
	uint64_t id = 0, sum = 0;
	GRand *rand = g_rand_new_with_seed(7);

	for (int turn = 0; turn < 20000; turn++) {
		struct slot **slot = &slots[g_rand_int_range(rand, 0, G_N_ELEMENTS(slots))];

		if (*slot) {
			sum -= (*slot)->notification.id;
			shared_state_release(state, *slot);
			*slot = NULL;
			used--;
		} else {
			*slot = fill(++id);
			sum += id;
			used++;
		}
		if (turn % 100 == 0) {
			ck_assert_uint_eq(shared_state_used(state), used);
			ck_assert_uint_eq(sum_of_ids(), sum);
		}
	}
	g_rand_free(rand);
}
END_TEST

START_TEST(outlives_its_user)
{
	struct slot *middle;

	fill(10)->attempts = 2;
	middle = fill(20);
	fill(30)->answer = 115;
	shared_state_release(state, middle);
	/* Handed out, never filled. */
	shared_state_free_slot(state);
	shared_state_published(state)[3].cookie = 99;
	map_again();
	ck_assert_uint_eq(shared_state_used(state), 2);
	ck_assert_uint_eq(sum_of_ids(), 40);
	fill(1);
	fill(2);
	ck_assert_uint_eq(shared_state_used(state), 4);
	ck_assert_uint_eq(sum_of_ids(), 43);
	ck_assert_uint_eq(shared_state_published(state)[3].cookie, 99);
}
END_TEST

static void release(struct slot *slot, void *data)
{
	shared_state_release(data, slot);
}

START_TEST(visit_may_release)
{
	for (uint64_t id = 1; id <= 100; id++)
		fill(id);
	map_again();
	shared_state_each(state, release, state);
	ck_assert_uint_eq(shared_state_used(state), 0);
	for (uint64_t id = 1; id <= 100; id++)
		fill(id);
	ck_assert_uint_eq(shared_state_used(state), 100);
}
END_TEST

START_TEST(others_see_it)
{
	struct shared_state *other = shared_state_map(memfd);

	fill(1);
	fill(2);
	ck_assert_uint_eq(shared_state_used(other), 2);
	shared_state_unmap(other);
}
END_TEST

/* Writes a 32-bit number into the memory: magic at 0, size at 8, slots_seen at 12. */
static void spoil(off_t offset, uint32_t value)
{
	ck_assert_int_eq(pwrite(memfd, &value, sizeof(value), offset), sizeof(value));
}

START_TEST(spoilt_header_is_refused)
{
	static const struct {
		off_t offset;
		uint32_t value;
	} rows[] = { { 0, 1 }, { 8, 4096 }, { 12, SLOTS_MAX + 1 }, { 12, UINT32_MAX } };

	spoil(rows[_i].offset, rows[_i].value);
	errno = 0;
	ck_assert_ptr_null(shared_state_map(memfd));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(spoilt_count_is_kept_in_range)
{
	fill(8);
	spoil(12, UINT32_MAX);
	ck_assert_uint_eq(shared_state_used(state), 1);
	ck_assert_uint_eq(sum_of_ids(), 8);
	ck_assert_ptr_null(shared_state_free_slot(state));
}
END_TEST

START_TEST(other_memory_is_refused)
{
	struct stat stat;
	int other = memfd_create("other", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_ptr_null(shared_state_map(other));
	ck_assert_int_eq(errno, EINVAL);
	/* The right size, and no seals. */
	ck_assert_int_eq(fstat(memfd, &stat), 0);
	ck_assert_int_eq(ftruncate(other, stat.st_size), 0);
	ck_assert_ptr_null(shared_state_map(other));
	ck_assert_int_eq(errno, EINVAL);
	close(other);
	ck_assert_ptr_null(shared_state_map(-1));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shared_state");
	TCase *tcase = tcase_create("slots");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_add_test(tcase, starts_empty);
	tcase_add_test(tcase, slot_is_free_until_filled);
	tcase_add_test(tcase, released_slot_comes_back);
	tcase_add_test(tcase, full);
	tcase_add_test(tcase, full_and_one_released);
	tcase_add_test(tcase, takes_and_releases);
	tcase_add_test(tcase, outlives_its_user);
	tcase_add_test(tcase, visit_may_release);
	tcase_add_test(tcase, others_see_it);
	tcase_add_loop_test(tcase, spoilt_header_is_refused, 0, 4);
	tcase_add_test(tcase, spoilt_count_is_kept_in_range);
	tcase_add_test(tcase, other_memory_is_refused);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
