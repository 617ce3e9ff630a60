/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting a socket where the caller's was, and remembering that over a supervisor's death. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "base/descriptor.h"
#include "syscall/context.h"
#include "syscall/place.h"
#include "syscall/socket_options.h"

int place_socket(struct supervisor *supervisor, struct call *call, int socket, int answer)
{
	const struct swap_place place = {
		.listener = supervisor->listener,
		.id = call->slot->notification.id,
		.tid = call->tid,
		.number = call->number,
	};
	/* As they are now: others who share the socket may have changed them since. */
	int flags = fcntl(call->pinned, F_GETFL);
	int r;

	if (flags < 0 || fcntl(socket, F_SETFL, flags) < 0)
		return -errno;
	call->slot->answer = answer;
	call->slot->placed = true;
	r = swapper_swap(supervisor->swapper, &place, &call->pinned, socket);
	if (r < 0)
		call->slot->placed = false;
	else
		call_counter_add(&supervisor->counters, swapped);
	return r;
}

int place_container_socket(struct supervisor *supervisor, struct call *call)
{
	CLEANUP_CLOSE int fresh =
		container_sockets_take(supervisor->container_sockets, &call->facts);
	int r;

	if (fresh < 0)
		return -fresh;
	socket_options_copy(call->pinned, fresh, &call->facts);
	r = place_socket(supervisor, call, fresh, 0);
	/* The call may go on from here, on the new socket. */
	call->slot->placed = false;
	if (r < 0)
		return -r;
	call_counter_add(&supervisor->counters, given_back);
	descriptor_close(&call->pinned);
	call->pinned = descriptor_steal(&fresh);
	call->facts.network = supervisor->rules.container_network;
	return 0;
}
