/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tests of the filter: what it traps, refuses and lets pass, and where it can't be had. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/util.h"
#include "call_world.h"
#include "filter_cases.h"
#include "syscall/notification.h"

#define ANSWER ESTALE /* no call of these gives it by itself */
#define TRAPPED ANSWER

struct row {
	const char *name;
	int type; /* of an AF_INET socket */
	struct call call;
	int error; /* what it comes to: TRAPPED, an errno or 0 */
};

#define FOREIGN true
#define NATIVE false
#define FASTOPEN MSG_FASTOPEN

/* With a flag in the upper half, which the kernel doesn't look at. */
#define HIGH (UINT64_C(1) << 32)

static const struct row hybrid_rows[] = {
	{ "connect", SOCK_STREAM, { SYS_connect, { SOCKET, DATA, 16 }, NATIVE }, TRAPPED },
	{ "bind", SOCK_STREAM, { SYS_bind, { SOCKET, DATA, 16 }, NATIVE }, TRAPPED },
	{ "listen", SOCK_STREAM, { SYS_listen, { SOCKET, 1 }, NATIVE }, TRAPPED },
#ifdef SYS_epoll_create
	{ "epoll_create", 0, { SYS_epoll_create, { 1 }, NATIVE }, TRAPPED },
#endif
	{ "epoll_create1", 0, { SYS_epoll_create1, { 0 }, NATIVE }, TRAPPED },
	{ "getsockname", SOCK_STREAM, { SYS_getsockname, { SOCKET, 0, 0 }, NATIVE }, EFAULT },
	{ "getpeername", SOCK_STREAM, { SYS_getpeername, { SOCKET, 0, 0 }, NATIVE }, ENOTCONN },
	{ "accept4", SOCK_STREAM, { SYS_accept4, { SOCKET, 0, 0, 0 }, NATIVE }, EINVAL },
	{ "sendto",
	  SOCK_DGRAM,
	  { SYS_sendto, { SOCKET, DATA, 1, 0, DATA, 16 }, NATIVE },
	  EAFNOSUPPORT },
	{ "sendmsg", SOCK_DGRAM, { SYS_sendmsg, { SOCKET, 0, 0 }, NATIVE }, EFAULT },
	{ "sendto FASTOPEN",
	  SOCK_STREAM,
	  { SYS_sendto, { SOCKET, DATA, 1, FASTOPEN | MSG_NOSIGNAL, DATA, 16 }, NATIVE },
	  EOPNOTSUPP },
	{ "sendto FASTOPEN high",
	  SOCK_STREAM,
	  { SYS_sendto, { SOCKET, DATA, 1, FASTOPEN | HIGH, 0, 0 }, NATIVE },
	  EOPNOTSUPP },
	{ "sendmsg FASTOPEN",
	  SOCK_STREAM,
	  { SYS_sendmsg, { SOCKET, DATA, FASTOPEN }, NATIVE },
	  EOPNOTSUPP },
	{ "sendmmsg FASTOPEN",
	  SOCK_STREAM,
	  { SYS_sendmmsg, { SOCKET, DATA, 1, FASTOPEN | HIGH }, NATIVE },
	  EOPNOTSUPP },
	{ "setsockopt MINTTL",
	  SOCK_STREAM,
	  { SYS_setsockopt, { SOCKET, IPPROTO_IP, IP_MINTTL, DATA, 4 }, NATIVE },
	  TRAPPED },
	{ "setsockopt MINTTL high",
	  SOCK_STREAM,
	  { SYS_setsockopt, { SOCKET, IPPROTO_IP | HIGH, IP_MINTTL | HIGH, DATA, 4 }, NATIVE },
	  TRAPPED },
	{ "setsockopt DEFER_ACCEPT",
	  SOCK_STREAM,
	  { SYS_setsockopt, { SOCKET, IPPROTO_TCP, TCP_DEFER_ACCEPT, DATA, 4 }, NATIVE },
	  TRAPPED },
	{ "setsockopt NODELAY",
	  SOCK_STREAM,
	  { SYS_setsockopt, { SOCKET, IPPROTO_TCP, TCP_NODELAY, DATA, 4 }, NATIVE },
	  0 },
	{ "setsockopt REUSEADDR",
	  SOCK_STREAM,
	  { SYS_setsockopt, { SOCKET, SOL_SOCKET, SO_REUSEADDR, DATA, 4 }, NATIVE },
	  0 },
	{ "io_uring_setup", 0, { SYS_io_uring_setup, { 1, DATA }, NATIVE }, ENOSYS },
	{ "io_uring_enter", 0, { SYS_io_uring_enter, { 1 }, NATIVE }, ENOSYS },
	{ "io_uring_register", 0, { SYS_io_uring_register, { 1 }, NATIVE }, ENOSYS },
	{ "SIOCGIFCONF", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x8912, DATA }, NATIVE }, TRAPPED },
	{ "SIOCETHTOOL", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x8946, DATA }, NATIVE }, TRAPPED },
	{ "SIOCETHTOOL high",
	  SOCK_STREAM,
	  { SYS_ioctl, { SOCKET, 0x8946 | HIGH, DATA }, NATIVE },
	  TRAPPED },
	{ "SIOCADDRT", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x890b, DATA }, NATIVE }, TRAPPED },
	{ "SIOCBRADDBR", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x89a0, DATA }, NATIVE }, TRAPPED },
	{ "SIOCGSKNS", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x894c, DATA }, NATIVE }, TRAPPED },
	{ "SIOCDEVPRIVATE", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x89ff, DATA }, NATIVE }, TRAPPED },
	{ "SIOCPROTOPRIVATE",
	  SOCK_STREAM,
	  { SYS_ioctl, { SOCKET, 0x89e0, DATA }, NATIVE },
	  TRAPPED },
	{ "SIOCATMARK", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x8905, DATA }, NATIVE }, 0 },
	{ "SIOCGPGRP", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x8904, DATA }, NATIVE }, 0 },
	{ "SIOCGSTAMP", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x8906, DATA }, NATIVE }, ENOENT },
	{ "FIONREAD", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x541b, DATA }, NATIVE }, 0 },
	{ "SIOCOUTQ", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x5411, DATA }, NATIVE }, 0 },
	{ "TCGETS", SOCK_STREAM, { SYS_ioctl, { SOCKET, 0x5401, DATA }, NATIVE }, ENOTTY },
