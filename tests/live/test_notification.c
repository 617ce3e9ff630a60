/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live test of the filter and of seccomp notification, to be run as an ordinary user: a process in
 * namespaces of its own makes calls, and the test answers those that are trapped.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "call_world.h"
#include "filter_cases.h"
#include "ordinary_user.h"
#include "syscall/caller.h"
#include "syscall/notification.h"

#define TCP AF_INET, SOCK_STREAM, 0

/* ERESTARTSYS of the kernel: the call is to be made again, or to end by EINTR. */
#define RESTART 512

static const struct script connect_script = { TCP,
					      { { SYS_connect, { SOCKET, DATA, 16 }, false } },
					      .call_count = 1 };

START_TEST(answer_error)
{
	struct caller caller = start_caller(&connect_script);
	struct seccomp_notif call = await_call(SYS_connect);

	ck_assert_int_eq(call.pid, caller.pid);
	ck_assert(notification_is_alive(listener, call.id));
	ck_assert_int_eq(notification_answer(listener, call.id, ECONNREFUSED, 0), 0);
	check_outcome(&caller, ECONNREFUSED);
	ck_assert(!notification_is_alive(listener, call.id));
	ck_assert_int_eq(notification_answer(listener, call.id, 0, 0), -ENOENT);
	stop_caller(&caller);
}
END_TEST

START_TEST(answer_value)
{
	struct caller caller = start_caller(&connect_script);
	struct seccomp_notif call = await_call(SYS_connect);
	struct outcome outcome;

	ck_assert_int_eq(notification_answer(listener, call.id, 0, INT64_C(1) << 40), 0);
	outcome = await_outcome(&caller);
	ck_assert_int_eq(outcome.value, INT64_C(1) << 40);
	ck_assert_int_eq(outcome.error, 0);
	stop_caller(&caller);
}
END_TEST

START_TEST(synchronous)
{
	int error = notification_set_synchronous(listener);

	ck_assert_msg(error == 0 || error == -EINVAL, "%d", error);
	if (error == 0)
		answer_error_fn(0);
}
END_TEST

/* The kernel does it: an address of no known family. */
START_TEST(continued)
{
	struct script script = connect_script;
	struct caller caller;
	struct seccomp_notif call;

	script.data[0] = 0xff;
	caller = start_caller(&script);
	call = await_call(SYS_connect);
	ck_assert_int_eq(notification_continue(listener, call.id), 0);
	check_outcome(&caller, EAFNOSUPPORT);
	ck_assert_int_eq(notification_continue(listener, call.id), -ENOENT);
	stop_caller(&caller);
}
END_TEST

/* The caller then writes to its socket, which is our pipe. */
START_TEST(put_descriptor)
{
	bool close_on_exec = _i == 1;
	struct script script = { TCP,
				 { { SYS_connect, { SOCKET, DATA, 16 }, false },
				   { SYS_write, { SOCKET, DATA, 5 }, false } },
				 .call_count = 2,
				 .data = "hello" };
	struct caller caller = start_caller(&script);
	struct seccomp_notif call = await_call(SYS_connect);
	struct outcome outcome;
	char text[8] = "";
	int pair[2];

	ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
	ck_assert_int_eq(notification_put_descriptor(listener, call.id, pair[1],
						     (int)call.data.args[0], close_on_exec),
			 0);
	/* Once more, as a successor would. */
	ck_assert_int_eq(notification_put_descriptor(listener, call.id, pair[1],
						     (int)call.data.args[0], close_on_exec),
			 0);
	ck_assert_int_eq(notification_put_descriptor(listener, call.id, pair[1], INT32_MAX, false),
			 -EBADF);
	close(pair[1]);
	ck_assert_int_eq(notification_answer(listener, call.id, 0, 0), 0);
	outcome = await_outcome(&caller);
	ck_assert_int_eq(outcome.value, 0);
	ck_assert_int_eq(outcome.socket_flags, close_on_exec ? FD_CLOEXEC : 0);
	check_outcome(&caller, 0);
	ck_assert_int_eq(read(pair[0], text, sizeof(text)), 5);
	ck_assert_str_eq(text, "hello");
	close(pair[0]);
	stop_caller(&caller);
}
END_TEST

