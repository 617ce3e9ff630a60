/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live test of src/syscall/caller.c and what it is made of, to be run as an ordinary user: a
 * process in namespaces of its own waits in a trapped call meanwhile.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "caller_world.h"
#include "ordinary_user.h"
#include "syscall/capability.h"
#include "syscall/notification.h"

static uint64_t cookie_of_network(int fd)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length), 0);
	return cookie;
}

/* From the first thread, a second one, and a second one with a table of its own. */
START_TEST(pin)
{
	static const struct script scripts[] = { { .threaded = false },
						 { .threaded = true },
						 { .threaded = true, .own_table = true } };
	struct waiting waiting = wait_in_connect(scripts[_i]);
	CLEANUP_CLOSE int ours = socket(TCP);

	ck_assert_int_eq(waiting.tid == waiting.caller.pid, _i == 0);
	ck_assert_int_eq(callers_process(callers, waiting.tid), waiting.caller.pid);
	for (int turn = 0; turn < 3; turn++) {
		int fd = callers_pin(callers, waiting.tid, waiting.socket);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
		ck_assert_uint_ne(cookie_of_network(fd), cookie_of_network(ours));
		close(fd);
		ck_assert_int_eq(callers_pin(callers, waiting.tid, 900), -EBADF);
	}
	ck_assert(notification_is_alive(listener, waiting.call.id));
	end_wait(&waiting);
	ck_assert_int_eq(callers_pin(callers, waiting.tid, waiting.socket), -ESRCH);
	ck_assert_int_eq(callers_process(callers, waiting.tid), -ESRCH);
}
END_TEST

/* Without pidfds of threads only what the first thread's table has can be had. */
START_TEST(pin_before_thread_pidfds)
{
	static const struct {
		struct script script;
		bool can;
	} rows[] = { { { .threaded = false }, true },
		     { { .threaded = true }, true },
		     { { .threaded = true, .own_table = true }, false } };
	struct waiting waiting;

	refuse(SCMP_SYS(pidfd_open), O_EXCL, EINVAL);
	waiting = wait_in_connect(rows[_i].script);
	for (int turn = 0; turn < 3; turn++) {
		int fd = callers_pin(callers, waiting.tid, waiting.socket);

		ck_assert_int_eq(fd >= 0, rows[_i].can);
		if (fd >= 0)
			close(fd);
		else
			ck_assert_int_eq(fd, -EOPNOTSUPP);
	}
	end_wait(&waiting);
	ck_assert_int_eq(callers_pin(callers, waiting.tid, waiting.socket), -ESRCH);
}
END_TEST

START_TEST(pin_of_what_is_not_ours)
{
	int fd = callers_pin(callers, 1, 0);

	ck_assert_msg(fd == -EPERM || fd == -ESRCH, "%d", fd);
}
END_TEST

/* Kept pidfds make room when descriptors run short. */
START_TEST(pin_when_descriptors_run_short)
{
	struct waiting first = wait_in_connect((struct script){ 0 });
	struct waiting second = wait_in_connect((struct script){ 0 });
	const struct rlimit limit = { 128, 128 };
	int fds[128], count = 0, fd;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fd = callers_pin(callers, first.tid, first.socket);
	ck_assert_int_ge(fd, 0);
	close(fd);
	while (count < 128 && (fds[count] = dup(proc)) >= 0)
		count++;
	ck_assert_int_lt(count, 128);
	/* Room for the pidfd, which is that of the first, and none for the copy. */
	ck_assert_int_eq(callers_pin(callers, second.tid, second.socket), -EMFILE);
	close(fds[--count]);
	fd = callers_pin(callers, second.tid, second.socket);
	ck_assert_int_ge(fd, 0);
	close(fd);
	while (count > 0)
		close(fds[--count]);
	end_wait(&first);
	end_wait(&second);
}
END_TEST

