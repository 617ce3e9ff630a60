/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connect(2).
 *
 * The caller's socket is pinned and its address was copied once; whatever the caller's other
 * threads do to the number or to the memory from now on, this socket is connected to this address.
 * There are three ways:
 *
 * here: on the pinned socket itself, which acts in the network namespace that it was made in. These
 * are the container's own addresses, datagrams, sockets of nested namespaces; and sockets of the
 * host that are in place already, when the verdict is the host again.
 *
 * outside: on a new socket of the host, which takes the place of the pinned one as soon as the
 * connection is on its way: no epoll instance sees a socket in no connection, the SYN doesn't wait
 * for that, and other threads may end the wait of a caller that blocks with shutdown(2). Only where
 * a caller that blocks connects to a port that the container itself may serve, the socket is in
 * place before: the peer may be another thread of the caller, which uses it as soon as it has
 * accepted. If the socket turns out to be shared, the peer has heard of a connection that comes to
 * nothing.
 *
 * back: a socket of the host is on the number, but the verdict says container: a new socket of the
 * container takes its place, and is connected as in "here".
 *
 * Nobody waits in here: what is not done at once is in waiting.h's care. A blocking socket is made
 * non-blocking for the moment of a connect(2) that could wait, as there is no flag for that; what
 * could not is known by the state of TCP. No other call can change that: every connect comes here.
 *
 * A signal that comes while a blocking caller waits ends the call as the real one: the connection
 * goes on, and the kernel restarts the call (which then finds it, and waits for it) or has it
 * return EINTR.
 */

#include "config.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "syscall/connect.h"
#include "syscall/connect_datagram.h"
#include "syscall/connect_unix.h"
#include "syscall/context.h"
#include "syscall/handlers.h"
#include "syscall/named_sockets.h"
#include "syscall/notification.h"
#include "syscall/place.h"
#include "syscall/route.h"
#include "syscall/socket_address.h"

static struct outcome connect_begun(struct supervisor *supervisor, struct call *call, int error);
static struct outcome connect_wait(struct supervisor *supervisor, struct call *call, int error);

int connect_now(struct call *call, const struct sockaddr *address, socklen_t length)
{
	int error = call_unblock(call);

	if (error == 0)
		error = connect(call->pinned, address, length) == 0 ? 0 : errno;
	call_reblock(call);
	return error;
}

/* connect(2) of a socket of the host, which doesn't block, to where the verdict says. */
static int connect_target(const struct call *call, int socket)
{
	struct sockaddr_storage storage;
	socklen_t length = socket_address_for(call->facts.domain, &call->verdict.target, &storage);

	return connect(socket, (const struct sockaddr *)&storage, length) == 0 ? 0 : errno;
}

static bool is_under_way(int error)
{
	return error == EINPROGRESS || error == EALREADY;
}

/* True if connect(2) with any address would wait for a connection that is on its way. */
static bool may_wait(const struct call *call)
{
	int state = socket_facts_tcp_state(call->pinned);

	return state < 0 || state == TCP_SYN_SENT || state == TCP_SYN_RECV;
}

/*
 * What the kernel says to another connect(2) before it looks at the address: an address of its
 * family that is too short is refused last. EINVAL: the socket is free for a new connection. Else
 * the answer: EALREADY, EISCONN, the error that an earlier attempt left, or 0 for one that has
 * succeeded. Nothing is ever connected by this.
 */
static int ask_state(struct call *call)
{
	const struct sockaddr too_short = { .sa_family = (sa_family_t)call->facts.domain };
	const socklen_t length = sizeof(too_short.sa_family);

	if (may_wait(call))
		return connect_now(call, &too_short, length);
	return connect(call->pinned, &too_short, length) == 0 ? 0 : errno;
}

/* What has become of a connection that was on its way. */
static int ask_result(struct call *call)
{
	int state = ask_state(call), error = 0;
	socklen_t length = sizeof(error);

	if (state != EINVAL)
		return state;
	/* Shut down by another thread; or not TCP, which looks at the address first. */
	getsockopt(call->pinned, SOL_SOCKET, SO_ERROR, &error, &length);
	return error == 0 && socket_facts_is_stream(&call->facts) ? ECONNABORTED : error;
}

