/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting a socket where the caller's was, and remembering that over a supervisor's death. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "base/descriptor.h"
#include "syscall/context.h"
#include "syscall/place.h"
#include "syscall/socket_options.h"

static struct swap_place place_of(const struct supervisor *supervisor, const struct slot *slot)
{
	return (struct swap_place){
		.listener = supervisor->listener,
		.id = slot->notification.id,
		.tid = (pid_t)slot->notification.pid,
		.number = (int)slot->notification.data.args[0],
	};
}

/* Swaps the pinned socket for another, with its flags; 0 or -errno. */
static int swap_pinned(struct supervisor *supervisor, struct call *call, int socket)
{
	const struct swap_place place = place_of(supervisor, call->slot);
	/* As they are now: others who share the socket may have changed them since. */
	int flags = fcntl(call->pinned, F_GETFL);

	if (flags < 0 || fcntl(socket, F_SETFL, flags) < 0)
		return -errno;
	call->facts.flags = flags;
	return swapper_swap(supervisor->swapper, &place, &call->pinned, socket);
}

/* The call goes on, on the new socket, of which call becomes the owner. */
static void pin_instead(struct call *call, int socket, uint64_t network)
{
	descriptor_close(&call->pinned);
	call->pinned = socket;
	call->facts.network = network;
}

int place_socket(struct supervisor *supervisor, struct call *call, int socket, int answer)
{
	int r;

	call->slot->answer = answer;
	call->slot->placed = true;
	r = swap_pinned(supervisor, call, socket);
	if (r < 0)
		call->slot->placed = false;
	return r;
}

int place_host_socket(struct supervisor *supervisor, struct call *call, int *socket)
{
	int r = swap_pinned(supervisor, call, *socket);

	if (r == 0)
		pin_instead(call, descriptor_steal(socket), supervisor->rules.host_network);
	return r;
}

void place_finish(struct supervisor *supervisor, const struct slot *slot)
{
	const struct swap_place place = place_of(supervisor, slot);

	swapper_finish(supervisor->swapper, &place);
}

struct outcome place_failed(struct call *call, int error, int instead)
{
	if (error != EXDEV)
		return error == ENOENT ? outcome_gone() : outcome_answer(error);
	call->verdict.reason = "another process shares the socket";
	return outcome_answer(instead);
}

int place_container_socket(struct supervisor *supervisor, struct call *call)
{
	CLEANUP_CLOSE int fresh =
		container_sockets_take(supervisor->container_sockets, &call->facts);
	int r;

	if (fresh < 0)
		return -fresh;
	socket_options_copy(call->pinned, fresh, &call->facts, supervisor->options_set);
	r = swap_pinned(supervisor, call, fresh);
	if (r < 0)
		return -r;
	call_counter_add(&supervisor->counters, given_back);
	pin_instead(call, descriptor_steal(&fresh), supervisor->rules.container_network);
	return 0;
}
