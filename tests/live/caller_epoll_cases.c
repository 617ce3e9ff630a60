/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tests: which epoll instances a caller has. */

#include "config.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/epoll.h>

#include "caller_world.h"
#include "syscall/notification.h"

/* Answers what a script's calls wait for, as a supervisor does. */
static struct seccomp_notif pass_epoll(void)
{
	struct seccomp_notif call = await_call(SYS_epoll_create1);

	callers_note_epoll(callers, (pid_t)call.pid);
	ck_assert_int_eq(notification_continue(listener, call.id), 0);
	return call;
}

static bool has_epoll(pid_t tid, int64_t number, size_t wanted)
{
	size_t count;
	const int *numbers = callers_epolls(callers, tid, &count);

	ck_assert_uint_eq(count, wanted);
	for (size_t i = 0; i < count; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* Made after the process was first looked at; the last one under the number of one closed. */
START_TEST(epolls)
{
	const int kind = _i % 3;
	const struct script script = {
		TCP,
		{ CONNECT, MAKE_EPOLL, CONNECT, { SYS_dup3, { RESULT(1), 77, 0 }, false } },
		.call_count = 4,
		.threaded = kind > 0,
		.own_table = kind > 1
	};
	struct caller caller = start_caller(&script);
	struct seccomp_notif call = await_call(SYS_connect);
	pid_t tid = (pid_t)call.pid;
	int64_t number;

	/* Without kcmp(2) too. */
	if (_i >= 3)
		refuse(SCMP_SYS(kcmp), 0, ENOSYS);
	ck_assert(!has_epoll(tid, -1, 0));
	ck_assert(!has_epoll(tid, -1, 0));
	notification_answer(listener, call.id, 0, 0);
	check_outcome(&caller, 0);
	pass_epoll();
	number = await_outcome(&caller).value;
	call = await_call(SYS_connect);
	ck_assert(has_epoll(tid, number, 1));
	ck_assert(has_epoll(tid, number, 1));
	notification_answer(listener, call.id, 0, 0);
	check_outcome(&caller, 0);
	check_outcome(&caller, 0);
	stop_caller(&caller);
	ck_assert(!has_epoll(tid, number, 0));
}
END_TEST

/* A look between the note and the making must not be the last. */
START_TEST(epoll_made_late)
{
	const struct script script = { TCP, { CONNECT, MAKE_EPOLL, CONNECT }, .call_count = 3 };
	struct caller caller = start_caller(&script);
	struct seccomp_notif call = await_call(SYS_connect);
	pid_t tid = (pid_t)call.pid;
	int64_t number;

	callers_note_epoll(callers, tid);
	for (int turn = 0; turn < 3; turn++)
		ck_assert(!has_epoll(tid, -1, 0));
	notification_answer(listener, call.id, 0, 0);
	check_outcome(&caller, 0);
	call = await_call(SYS_epoll_create1);
	ck_assert_int_eq(notification_continue(listener, call.id), 0);
	number = await_outcome(&caller).value;
	call = await_call(SYS_connect);
	ck_assert(has_epoll(tid, number, 1));
	notification_answer(listener, call.id, 0, 0);
	stop_caller(&caller);
}
END_TEST

/* It closes the one that it made, and has moved it before. */
START_TEST(epoll_moved)
{
	const struct script script = { TCP,
				       { MAKE_EPOLL,
					 CONNECT,
					 { SYS_dup3, { RESULT(0), 77, 0 }, false },
					 { SYS_close, { RESULT(0) }, false } },
				       .call_count = 4 };
	struct caller caller = start_caller(&script);
	struct seccomp_notif call = pass_epoll();
	pid_t tid = (pid_t)call.pid;
	int64_t number = await_outcome(&caller).value;

	call = await_call(SYS_connect);
	ck_assert(has_epoll(tid, number, 1));
	notification_answer(listener, call.id, 0, 0);
	for (int i = 0; i < 3; i++)
		check_outcome(&caller, 0);
	ck_assert(has_epoll(tid, 77, 1));
	stop_caller(&caller);
}
END_TEST

/* Box task: an epoll instance that the processes of the box inherit; returns its number. */
static int make_epoll(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	(void)ret_fd;
	return epoll_create1(0);
}

/* Known from the first look; then moved, which nothing tells. */
START_TEST(epoll_inherited)
{
	struct script script = { TCP, { CONNECT, { 0 }, { 0 } }, .call_count = 3 };
	struct caller caller;
	struct seccomp_notif call;
	int number;

	stop_callers();
	start_world();
	callers = callers_new(proc);
	number = box_run(&box, make_epoll, NULL, 0, NULL, NULL);
	ck_assert_int_ge(number, 0);
	install_filter(FILTER_HYBRID);
	script.calls[1] = (struct call){ SYS_dup3, { (uint64_t)number, 77, 0 }, false };
	script.calls[2] = (struct call){ SYS_close, { (uint64_t)number }, false };
	caller = start_caller(&script);
	call = await_call(SYS_connect);
	ck_assert(has_epoll((pid_t)call.pid, number, 1));
	notification_answer(listener, call.id, 0, 0);
	for (int i = 0; i < 3; i++)
		check_outcome(&caller, 0);
	ck_assert(has_epoll((pid_t)call.pid, 77, 1));
	stop_caller(&caller);
}
END_TEST

TCase *caller_epoll_cases(void)
{
	TCase *cases = tcase_create("epolls");

	tcase_add_checked_fixture(cases, start_callers, stop_callers);
	tcase_add_loop_test(cases, epolls, 0, 5);
	tcase_add_test(cases, epoll_made_late);
	tcase_add_test(cases, epoll_moved);
	tcase_add_test(cases, epoll_inherited);
	return cases;
}
