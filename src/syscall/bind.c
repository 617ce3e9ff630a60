/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bind(2).
 *
 * Bound is the pinned socket, in its own network namespace, unless it is a TCP socket and the port
 * is published: then a new socket of the host, bound to the forward's host endpoint, takes its
 * place, and the peers that the program accepts are the real ones.
 *
 * Acting on behalf must not give what the caller lacks. We, as the owner of the container's user
 * namespace, may bind any port in it; so the right to a privileged port is asked of the caller.
 */

#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/descriptor.h"
#include "syscall/bind_unix.h"
#include "syscall/capability.h"
#include "syscall/context.h"
#include "syscall/handlers.h"
#include "syscall/named_sockets.h"
#include "syscall/place.h"

static bool may_bind(struct supervisor *supervisor, const struct call *call,
		     const struct endpoint *local)
{
	return local->port == 0 || local->port >= IPPORT_RESERVED ||
	       capability_over_socket(supervisor->proc, call->tid, call->pinned,
				      CAP_NET_BIND_SERVICE);
}

static bool is_bound(int socket)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct endpoint local;

	return getsockname(socket, (struct sockaddr *)&storage, &length) == 0 &&
	       endpoint_from_sockaddr((const struct sockaddr *)&storage, length, &local) &&
	       local.port != 0;
}

/*
 * A connection that failed leaves its source port as the socket's name, though the port itself was
 * given up; only binding tells. That harms nobody: a socket that is free is replaced.
 */
static bool is_in_use(int socket)
{
	return socket_facts_tcp_state(socket) != TCP_CLOSE ||
	       (is_bound(socket) && host_socket_bind_any(socket) == -EINVAL);
}

static struct outcome bind_here(struct supervisor *supervisor, struct call *call)
{
	call_counter_add(&supervisor->counters, on_behalf);
	if (!may_bind(supervisor, call, &call->endpoint))
		return outcome_answer(EACCES);
	if (bind(call->pinned, (const struct sockaddr *)&call->address.storage,
		 call->address.length) == 0)
		return outcome_answer(0);
	/* A supervisor that was killed may have bound it already. */
	if (errno == EINVAL && call->slot->attempts > 1 && is_bound(call->pinned))
		return outcome_answer(0);
	return outcome_answer(errno);
}

/*
 * The forwards to this port are the packet path's from now on, as is the program's socket; but for
 * those that another socket of a program's serves.
 */
static void serve_by_packets(struct supervisor *supervisor, const struct call *call)
{
	const struct rules *rules = &supervisor->rules;

	published_look(supervisor->published);
	for (size_t i = 0; rules->packets && i < rules->forward_count; i++)
		if (rules->forwards[i].guest.port == call->endpoint.port &&
		    !published_is_handed_out(supervisor->published, rules->forwards[i].id))
			container_sockets_forward_by_packets(supervisor->container_sockets,
							     rules->forwards[i].id);
}

static struct outcome bind_published(struct supervisor *supervisor, struct call *call)
{
	CLEANUP_CLOSE int socket = -1;
	const int on = 1;
	int error;

	if (!may_bind(supervisor, call, &call->endpoint))
		return outcome_answer(EACCES);
	socket = host_socket_like(call->pinned, &call->facts, supervisor->options_set);
	if (socket < 0)
		return outcome_answer(-socket);
	if (call->verdict.v6_only)
		setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	error = published_bind(supervisor->published, socket, &call->verdict.target);
	if (error == 0 && supervisor->config.virtual_addresses)
		named_sockets_note(supervisor->state, NAMED_LISTENER, socket,
				   virtual_name_of(&call->endpoint.address));
	if (error == 0)
		error = -place_socket(supervisor, call, socket, 0);
	if (error == EXDEV) {
		/* Nobody can replace what another process holds: the packet path serves the port.
		 */
		call_counter_add(&supervisor->counters, shared_sockets);
		serve_by_packets(supervisor, call);
		return bind_here(supervisor, call);
	}
	if (error == 0)
		call_counter_add(&supervisor->counters, published_binds);
	return error == ENOENT ? outcome_gone() : outcome_answer(error);
}

static bool is_v6_only(const struct call *call)
{
	int only = 0;
	socklen_t length = sizeof(only);

	return call->facts.domain == AF_INET6 &&
	       getsockopt(call->pinned, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length) == 0 && only;
}

static struct outcome bind_stream(struct supervisor *supervisor, struct call *call)
{
	bool on_host = call_is_on_host(supervisor, call);
	int error;

	if (on_host && call->slot->placed)
		return outcome_answer(call->slot->answer);
	call->verdict =
		verdict_bind(&supervisor->rules, &call->facts, &call->endpoint, is_v6_only(call));
	if (call->verdict.action == ACTION_CONTAINER && !call->verdict.by_packets && !on_host)
		return bind_here(supervisor, call);
	/* The kernel's word on a socket that is in use already. */
	if (is_in_use(call->pinned))
		return call->slot->attempts > 1 ? bind_here(supervisor, call)
						: outcome_answer(EINVAL);
	if (call->verdict.action == ACTION_HOST)
		return bind_published(supervisor, call);
	if (call->verdict.action == ACTION_REFUSE)
		return outcome_answer(call->verdict.error);
	if (call->verdict.by_packets)
		serve_by_packets(supervisor, call);
	error = on_host ? place_container_socket(supervisor, call) : 0;
	return error == 0 ? bind_here(supervisor, call) : place_failed(call, error, EADDRNOTAVAIL);
}

struct outcome handle_bind(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	int error;

	if (!socket_facts_is_internet(&call->facts))
		return bind_other(supervisor, call);
	error = call_read_address(supervisor, call, data->args[1], (int)data->args[2]);
	if (error == 0)
		error = sockaddr_read_bind(&call->address, call->facts.domain, &call->endpoint);
	if (error != 0)
		return outcome_answer(error);
	if (socket_facts_is_stream(&call->facts))
		return bind_stream(supervisor, call);
	call->verdict.action = ACTION_CONTAINER;
	call->verdict.reason = "not TCP";
	/* Where there are no packets: no port of the host is the program's to choose. */
	if (call_is_on_host(supervisor, call) && !is_bound(call->pinned)) {
		error = place_container_socket(supervisor, call);
		if (error != 0)
			return place_failed(call, error, EADDRNOTAVAIL);
	}
	return bind_here(supervisor, call);
}