#ifdef __x86_64__
	{ "i386 getpid", 0, { 20, { 0 }, FOREIGN }, 0 },
	{ "i386 socketcall", 0, { 102, { 1, DATA }, FOREIGN }, ENOSYS },
	{ "i386 socket", 0, { 359, { AF_INET, SOCK_STREAM, 0 }, FOREIGN }, ENOSYS },
	{ "i386 connect", SOCK_STREAM, { 362, { SOCKET, 0, 16 }, FOREIGN }, ENOSYS },
	{ "i386 bind", SOCK_STREAM, { 361, { SOCKET, 0, 16 }, FOREIGN }, ENOSYS },
	{ "i386 listen", SOCK_STREAM, { 363, { SOCKET, 1 }, FOREIGN }, ENOSYS },
	{ "i386 sendto", SOCK_DGRAM, { 369, { SOCKET, 0, 0, 0, 0, 0 }, FOREIGN }, EDESTADDRREQ },
	{ "i386 sendto FASTOPEN",
	  SOCK_STREAM,
	  { 369, { SOCKET, 0, 0, FASTOPEN }, FOREIGN },
	  EOPNOTSUPP },
	{ "i386 sendmsg FASTOPEN",
	  SOCK_STREAM,
	  { 370, { SOCKET, 0, FASTOPEN }, FOREIGN },
	  EOPNOTSUPP },
	{ "i386 sendmmsg FASTOPEN",
	  SOCK_STREAM,
	  { 345, { SOCKET, 0, 1, FASTOPEN }, FOREIGN },
	  EOPNOTSUPP },
	{ "i386 io_uring_setup", 0, { 425, { 1, 0 }, FOREIGN }, ENOSYS },
	{ "i386 SIOCGIFCONF", SOCK_STREAM, { 54, { SOCKET, 0x8912, 0 }, FOREIGN }, ENOTTY },
	{ "i386 SIOCATMARK", SOCK_STREAM, { 54, { SOCKET, 0x8905, 0 }, FOREIGN }, EFAULT },
	{ "x32 getpid", 0, { 0x40000000 | SYS_getpid, { 0 }, NATIVE }, ENOSYS },
	{ "x32 connect",
	  SOCK_STREAM,
	  { 0x40000000 | SYS_connect, { SOCKET, DATA, 16 }, NATIVE },
	  ENOSYS },
#endif
};