START_TEST(read_and_write)
{
	struct waiting waiting = wait_in_connect((struct script){ .data = "some data" });
	uint64_t address = waiting.call.data.args[1];
	char text[16] = "";

	ck_assert_int_eq(callers_read(callers, waiting.tid, address, text, 10), 0);
	ck_assert_str_eq(text, "some data");
	ck_assert_int_eq(callers_write(callers, waiting.tid, address + 5, "text", 4), 0);
	ck_assert_int_eq(callers_read(callers, waiting.tid, address, text, 10), 0);
	ck_assert_str_eq(text, "some text");
	ck_assert_int_eq(callers_read(callers, waiting.tid, address, text, 0), 0);
	ck_assert_int_eq(callers_read(callers, waiting.tid, 0, text, 4), -EFAULT);
	ck_assert_int_eq(callers_read(callers, waiting.tid, UINT64_MAX - 2, text, 4), -EFAULT);
	ck_assert_int_eq(callers_write(callers, waiting.tid, 8, text, 4), -EFAULT);
	end_wait(&waiting);
	ck_assert_int_eq(callers_read(callers, waiting.tid, address, text, 4), -ESRCH);
	ck_assert_int_eq(callers_write(callers, waiting.tid, address, text, 4), -ESRCH);
}
END_TEST

START_TEST(read_beyond_the_end)
{
	const struct script script = { TCP,
				       { { SYS_connect, { SOCKET, PAGE_END, 16 }, false } },
				       .call_count = 1 };
	struct caller caller = start_caller(&script);
	struct seccomp_notif call = await_call(SYS_connect);
	char text[8];

	ck_assert_int_eq(callers_read(callers, (pid_t)call.pid, call.data.args[1], text, 4), 0);
	ck_assert_int_eq(callers_read(callers, (pid_t)call.pid, call.data.args[1], text, 5),
			 -EFAULT);
	ck_assert_int_eq(callers_write(callers, (pid_t)call.pid, call.data.args[1], text, 5),
			 -EFAULT);
	notification_answer(listener, call.id, 0, 0);
	stop_caller(&caller);
}
END_TEST

START_TEST(close_on_exec)
{
	const struct script script = { TCP,
				       { { SYS_fcntl, { SOCKET, F_SETFD, FD_CLOEXEC }, false },
					 CONNECT },
				       .call_count = 2 };
	struct waiting waiting = wait_in_connect((struct script){ 0 });
	struct caller caller;
	struct seccomp_notif call;

	ck_assert_int_eq(callers_is_close_on_exec(callers, waiting.tid, waiting.socket), 0);
	ck_assert_int_eq(callers_is_close_on_exec(callers, waiting.tid, 900), -EBADF);
	end_wait(&waiting);
	caller = start_caller(&script);
	call = await_call(SYS_connect);
	ck_assert_int_eq(callers_is_close_on_exec(callers, (pid_t)call.pid, (int)call.data.args[0]),
			 1);
	notification_answer(listener, call.id, 0, 0);
	stop_caller(&caller);
}
END_TEST

START_TEST(blocked_signal)
{
	struct waiting waiting =
		wait_in_connect((struct script){ .handled = SIGUSR2, .blocked = SIGUSR1 });

	ck_assert_int_eq(kill(waiting.tid, SIGUSR1), 0);
	ck_assert(!callers_has_signal(callers, waiting.tid));
	ck_assert_int_eq(kill(waiting.tid, SIGUSR2), 0);
	ck_assert(callers_has_signal(callers, waiting.tid));
	stop_caller(&waiting.caller);
	ck_assert(!callers_has_signal(callers, waiting.tid));
}
END_TEST

/* To the process, whose first thread can take it; and to the thread. */
START_TEST(signal_of_second_thread)
{
	struct waiting waiting =
		wait_in_connect((struct script){ .handled = SIGUSR1, .threaded = true });

	ck_assert_int_eq(kill(waiting.caller.pid, SIGUSR1), 0);
	for (int turn = 0; turn < 3; turn++)
		ck_assert(!callers_has_signal(callers, waiting.tid));
	ck_assert_int_eq(syscall(SYS_tgkill, waiting.caller.pid, waiting.tid, SIGUSR1), 0);
	ck_assert(callers_has_signal(callers, waiting.tid));
	stop_caller(&waiting.caller);
}
END_TEST

/* To the process, whose first thread blocks it. */
START_TEST(signal_that_one_thread_can_take)
{
	struct waiting waiting = wait_in_connect(
		(struct script){ .handled = SIGUSR1, .threaded = true, .first_blocks = SIGUSR1 });

	ck_assert(!callers_has_signal(callers, waiting.tid));
	ck_assert_int_eq(kill(waiting.caller.pid, SIGUSR1), 0);
	ck_assert(callers_has_signal(callers, waiting.tid));
	stop_caller(&waiting.caller);
}
END_TEST