/* -- outside: a socket of the host ------------------------------------------------------------ */

/* The host's socket could not be put in place, for -r. */
static struct outcome not_placed(struct supervisor *supervisor, struct call *call, int r)
{
	if (r == -EXDEV && supervisor->rules.packets) {
		call_counter_add(&supervisor->counters, shared_sockets);
		call->verdict.action = ACTION_CONTAINER;
		call->verdict.reason = "another process shares the socket: by packets";
		return connect_here(supervisor, call);
	}
	return place_failed(call, -r, ENETUNREACH);
}

/* True if a program of the container may listen there: the peer may be the caller's own thread. */
static bool may_be_own(const struct rules *rules, const struct endpoint *target)
{
	for (size_t i = 0; i < rules->forward_count; i++)
		if (rules->forwards[i].host.port == target->port)
			return true;
	return rules->everything;
}

/* For a caller that blocks: its SYN is under way while the socket is put in place. */
static struct outcome connect_then_place(struct supervisor *supervisor, struct call *call,
					 int *socket)
{
	int error, r;

	call->slot->begun = true;
	error = connect_target(call, *socket);
	if (error != 0 && error != EINPROGRESS)
		return outcome_answer(error);
	r = place_host_socket(supervisor, call, socket);
	if (r < 0)
		return not_placed(supervisor, call, r);
	call_counter_add(&supervisor->counters, on_behalf);
	return connect_begun(supervisor, call, error);
}

/* For a caller that blocks, too. */
static struct outcome place_and_connect(struct supervisor *supervisor, struct call *call,
					int *socket)
{
	int r = place_host_socket(supervisor, call, socket);

	return r == 0 ? connect_here(supervisor, call) : not_placed(supervisor, call, r);
}

/* For a caller that doesn't, and for UDP, which is connected at once. */
static struct outcome connect_and_place(struct supervisor *supervisor, struct call *call,
					int socket)
{
	int error = connect_target(call, socket);
	int r;

	if (error != 0 && error != EINPROGRESS)
		return outcome_answer(error);
	r = place_socket(supervisor, call, socket, error);
	return r == 0 ? outcome_answer(error) : not_placed(supervisor, call, r);
}

struct outcome connect_outside(struct supervisor *supervisor, struct call *call)
{
	CLEANUP_CLOSE int socket =
		host_socket_like(call->pinned, &call->facts, supervisor->options_set);
	int error;

	if (socket < 0)
		return outcome_answer(-socket);
	if (call->within)
		named_sockets_note(supervisor->state, NAMED_CLIENT, socket,
				   virtual_name_of(&call->endpoint.address));
	error = -host_socket_prepare(socket, call->pinned, &call->facts, &supervisor->egress,
				     &call->verdict.target);
	if (error != 0)
		return outcome_answer(error);
	if (call_is_nonblocking(call) || socket_facts_is_udp(&call->facts))
		return connect_and_place(supervisor, call, socket);
	return may_be_own(&supervisor->rules, &call->verdict.target)
		       ? place_and_connect(supervisor, call, &socket)
		       : connect_then_place(supervisor, call, &socket);
}

static bool suits_socket(const struct call *call, const struct endpoint *target)
{
	struct sockaddr_storage storage;

	return socket_address_for(call->facts.domain, target, &storage) > 0;
}

/* A published port that the container itself refused: a program of it may listen on the host. */
static struct outcome connect_published(struct supervisor *supervisor, struct call *call)
{
	const struct rules *rules = &supervisor->rules;
	uint32_t id = call->verdict.forward;
	struct endpoint target;

	while (id != 0 && !(published_find_listener(supervisor->published, id, &target) &&
			    suits_socket(call, &target)))
		id = verdict_next_forward(rules, &call->endpoint, id);
	if (id == 0)
		return outcome_answer(ECONNREFUSED);
	call_counter_add(&supervisor->counters, published_connects);
	call->verdict = (struct verdict){
		.action = ACTION_HOST,
		.target = target,
		.reason = "a published port of the container",
	};
	call->within = supervisor->config.virtual_addresses;
	return connect_outside(supervisor, call);
}

