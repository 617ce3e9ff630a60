/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listen(2).
 *
 * Listening on an unbound socket binds it to a port of the kernel's choice, on all addresses. A
 * socket of the host that was put in place for a connection must never come to that: only those
 * that were bound for a published port may listen, any other is turned back into one of the
 * container.
 *
 * Sockets of other families listen on behalf, too: were their calls let through, another thread
 * could put a socket of the host on the number meanwhile, and no Landlock is in the way of
 * listening. The price is that the clients of an AF_UNIX listener see our process id in
 * SO_PEERCRED.
 */

#include "config.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "syscall/context.h"
#include "syscall/handlers.h"
#include "syscall/notification.h"
#include "syscall/place.h"

struct outcome handle_listen(struct supervisor *supervisor, struct call *call)
{
	int backlog = (int)call->slot->notification.data.args[1];
	int state, error;

	/* Was that the caller's socket, or one of whoever has its number now? */
	if (!notification_is_alive(supervisor->listener, call->slot->notification.id))
		return outcome_gone();
	call->verdict.action = ACTION_CONTAINER;
	if (socket_facts_is_stream(&call->facts) && call_is_on_host(supervisor, call)) {
		state = socket_facts_tcp_state(call->pinned);
		if (supervisor->rules.everything ||
		    published_owns(supervisor->published, call->pinned)) {
			call->verdict.action = ACTION_HOST;
		} else if (state != TCP_CLOSE) {
			return outcome_answer(EINVAL);
		} else {
			error = place_container_socket(supervisor, call);
			if (error != 0)
				return place_failed(call, error, EADDRINUSE);
		}
	}
	return outcome_answer(listen(call->pinned, backlog) == 0 ? 0 : errno);
}
