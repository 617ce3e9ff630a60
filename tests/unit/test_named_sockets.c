/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of named_sockets.c: what is noted of a socket outlives the mapping it was noted by. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "syscall/named_sockets.h"

static int memfd;
static struct shared_state *state;

static void set_up(void)
{
	memfd = shared_state_create();
	ck_assert_int_ge(memfd, 0);
	state = shared_state_map(memfd);
	ck_assert_ptr_nonnull(state);
}

static void tear_down(void)
{
	shared_state_unmap(state);
	descriptor_close(&memfd);
}

static int make_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static enum virtual_name find(enum named_kind kind, int fd)
{
	return named_sockets_find(state, kind, named_sockets_cookie(fd));
}

START_TEST(kinds_are_apart_and_outlive_the_mapping)
{
	CLEANUP_CLOSE int listener = make_socket();
	CLEANUP_CLOSE int client = make_socket();

	ck_assert_int_eq(find(NAMED_LISTENER, listener), VIRTUAL_UNKNOWN);
	named_sockets_note(state, NAMED_LISTENER, listener, VIRTUAL_WILDCARD);
	named_sockets_note(state, NAMED_CLIENT, client, VIRTUAL_OWN);
	shared_state_unmap(state);
	state = shared_state_map(memfd);
	ck_assert_ptr_nonnull(state);
	ck_assert_int_eq(find(NAMED_LISTENER, listener), VIRTUAL_WILDCARD);
	ck_assert_int_eq(find(NAMED_CLIENT, client), VIRTUAL_OWN);
	ck_assert_int_eq(find(NAMED_CLIENT, listener), VIRTUAL_UNKNOWN);
	ck_assert_int_eq(find(NAMED_LISTENER, client), VIRTUAL_UNKNOWN);
}
END_TEST

START_TEST(a_later_name_counts)
{
	CLEANUP_CLOSE int fd = make_socket();

	named_sockets_note(state, NAMED_CLIENT, fd, VIRTUAL_OWN);
	named_sockets_note(state, NAMED_CLIENT, fd, VIRTUAL_LOOPBACK);
	ck_assert_int_eq(find(NAMED_CLIENT, fd), VIRTUAL_LOOPBACK);
	ck_assert_uint_eq(shared_state_named(state, NAMED_CLIENT)->next, 1);
}
END_TEST

START_TEST(the_oldest_makes_room)
{
	CLEANUP_CLOSE int first = make_socket();
	CLEANUP_CLOSE int last = make_socket();

	named_sockets_note(state, NAMED_CLIENT, first, VIRTUAL_OWN);
	for (size_t i = 1; i < NAMED_MAX; i++) {
		CLEANUP_CLOSE int fd = make_socket();

		named_sockets_note(state, NAMED_CLIENT, fd, VIRTUAL_OWN);
	}
	ck_assert_int_eq(find(NAMED_CLIENT, first), VIRTUAL_OWN);
	named_sockets_note(state, NAMED_CLIENT, last, VIRTUAL_LOOPBACK);
	ck_assert_int_eq(find(NAMED_CLIENT, first), VIRTUAL_UNKNOWN);
	ck_assert_int_eq(find(NAMED_CLIENT, last), VIRTUAL_LOOPBACK);
}
END_TEST

START_TEST(no_socket_has_no_name)
{
	named_sockets_note(state, NAMED_CLIENT, memfd, VIRTUAL_OWN);
	ck_assert_uint_eq(named_sockets_cookie(memfd), 0);
	ck_assert_int_eq(named_sockets_find(state, NAMED_CLIENT, 0), VIRTUAL_UNKNOWN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("named_sockets");
	TCase *cases = tcase_create("named_sockets");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, kinds_are_apart_and_outlive_the_mapping);
	tcase_add_test(cases, a_later_name_counts);
	tcase_add_test(cases, the_oldest_makes_room);
	tcase_add_test(cases, no_socket_has_no_name);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
