/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be sent, and on which socket; send.c has the reasons. */

#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "syscall/capability.h"
#include "syscall/context.h"
#include "syscall/place.h"
#include "syscall/send_judge.h"

/* -- which socket ------------------------------------------------------------------------------ */

/* Puts a socket of the host in the pinned one's place, and pins it. Returns 0 or the errno to
 * answer.
 */
static int swap_to_host(struct supervisor *supervisor, struct call *call)
{
	CLEANUP_CLOSE int socket =
		host_socket_like(call->pinned, &call->facts, supervisor->options_set);
	int r;

	if (socket < 0)
		return -socket;
	r = host_socket_prepare_unconnected(socket, call->pinned, &supervisor->egress,
					    &call->verdict.target);
	if (r == 0)
		r = place_socket(supervisor, call, socket, NOT_SENT);
	/* What is left of the call is done on the new socket, also by another supervisor. */
	call->slot->placed = false;
	if (r == -EXDEV) {
		call->verdict.reason = "another process shares the socket";
		return ENETUNREACH;
	}
	if (r < 0)
		return r == -ENOENT ? ESRCH : -r;
	descriptor_close(&call->pinned);
	call->pinned = descriptor_steal(&socket);
	call->facts.network = supervisor->rules.host_network;
	return 0;
}

static int judge_on_host(struct call *call)
{
	if (call->verdict.action == ACTION_HOST)
		return 0;
	call->verdict.reason = "for the container itself, from a socket of the host";
	return EHOSTUNREACH;
}

/* A datagram of UDP with an address. Returns 0 once the pinned socket is the one to send on. */
static int judge_datagram(struct supervisor *supervisor, struct call *call,
			  struct sent_message *message)
{
	int error = sockaddr_read_send(&message->address, call->facts.domain, &call->endpoint);

	if (error != 0)
		return error;
	if (call->endpoint.address.family == AF_UNSPEC) {
		message->addressed = false;
		return 0;
	}
	call->verdict = verdict_send(&supervisor->rules, &call->facts, &call->endpoint);
	if (call->verdict.action == ACTION_REFUSE) {
		call_counter_add(&supervisor->counters, refused);
		return call->verdict.error;
	}
	if (call_is_on_host(supervisor, call))
		return judge_on_host(call);
	/* As the kernel has it, nothing gets from there to the outside. */
	if (call->verdict.action == ACTION_HOST && host_socket_is_on_loopback(call->pinned)) {
		call->verdict.action = ACTION_CONTAINER;
		call->verdict.reason = "bound to the loopback";
	}
	return call->verdict.action == ACTION_HOST ? swap_to_host(supervisor, call) : 0;
}

/* -- what is sent on it ------------------------------------------------------------------------ */

/* Questions of rtnetlink, which anyone may ask. */
static bool is_question(const struct call *call, const struct sent_message *message)
{
	struct nlmsghdr header;

	if (call->facts.protocol != NETLINK_ROUTE || message->length < sizeof(header))
		return false;
	memcpy(&header, message->data, sizeof(header));
	/* The fourth of each kind is SET, the third GET. */
	return NLMSG_ALIGN(header.nlmsg_len) >= message->length && header.nlmsg_type >= RTM_BASE &&
	       (header.nlmsg_type - RTM_BASE) % 4 == 2;
}

/* Netlink asks who sends; what we may do as the namespace's owner is not for everyone in it. */
static bool may_send(struct supervisor *supervisor, const struct call *call,
		     const struct sent_message *message)
{
	return call->facts.domain != AF_NETLINK || is_question(call, message) ||
	       capability_over_socket(supervisor->proc, call->tid, call->pinned, CAP_NET_ADMIN);
}

static enum control_kind control_kind_of(const struct supervisor *supervisor,
					 const struct call *call)
{
	if (!socket_facts_is_internet(&call->facts))
		return CONTROL_OTHER;
	return call_is_on_host(supervisor, call) ? CONTROL_HOST_UDP : CONTROL_CONTAINER;
}

/* Readies the pinned socket and the message. Returns 0 or the errno to answer. */
int send_prepare(struct supervisor *supervisor, struct call *call, struct sent_message *message)
{
	int error = 0;

	if (message->flags & MSG_ZEROCOPY)
		return ENOBUFS;
	if (message->addressed && socket_facts_is_udp(&call->facts))
		error = judge_datagram(supervisor, call, message);
	if (error == 0)
		error = sent_message_pass_control(supervisor, call, message,
						  control_kind_of(supervisor, call));
	if (error == 0 && !may_send(supervisor, call, message))
		error = EPERM;
	return error;
}