START_TEST(caller_gone)
{
	struct caller caller = start_caller(&connect_script);
	struct seccomp_notif call = await_call(SYS_connect);

	stop_caller(&caller);
	ck_assert(!notification_is_alive(listener, call.id));
	ck_assert_int_eq(notification_answer(listener, call.id, 0, 0), -ENOENT);
	ck_assert_int_eq(notification_continue(listener, call.id), -ENOENT);
	ck_assert_int_eq(notification_put_descriptor(listener, call.id, 0, 5, true), -ENOENT);
	ck_assert(nothing_trapped());
}
END_TEST

/* No task is left under the filter: poll(2) tells, and so does receiving, in newer kernels. */
START_TEST(all_gone)
{
	struct pollfd poll_fd = { .fd = listener, .events = POLLIN };
	struct seccomp_notif notification;
	int error;

	box_stop(&box);
	ck_assert_int_eq(poll(&poll_fd, 1, 10000), 1);
	ck_assert_int_eq(poll_fd.revents, POLLHUP);
	signal(SIGALRM, SIG_DFL);
	alarm(1);
	error = notification_receive(listener, &notification);
	alarm(0);
	ck_assert_int_eq(error, -ENOENT);
	ck_assert_uint_eq(notification.id, 0);
}
END_TEST

/* Without and with SA_RESTART; the signal comes after the call was received. */
START_TEST(interrupted)
{
	struct script script = connect_script;
	struct callers *callers = callers_new(proc);
	struct caller caller;
	struct seccomp_notif call;

	script.handled = SIGUSR1;
	script.signal_flags = _i == 1 ? SA_RESTART : 0;
	caller = start_caller(&script);
	call = await_call(SYS_connect);
	ck_assert(!callers_has_signal(callers, (pid_t)call.pid));
	ck_assert_int_eq(kill(caller.pid, SIGUSR1), 0);
	ck_assert(callers_has_signal(callers, (pid_t)call.pid));
	ck_assert(notification_is_alive(listener, call.id));
	ck_assert_int_eq(notification_answer(listener, call.id, RESTART, 0), 0);
	if (_i == 1) {
		struct seccomp_notif again = await_call(SYS_connect);

		ck_assert_uint_ne(again.id, call.id);
		ck_assert_int_eq(again.pid, call.pid);
		ck_assert_int_eq(notification_answer(listener, again.id, 0, 0), 0);
	}
	check_outcome(&caller, _i == 1 ? 0 : EINTR);
	stop_caller(&caller);
	callers_free(callers);
}
END_TEST

/* The kernel asks for zeros, whatever was there before. */
START_TEST(receive_into_garbage)
{
	struct caller caller = start_caller(&connect_script);
	struct seccomp_notif notification;

	memset(&notification, 0xff, sizeof(notification));
	ck_assert_int_eq(notification_receive(listener, &notification), 0);
	ck_assert_int_eq(notification.data.nr, SYS_connect);
	ck_assert_int_eq(notification_answer(listener, notification.id, 0, 0), 0);
	stop_caller(&caller);
	memset(&notification, 0xff, sizeof(notification));
	ck_assert_int_eq(notification_receive(-1, &notification), -EBADF);
	ck_assert_uint_eq(notification.id, 0);
}
END_TEST

static void start_hybrid(void)
{
	start_world();
	install_filter(FILTER_HYBRID);
}

int main(void)
{
	Suite *suite = suite_create("notification");
	TCase *cases = tcase_create("notification");

	tcase_add_checked_fixture(cases, start_hybrid, stop_world);
	tcase_add_test(cases, answer_error);
	tcase_add_test(cases, answer_value);
	tcase_add_test(cases, synchronous);
	tcase_add_test(cases, continued);
	tcase_add_loop_test(cases, put_descriptor, 0, 2);
	tcase_add_test(cases, caller_gone);
	tcase_add_test(cases, all_gone);
	tcase_add_loop_test(cases, interrupted, 0, 2);
	tcase_add_test(cases, receive_into_garbage);
	suite_add_tcase(suite, cases);
	suite_add_tcase(suite, filter_trap_cases());
	suite_add_tcase(suite, filter_install_cases());
	return run_as_ordinary_user(suite);
}