static const struct row syscall_rows[] = {
	{ "connect", SOCK_STREAM, { SYS_connect, { SOCKET, DATA, 16 }, NATIVE }, TRAPPED },
	{ "sendto", SOCK_DGRAM, { SYS_sendto, { SOCKET, DATA, 1, 0, DATA, 16 }, NATIVE }, TRAPPED },
	{ "sendto high address",
	  SOCK_DGRAM,
	  { SYS_sendto, { SOCKET, DATA, 1, 0, HIGH << 8, 16 }, NATIVE },
	  TRAPPED },
	{ "sendto without address",
	  SOCK_DGRAM,
	  { SYS_sendto, { SOCKET, DATA, 1, 0, 0, 0 }, NATIVE },
	  EDESTADDRREQ },
	{ "sendmsg", SOCK_DGRAM, { SYS_sendmsg, { SOCKET, DATA, 0 }, NATIVE }, TRAPPED },
	{ "sendmmsg", SOCK_DGRAM, { SYS_sendmmsg, { SOCKET, DATA, 1, 0 }, NATIVE }, TRAPPED },
	{ "sendto FASTOPEN",
	  SOCK_STREAM,
	  { SYS_sendto, { SOCKET, DATA, 1, FASTOPEN, DATA, 16 }, NATIVE },
	  EOPNOTSUPP },
	{ "sendmsg FASTOPEN",
	  SOCK_STREAM,
	  { SYS_sendmsg, { SOCKET, DATA, FASTOPEN }, NATIVE },
	  EOPNOTSUPP },
	{ "sendmmsg FASTOPEN",
	  SOCK_STREAM,
	  { SYS_sendmmsg, { SOCKET, DATA, 1, FASTOPEN }, NATIVE },
	  EOPNOTSUPP },
#ifdef __x86_64__
	{ "i386 sendto", SOCK_DGRAM, { 369, { SOCKET, 0, 0, 0, 4, 16 }, FOREIGN }, ENOSYS },
	{ "i386 sendto without address",
	  SOCK_DGRAM,
	  { 369, { SOCKET, 0, 0, 0, 0, 0 }, FOREIGN },
	  EDESTADDRREQ },
	{ "i386 sendmsg", SOCK_DGRAM, { 370, { SOCKET, 4, 0 }, FOREIGN }, ENOSYS },
	{ "i386 sendmmsg", SOCK_DGRAM, { 345, { SOCKET, 4, 1, 0 }, FOREIGN }, ENOSYS },
#endif
};

/* With FILTER_NAMES. */
static const struct row name_rows[] = {
	{ "connect", SOCK_STREAM, { SYS_connect, { SOCKET, DATA, 16 }, NATIVE }, TRAPPED },
	{ "getsockname", SOCK_STREAM, { SYS_getsockname, { SOCKET, 0, 0 }, NATIVE }, TRAPPED },
	{ "getpeername", SOCK_DGRAM, { SYS_getpeername, { SOCKET, 0, 0 }, NATIVE }, TRAPPED },
#ifdef SYS_accept
	{ "accept", SOCK_STREAM, { SYS_accept, { SOCKET, 0, 0 }, NATIVE }, TRAPPED },
#endif
	{ "accept4", SOCK_STREAM, { SYS_accept4, { SOCKET, DATA, 0, 0 }, NATIVE }, TRAPPED },
	{ "sendto without address",
	  SOCK_DGRAM,
	  { SYS_sendto, { SOCKET, DATA, 1, 0, 0, 0 }, NATIVE },
	  EDESTADDRREQ },
};

static void check_row(const struct row *row, bool apart)
{
	struct script script = { .under_filter = apart,
				 .filter = FILTER_SYSCALL,
				 .domain = row->type ? AF_INET : 0,
				 .type = row->type,
				 .calls = { row->call },
				 .call_count = 1,
				 .data = { 0xff } };
	struct caller caller = start_caller(&script);
	struct outcome outcome;

	if (row->error == TRAPPED) {
		struct seccomp_notif call = await_call(row->call.number);

		ck_assert_int_eq(call.pid, caller.pid);
		ck_assert_int_eq(notification_answer(listener, call.id, ANSWER, 0), 0);
	}
	outcome = await_outcome(&caller);
	ck_assert_msg(outcome.error == row->error, "%s: errno %d (%s) instead of %d", row->name,
		      outcome.error, g_strerror(outcome.error), row->error);
	ck_assert(nothing_trapped());
	stop_caller(&caller);
}

START_TEST(hybrid)
{
	install_filter(FILTER_HYBRID);
	check_row(&hybrid_rows[_i], false);
}
END_TEST

START_TEST(names)
{
	install_filter(FILTER_HYBRID | FILTER_NAMES);
	check_row(&name_rows[_i], false);
}
END_TEST

/* The box's own answers to the test are sendmsg(2) too: only the process that calls is filtered. */
START_TEST(syscall_kind)
{
	check_row(&syscall_rows[_i], true);
}
END_TEST

/* Every request of the family, as the filter sees it. */
START_TEST(whole_ioctl_family)
{
	struct script script = { .domain = AF_UNIX,
				 .type = SOCK_STREAM,
				 .calls = { { SYS_ioctl, { SOCKET, 0, DATA }, NATIVE } },
				 .call_count = 1 };

	install_filter(FILTER_HYBRID);
	for (uint32_t request = 0x8900; request <= 0x89ff; request += 5) {
		struct caller caller;

		script.calls[0].arguments[1] = request;
		caller = start_caller(&script);
		if (request >= 0x8908) {
			struct seccomp_notif call = await_call(SYS_ioctl);

			ck_assert_uint_eq(call.data.args[1], request);
			notification_answer(listener, call.id, ANSWER, 0);
			check_outcome(&caller, ANSWER);
		} else {
			ck_assert_int_ne(await_outcome(&caller).error, ANSWER);
		}
		stop_caller(&caller);
	}
}
END_TEST