/* The first thread of two: the kernel gives it what is for the process; seen twice. */
START_TEST(signal_of_first_thread)
{
	struct waiting waiting =
		wait_in_connect((struct script){ .handled = SIGUSR1, .idle_thread = true });

	ck_assert(!callers_has_signal(callers, waiting.tid));
	ck_assert_int_eq(kill(waiting.caller.pid, SIGUSR1), 0);
	ck_assert(!callers_has_signal(callers, waiting.tid));
	ck_assert(callers_has_signal(callers, waiting.tid));
	ck_assert_int_eq(notification_answer(listener, waiting.call.id, 512, 0), 0);
	check_outcome(&waiting.caller, EINTR);
	stop_caller(&waiting.caller);
}
END_TEST

START_TEST(capability)
{
	struct waiting waiting = wait_in_connect((struct script){ .unprivileged = _i == 1 });

	ck_assert_int_eq(callers_has_capability(callers, waiting.tid, CAP_NET_BIND_SERVICE),
			 _i == 0);
	ck_assert_int_eq(callers_has_capability(callers, waiting.tid, CAP_SYS_ADMIN), _i == 0);
	ck_assert(!callers_has_capability(callers, waiting.tid, 63));
	end_wait(&waiting);
	ck_assert(!callers_has_capability(callers, waiting.tid, CAP_SYS_ADMIN));
}
END_TEST

/* As root of the container, without capabilities, and as root of a user namespace inside it. */
START_TEST(capability_over)
{
	struct script script = { TCP, { CONNECT }, .call_count = 1, .unprivileged = _i == 1 };
	struct caller caller;
	struct seccomp_notif call;
	CLEANUP_CLOSE int pinned = -1, ours = socket(TCP);
	pid_t tid;

	if (_i == 2) {
		script.calls[0] = (struct call){ SYS_unshare, { CLONE_NEWUSER }, false };
		script.calls[1] = (struct call)CONNECT;
		script.call_count = 2;
	}
	caller = start_caller(&script);
	if (_i == 2)
		check_outcome(&caller, 0);
	call = await_call(SYS_connect);
	tid = (pid_t)call.pid;
	pinned = callers_pin(callers, tid, (int)call.data.args[0]);
	ck_assert_int_ge(pinned, 0);
	ck_assert_int_eq(capability_over_socket(proc, tid, pinned, CAP_NET_BIND_SERVICE), _i == 0);
	ck_assert(!capability_over_socket(proc, tid, ours, CAP_NET_BIND_SERVICE));
	/* That is what makes the difference. */
	ck_assert_int_eq(callers_has_capability(callers, tid, CAP_NET_BIND_SERVICE), _i != 1);
	stop_caller(&caller);
	ck_assert(!capability_over_socket(proc, tid, pinned, CAP_NET_BIND_SERVICE));
}
END_TEST

START_TEST(name)
{
	static const char *const names[] = { "call er", "fifteen letters", "two\nlines" };
	struct script script = { 0 };
	struct waiting waiting;
	char text[16];

	strncpy(script.name, names[_i], sizeof(script.name) - 1);
	waiting = wait_in_connect(script);
	callers_name(callers, waiting.tid, text);
	ck_assert_str_eq(text, names[_i]);
	/* A name with a newline doesn't confuse what is read of the status. */
	ck_assert_int_eq(callers_process(callers, waiting.tid), waiting.tid);
	end_wait(&waiting);
	callers_name(callers, waiting.tid, text);
	ck_assert_str_eq(text, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("caller");
	TCase *cases = tcase_create("caller");

	tcase_add_checked_fixture(cases, start_callers, stop_callers);
	tcase_add_loop_test(cases, pin, 0, 3);
	tcase_add_loop_test(cases, pin_before_thread_pidfds, 0, 3);
	tcase_add_test(cases, pin_of_what_is_not_ours);
	tcase_add_test(cases, pin_when_descriptors_run_short);
	tcase_add_test(cases, read_and_write);
	tcase_add_test(cases, read_beyond_the_end);
	tcase_add_test(cases, close_on_exec);
	tcase_add_test(cases, blocked_signal);
	tcase_add_test(cases, signal_of_second_thread);
	tcase_add_test(cases, signal_that_one_thread_can_take);
	tcase_add_test(cases, signal_of_first_thread);
	tcase_add_loop_test(cases, capability, 0, 2);
	tcase_add_loop_test(cases, capability_over, 0, 3);
	tcase_add_loop_test(cases, name, 0, 3);
	suite_add_tcase(suite, cases);
	suite_add_tcase(suite, caller_epoll_cases());
	return run_as_ordinary_user(suite);
}
