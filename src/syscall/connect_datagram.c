/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connect(2) on UDP sockets, and on what is neither TCP nor UDP.
 *
 * Where there is a packet path it carries them all, and so the container's own socket is connected.
 * Where there is none a UDP socket is judged as send.c does: by the address, each time anew, and
 * whichever socket stands there now.
 */

#include "config.h"

#include "syscall/connect.h"
#include "syscall/connect_datagram.h"
#include "syscall/context.h"

/* A UDP socket of the host in a connection, or not: it goes on where its fence lets it. */
static struct outcome reconnect_datagram(struct supervisor *supervisor, struct call *call)
{
	if (call->verdict.action == ACTION_CONTAINER)
		return connect_back(supervisor, call);
	if (host_socket_fits(call->pinned, &call->facts, &supervisor->egress,
			     &call->verdict.target))
		return connect_here(supervisor, call);
	return connect_outside(supervisor, call);
}

/* It stays the host's, and keeps a port: what is not bound could be bound anew, see send.c. */
static struct outcome disconnect_datagram(struct supervisor *supervisor, struct call *call)
{
	struct outcome outcome = connect_here(supervisor, call);

	call->verdict.reason = "dissolved";
	if (call_is_on_host(supervisor, call))
		host_socket_bind_any(call->pinned);
	return outcome;
}

struct outcome connect_datagram(struct supervisor *supervisor, struct call *call)
{
	int error;

	call->verdict.action = ACTION_CONTAINER;
	call->verdict.reason = "not TCP";
	if (supervisor->rules.packets || !socket_facts_is_udp(&call->facts))
		return connect_here(supervisor, call);
	error = sockaddr_read_connect_datagram(&call->address, call->facts.domain, &call->endpoint);
	if (error != 0)
		return outcome_answer(error);
	if (call->endpoint.address.family == AF_UNSPEC)
		return disconnect_datagram(supervisor, call);
	call->verdict = verdict_connect(&supervisor->rules, &call->facts, &call->endpoint);
	if (call->verdict.action == ACTION_REFUSE) {
		call_counter_add(&supervisor->counters, refused);
		return outcome_answer(call->verdict.error);
	}
	if (call_is_on_host(supervisor, call))
		return call->slot->placed ? outcome_answer(call->slot->answer)
					  : reconnect_datagram(supervisor, call);
	if (call->verdict.action == ACTION_HOST && host_socket_is_on_loopback(call->pinned)) {
		call->verdict.action = ACTION_CONTAINER;
		call->verdict.reason = "bound to the loopback";
	}
	return call->verdict.action == ACTION_HOST ? connect_outside(supervisor, call)
						   : connect_here(supervisor, call);
}