/* -- here: the socket as it is ---------------------------------------------------------------- */

static struct outcome connected_here(struct supervisor *supervisor, struct call *call, int error)
{
	if (error == ECONNREFUSED && call->verdict.forward != 0)
		return connect_published(supervisor, call);
	return outcome_answer(error);
}

static int connect_pinned(struct call *call)
{
	const struct sockaddr *address = (const struct sockaddr *)&call->address.storage;
	struct sockaddr_storage target;

	if (call->verdict.action == ACTION_HOST)
		return connect_now(
			call, (const struct sockaddr *)&target,
			socket_address_for(call->facts.domain, &call->verdict.target, &target));
	if (call->facts.type == SOCK_DGRAM || call->facts.type == SOCK_RAW)
		return connect(call->pinned, address, call->address.length) == 0 ? 0 : errno;
	return connect_now(call, address, call->address.length);
}

static void here_done(struct supervisor *supervisor, struct call *call, int socket G_GNUC_UNUSED,
		      enum wait_end end)
{
	/* What the first attempt came to: EINPROGRESS, or EALREADY. */
	struct outcome outcome = outcome_answer(call->begun);

	if (end == WAIT_READY) {
		int error = ask_result(call);

		outcome = is_under_way(error) ? connect_wait(supervisor, call, call->begun)
					      : connected_here(supervisor, call, error);
	} else if (end == WAIT_SIGNAL) {
		outcome = outcome_interrupted(call);
	} else if (end == WAIT_GONE) {
		outcome = outcome_gone();
	}
	if (outcome.kind != OUTCOME_WAIT)
		call_finish(supervisor, call, outcome);
}

/* What a supervisor that was killed had begun already is no error of the caller's. */
static int forgive_replay(const struct call *call, int error)
{
	if (call->slot->attempts < 2 || !call->slot->begun)
		return error;
	if (error == EISCONN)
		return 0;
	return error == EALREADY ? EINPROGRESS : error;
}

/* error is what connect(2) of the pinned socket came to so far. */
static struct outcome connect_begun(struct supervisor *supervisor, struct call *call, int error)
{
	/* A near peer has answered by now. Within one network namespace a refusal is there, too. */
	if (error == EINPROGRESS && socket_facts_is_stream(&call->facts) &&
	    (call->verdict.forward != 0 || !call_is_nonblocking(call))) {
		error = ask_result(call);
		if (error == EALREADY) /* this call began it */
			error = EINPROGRESS;
	}
	if (!is_under_way(error) || call_is_nonblocking(call))
		return connected_here(supervisor, call, error);
	return connect_wait(supervisor, call, error);
}

struct outcome connect_here(struct supervisor *supervisor, struct call *call)
{
	int error;

	call->slot->begun = true;
	error = forgive_replay(call, connect_pinned(call));
	call_counter_add(&supervisor->counters, on_behalf);
	return connect_begun(supervisor, call, error);
}

/* Waits for the pinned socket, whose connection is on its way; error is what a timeout answers. */
static struct outcome connect_wait(struct supervisor *supervisor, struct call *call, int error)
{
	int failure;

	call->begun = error;
	failure = -waiting_add(supervisor->waiting, call, call->pinned, EPOLLOUT,
			       socket_facts_send_timeout_ms(call->pinned), here_done);
	return failure == 0 ? outcome_wait() : outcome_answer(failure);
}

/* -- back: a socket of the container again ---------------------------------------------------- */

struct outcome connect_back(struct supervisor *supervisor, struct call *call)
{
	int error = place_container_socket(supervisor, call);

	return error == 0 ? connect_here(supervisor, call) : place_failed(call, error, ENETUNREACH);
}

/*
 * connect(2) with AF_UNSPEC dissolves the association. A socket of the host that another process
 * holds as well stays the host's; where it goes next is judged as ever.
 */
static struct outcome disconnect(struct supervisor *supervisor, struct call *call)
{
	int error;

