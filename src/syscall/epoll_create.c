/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * epoll_create(2) and epoll_create1(2).
 *
 * They are the kernel's business; but whoever has never made an epoll instance needs no search for
 * registrations when one of its sockets is replaced. There is no pointer to be changed under us.
 */

#include "config.h"

#include "syscall/context.h"
#include "syscall/handlers.h"

struct outcome handle_epoll_create(struct supervisor *supervisor, struct call *call)
{
	callers_note_epoll(supervisor->callers, call->tid);
	return outcome_continue();
}
