/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * getsockname(2) and getpeername(2), with --virtual-addresses.
 *
 * The kernel is asked first, about the pinned socket. Only an answer that the container is to see
 * otherwise is written by us; all else is left to the kernel: sockets of the container, answers
 * that are the same either way, errors, and buffers that can't be written. So lengths and errors
 * are its own. What a race could get out of a call that is left to it is the host's address, which
 * is no secret: without the option it is what every program sees.
 *
 * A connection of the host with itself may be one between two programs of the container. A client
 * of that kind was noted when it was connected, and the kernel knows which socket is at the other
 * end of a connection.
 */

#include "config.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/descriptor.h"
#include "syscall/context.h"
#include "syscall/handlers.h"
#include "syscall/named_sockets.h"
#include "syscall/socket_address.h"
#include "syscall/socket_diag.h"
#include "syscall/names.h"

typedef int (*name_func)(int socket, struct sockaddr *address, socklen_t *length);

static bool read_endpoint(name_func func, int socket, struct endpoint *ret_endpoint)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);

	return func(socket, (struct sockaddr *)&storage, &length) == 0 &&
	       endpoint_from_sockaddr((const struct sockaddr *)&storage, length, ret_endpoint);
}

/* What the client at the other end of this connection called us; VIRTUAL_UNKNOWN: it isn't ours. */
static enum virtual_name name_of_client(struct supervisor *supervisor, const struct endpoint *local,
					const struct endpoint *peer)
{
	CLEANUP_CLOSE int diag = socket_diag_open();
	uint64_t cookie;

	if (diag < 0 || !socket_diag_find_connection(diag, peer, local, &cookie))
		return VIRTUAL_UNKNOWN;
	return named_sockets_find(supervisor->state, NAMED_CLIENT, cookie);
}

/* peer is NULL where there is none. */
static enum virtual_name find_name(struct supervisor *supervisor, int socket,
				   const struct endpoint *local, const struct endpoint *peer)
{
	struct shared_state *state = supervisor->state;
	uint64_t cookie = named_sockets_cookie(socket);
	enum virtual_name name;

	if (!peer)
		return named_sockets_find(state, NAMED_LISTENER, cookie);
	if (!virtual_address_is_local(local, peer))
		return VIRTUAL_UNKNOWN;
	name = named_sockets_find(state, NAMED_CLIENT, cookie);
	return name != VIRTUAL_UNKNOWN ? name : name_of_client(supervisor, local, peer);
}

bool names_concern(const struct supervisor *supervisor, const struct call *call)
{
	return socket_facts_is_internet(&call->facts) && call_is_on_host(supervisor, call) &&
	       !supervisor->rules.everything;
}

/* True if the container is to see another name than the truth, the peer's where peer is set. */
static bool find_view(struct supervisor *supervisor, const struct call *call, int socket,
		      const struct endpoint *local, const struct endpoint *remote, bool peer,
		      struct endpoint *ret_endpoint)
{
	enum virtual_name name = find_name(supervisor, socket, local, remote);
	struct endpoint truth = peer ? *remote : *local;
	struct endpoint seen =
		peer ? virtual_address_peer(&supervisor->rules, &call->facts, name, remote)
		     : virtual_address_local(&supervisor->rules, &call->facts, name, local);

	truth.address = address_unmapped(&truth.address);
	if (endpoint_equal(&seen, &truth))
		return false;
	*ret_endpoint = seen;
	return true;
}

bool names_of_accepted(struct supervisor *supervisor, const struct call *call, int socket,
		       const struct endpoint *remote, struct endpoint *ret_endpoint)
{
	struct endpoint local;

	return read_endpoint(getsockname, socket, &local) &&
	       find_view(supervisor, call, socket, &local, remote, true, ret_endpoint);
}

static bool find_own(struct supervisor *supervisor, const struct call *call, bool peer,
		     struct endpoint *ret_endpoint)
{
	struct endpoint local, remote;
	bool connected = read_endpoint(getpeername, call->pinned, &remote);

	return (connected || !peer) && read_endpoint(getsockname, call->pinned, &local) &&
	       find_view(supervisor, call, call->pinned, &local, connected ? &remote : NULL, peer,
			 ret_endpoint);
}

static struct outcome handle_name(struct supervisor *supervisor, struct call *call, bool peer)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	struct sockaddr_storage storage;
	socklen_t length;

	if (call_pin(supervisor, call) != 0 || !names_concern(supervisor, call) ||
	    !find_own(supervisor, call, peer, &call->endpoint))
		return outcome_continue();
	call->verdict = (struct verdict){ .action = ACTION_HOST, .reason = "virtual address" };
	length = socket_address_for(call->facts.domain, &call->endpoint, &storage);
	if (call_write_address(supervisor, call, &storage, length, data->args[1], data->args[2]))
		return outcome_continue();
	return outcome_answer(0);
}

struct outcome handle_getsockname(struct supervisor *supervisor, struct call *call)
{
	return handle_name(supervisor, call, false);
}

struct outcome handle_getpeername(struct supervisor *supervisor, struct call *call)
{
	return handle_name(supervisor, call, true);
}
