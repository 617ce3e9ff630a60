/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which calls may be left to the kernel, and the call that makes it fewer: clone(2). */

#include "config.h"

#include <unistd.h>

#include "syscall/context.h"
#include "syscall/leave_to_kernel.h"
#include "syscall/task_files.h"

bool caller_is_alone(struct supervisor *supervisor, const struct call *call)
{
	return !shared_state_has_sharing(supervisor->state) &&
	       callers_is_single(supervisor->callers, call->tid);
}

bool connect_may_continue(struct supervisor *supervisor, const struct call *call)
{
	return (supervisor->rules.packets && supervisor->config.walled) ||
	       caller_is_alone(supervisor, call);
}

bool bind_may_continue(struct supervisor *supervisor, const struct call *call)
{
	return supervisor->config.walled || caller_is_alone(supervisor, call);
}

bool caller_is_our_user(const struct supervisor *supervisor, const struct call *call)
{
	struct task_status status;

	return task_read_status(supervisor->proc, call->tid, &status) == 0 &&
	       status.file_user == geteuid();
}

struct outcome handle_clone(struct supervisor *supervisor, struct call *call)
{
	call->verdict.reason = "two processes will share a descriptor table";
	shared_state_note_sharing(supervisor->state);
	return outcome_continue();
}