/* Box task: installs the filter of hybrid; the error's text. */
static int try_install(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	GError *error = NULL;
	int fd, code;

	(void)argument;
	if (filter_install(FILTER_HYBRID, &fd, &error)) {
		*ret_fd = fd;
		return -1;
	}
	code = error->code;
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	g_error_free(error);
	return code;
}

START_TEST(second_listener)
{
	char text[BOX_TEXT_MAX];

	install_filter(FILTER_HYBRID);
	ck_assert_int_eq(box_run(&box, try_install, NULL, 0, text, NULL), SLIRPWAY_ERROR_IN_USE);
	ck_assert_msg(strstr(text, "another program already watches") != NULL, "%s", text);
}
END_TEST

/* A launcher's filter that refuses what arguments say. */
struct refusal {
	int call;	      /* with ... */
	uint64_t mask, value; /* ... argument 1, masked, of this value */
	int error;
	const char *words;
};

static const struct refusal refusals[] = {
	{ SCMP_SYS(seccomp), 1UL << 3, 1UL << 3, EPERM, "what started us forbids it" },
	{ SCMP_SYS(seccomp), 1UL << 3, 1UL << 3, EINVAL, "has no seccomp notification" },
	{ SCMP_SYS(seccomp), 0, 0, ENOSYS, "has no seccomp notification" },
	/* An older kernel: it is done without. */
	{ SCMP_SYS(seccomp), 1UL << 5, 1UL << 5, EINVAL, NULL },
};

/* Box task: what a launcher does before it starts us. */
static int refuse(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	const struct refusal *const *refusal = argument;
	const struct refusal *row = *refusal;
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int result = seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0);

	(void)text;
	(void)ret_fd;
	result |= seccomp_rule_add(context, SCMP_ACT_ERRNO(row->error), row->call, 1,
				   SCMP_A1(SCMP_CMP_MASKED_EQ, row->mask, row->value));
	result |= seccomp_load(context);
	seccomp_release(context);
	return result;
}

START_TEST(refused_by_launcher)
{
	const struct refusal *refusal = &refusals[_i];
	char text[BOX_TEXT_MAX];
	int code;

	ck_assert_int_eq(box_run(&box, refuse, &refusal, sizeof(refusal), NULL, NULL), 0);
	code = box_run(&box, try_install, NULL, 0, text, NULL);
	if (!refusal->words) {
		ck_assert_int_eq(code, -1);
		return;
	}
	ck_assert_int_ge(code, 0);
	ck_assert_msg(strstr(text, refusal->words) != NULL, "%s", text);
}
END_TEST

/* Neither a capability nor no_new_privs. */
START_TEST(without_right)
{
	GError *error = NULL;
	int fd = -5;

	ck_assert(!filter_install(FILTER_HYBRID, &fd, &error));
	ck_assert_int_eq(fd, -5);
	ck_assert_msg(strstr(error->message, "CAP_SYS_ADMIN") != NULL, "%s", error->message);
	ck_assert_int_eq(error->code, SLIRPWAY_ERROR_DENIED);
	g_error_free(error);
}
END_TEST

/* Box task: 1 if no_new_privs is on, plus 2 if the listener is close-on-exec. */
static int look_at_filter(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	int code = try_install(argument, text, ret_fd), fd = *ret_fd;

	*ret_fd = -1;
	if (code >= 0)
		return -code;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) +
	       2 * ((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

START_TEST(set_user_id_programs_go_on)
{
	ck_assert_int_eq(box_run(&box, look_at_filter, NULL, 0, NULL, NULL), 2);
}
END_TEST

TCase *filter_trap_cases(void)
{
	TCase *cases = tcase_create("filter");

	tcase_add_checked_fixture(cases, start_world, stop_world);
	tcase_add_loop_test(cases, hybrid, 0, ARRAY_SIZE(hybrid_rows));
	tcase_add_loop_test(cases, names, 0, ARRAY_SIZE(name_rows));
	tcase_add_loop_test(cases, syscall_kind, 0, ARRAY_SIZE(syscall_rows));
	tcase_add_test(cases, whole_ioctl_family);
	return cases;
}

TCase *filter_install_cases(void)
{
	TCase *cases = tcase_create("install");

	tcase_add_checked_fixture(cases, start_world, stop_world);
	tcase_add_test(cases, second_listener);
	tcase_add_loop_test(cases, refused_by_launcher, 0, ARRAY_SIZE(refusals));
	tcase_add_test(cases, without_right);
	tcase_add_test(cases, set_user_id_programs_go_on);
	return cases;
}
