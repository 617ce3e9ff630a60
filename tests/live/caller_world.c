/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of src/syscall/caller.c share. */

#include "config.h"

#include <seccomp.h>

#include "caller_world.h"
#include "syscall/notification.h"

struct callers *callers;

void start_callers(void)
{
	start_world();
	install_filter(FILTER_HYBRID);
	callers = callers_new(proc);
}

void stop_callers(void)
{
	callers_free(callers);
	stop_world();
}

struct waiting wait_in_connect(struct script script)
{
	struct waiting waiting;

	script.domain = AF_INET;
	script.type = SOCK_STREAM;
	script.calls[0] = (struct call)CONNECT;
	script.call_count = 1;
	waiting.caller = start_caller(&script);
	waiting.call = await_call(SYS_connect);
	waiting.tid = (pid_t)waiting.call.pid;
	waiting.socket = (int)waiting.call.data.args[0];
	return waiting;
}

void end_wait(struct waiting *waiting)
{
	ck_assert_int_eq(notification_answer(listener, waiting->call.id, 0, 0), 0);
	check_outcome(&waiting->caller, 0);
	stop_caller(&waiting->caller);
}

void refuse(int call, uint64_t value, int error)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	ck_assert_int_eq(seccomp_rule_add(context, SCMP_ACT_ERRNO(error), call, 1,
					  SCMP_A1(SCMP_CMP_MASKED_EQ, value, value)),
			 0);
	ck_assert_int_eq(seccomp_load(context), 0);
	seccomp_release(context);
}