	call->verdict.reason = "dissolved";
	if (!call_is_on_host(supervisor, call) || !socket_facts_is_stream(&call->facts))
		return connect_here(supervisor, call);
	call->verdict.action = ACTION_CONTAINER;
	error = place_container_socket(supervisor, call);
	return error == EXDEV ? connect_here(supervisor, call) : place_failed(call, error, error);
}

/* -- which of them ----------------------------------------------------------------------------- */

/* The kernel looks at the socket's state before it looks at the address. */
static int error_of_bad_address(struct call *call, int error)
{
	int state = ask_state(call);

	return state == EINVAL ? error : state;
}

/* True if the container's own routes don't lead out through our device. */
static bool is_routed_elsewhere(const struct supervisor *supervisor, const struct call *call)
{
	return supervisor->rules.packets && !supervisor->rules.everything &&
	       route_find(supervisor->route_probe, supervisor->rules.network,
			  &call->endpoint.address) != ROUTE_OUT;
}

/* A socket of the container that is in no connection. */
static struct outcome connect_from_container(struct supervisor *supervisor, struct call *call)
{
	if (call->verdict.action == ACTION_CONTAINER)
		return connect_here(supervisor, call);
	if (is_routed_elsewhere(supervisor, call)) {
		call->verdict.action = ACTION_CONTAINER;
		call->verdict.reason = "the container routes it elsewhere";
		return connect_here(supervisor, call);
	}
	if (call->verdict.action == ACTION_HOST)
		return connect_outside(supervisor, call);
	call_counter_add(&supervisor->counters, refused);
	return outcome_answer(call->verdict.error);
}

/* A socket of the host goes by the device that it was fenced to; another way takes another socket.
 */
static struct outcome connect_again(struct supervisor *supervisor, struct call *call)
{
	if (!supervisor->egress.fence ||
	    host_socket_fits(call->pinned, &call->facts, &supervisor->egress,
			     &call->verdict.target))
		return connect_here(supervisor, call);
	return connect_outside(supervisor, call);
}

/* A socket of the host that is in no connection. */
static struct outcome connect_from_host(struct supervisor *supervisor, struct call *call)
{
	if (is_routed_elsewhere(supervisor, call))
		call->verdict = (struct verdict){ .reason = "the container routes it elsewhere",
						  .action = ACTION_CONTAINER };
	if (call->verdict.action == ACTION_HOST)
		return connect_again(supervisor, call);
	if (call->verdict.action == ACTION_CONTAINER)
		return connect_back(supervisor, call);
	call_counter_add(&supervisor->counters, refused);
	return outcome_answer(call->verdict.error);
}

static struct outcome connect_stream(struct supervisor *supervisor, struct call *call)
{
	bool on_host = call_is_on_host(supervisor, call);
	int error;

	if (on_host && call->slot->placed)
		return outcome_answer(call->slot->answer);
	error = ask_state(call);
	if (error != EINVAL)
		error = forgive_replay(call, error);
	/* On its way: the address doesn't count. */
	if (is_under_way(error) && !call_is_nonblocking(call))
		return connect_wait(supervisor, call, error);
	if (error != EINVAL)
		return outcome_answer(error);
	return on_host ? connect_from_host(supervisor, call)
		       : connect_from_container(supervisor, call);
}

struct outcome handle_connect(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	int error;

	if (!socket_facts_is_internet(&call->facts))
		return connect_other(supervisor, call);
	error = call_read_address(supervisor, call, data->args[1], (int)data->args[2]);
	if (error != 0)
		return outcome_answer(error);
	if (!socket_facts_is_stream(&call->facts))
		return connect_datagram(supervisor, call);
	error = sockaddr_read_connect(&call->address, call->facts.domain, &call->endpoint);
	if (error != 0)
		return outcome_answer(error_of_bad_address(call, error));
	if (call->endpoint.address.family == AF_UNSPEC)
		return disconnect(supervisor, call);
	call->verdict = verdict_connect(&supervisor->rules, &call->facts, &call->endpoint);
	return connect_stream(supervisor, call);
}
