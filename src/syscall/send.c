/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sendto(2) with an address, sendmsg(2) and sendmmsg(2): where there is no packet path.
 *
 * A UDP socket of the container whose first datagram goes outside gives way to one of the host with
 * the same options and, where it can be had, the same port; the datagram is sent by us, on it. From
 * then on each datagram with an address is judged by itself: the socket is no right. What is for
 * the container itself can't be sent on a socket of the host, and is refused with EHOSTUNREACH; a
 * program that wants both takes two sockets, or connects, which gives it the fitting one each time.
 * A program that connects its socket sends without us from there on: write(2), send(2), and
 * sendto(2) without an address are not trapped.
 *
 * WHY NOTHING GOES PAST THAT. A UDP socket takes each datagram's address from memory, and nothing
 * in the kernel ties it to what was judged: SO_BINDTODEVICE gives way to IP_PKTINFO. So what counts
 * is who executes the call.
 *
 * - On a UDP socket of the host it is always us, on the pinned socket, with our copy of message,
 *   address and control messages. Those that choose a source or an interface are left out
 *   (send_control.c).
 * - On any other socket the kernel may execute the call (CONTINUE) only if the number can't come to
 *   mean a socket of the host in the meantime: memory may change, but a socket of the container
 *   can't leave its namespace. Only tasks that share the caller's descriptor table could put
 *   another socket there (dup2(2), recvmsg(2)), and they are threads of its process, or processes
 *   made by clone(2) with CLONE_FILES. So the caller must be its process's only thread, which it
 *   stays while it waits; and no process was ever made in that way. That clone(2) is trapped for,
 *   and noted for ever; clone3(2), whose flags are in memory, is absent, and the C library goes on
 *   to clone(2).
 * - For all others we send, on the pinned socket. For Unix sockets that means: descriptors of
 *   SCM_RIGHTS are taken over and passed on; who receives with SO_PASSCRED sees us as the sender; a
 *   path is looked up in connect_unix.c.
 *
 * connect(2) on a Unix socket follows the same rule. bind(2) need not: a UDP socket of the host is
 * bound before it is handed out.
 *
 * WHAT REMAINS. A socket of the host that is not connected has no fence: it would keep it from
 * destinations on other devices, as of a resolver with several servers. What it takes in is what
 * anyone sends to its port, which is the one that the program had bound, if it was free on the
 * host; and it can join the host's multicast groups. A connected one is bound to the device of its
 * route, the one for a DNS server on the host's loopback to lo; it sends there and nowhere else, as
 * no untrapped call takes an address. Options with which a socket adds a route to all it sends
 * (IPV6_RTHDR, IP_OPTIONS) can't be kept from a program, for setsockopt(2) is not trapped; they are
 * ineffective where hosts accept no source routes, which is the kernel's default
 * (accept_source_route, seg6_enabled). Programs of the 32-bit ABI and io_uring send nothing to
 * addresses.
 *
 * A call waits for room as the real one: it sends without blocking, and if there is none waits in
 * waiting.h. The room of a Unix socket that an address names is no event of the sender's socket (it
 * is one for a socket that is connected to it), so such a call tries again after pauses. SIGPIPE is
 * not raised: EPIPE is all that a program gets from a send of ours. MSG_ZEROCOPY is answered with
 * ENOBUFS, whereupon programs copy.
 */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "syscall/connect_unix.h"
#include "syscall/context.h"
#include "syscall/handlers.h"
#include "syscall/leave_to_kernel.h"
#include "syscall/send_judge.h"
#include "syscall/sent_message.h"
#include "syscall/socket_address.h"

/* Of one sendmmsg(2); its caller sees that the others were not sent, and calls again. */
#define MESSAGES_MAX 64

/* What a program's flags may ask of us. */
#define FLAGS_PASSED                                                                               \
	(MSG_CONFIRM | MSG_DONTROUTE | MSG_DONTWAIT | MSG_EOR | MSG_MORE | MSG_NOSIGNAL | MSG_OOB)

/* The address as the pinned socket is to be given it; 0: none. */
static socklen_t address_of(const struct call *call, const struct sent_message *message,
			    struct sockaddr_storage *ret_storage)
{
	if (!message->addressed || socket_facts_is_stream(&call->facts))
		return 0;
	if (call->verdict.action == ACTION_HOST)
		return socket_address_for(call->facts.domain, &call->verdict.target, ret_storage);
	*ret_storage = message->address.storage;
	return message->address.length;
}

static void note_sent(struct call *call, struct sent_message *message, size_t length)
{
	message->sent += length;
	/* For a supervisor that finds the call begun. */
	call->slot->answer = (int32_t)message->sent;
	call->slot->placed = true;
}

/* One sendmsg(2) that doesn't block; 0, or a positive errno value. */
static int transmit(struct supervisor *supervisor, struct call *call, struct sent_message *message)
{
	struct iovec vector = { .iov_base = message->data + message->sent,
				.iov_len = message->length - message->sent };
	struct sockaddr_storage storage;
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	ssize_t length;

	/* They go with the first byte. */
	if (message->passed && message->sent == 0) {
		header.msg_control = message->passed;
		header.msg_controllen = message->passed_length;
	}
	header.msg_namelen = address_of(call, message, &storage);
	header.msg_name = header.msg_namelen > 0 ? &storage : NULL;
	if (message->addressed && call->facts.domain == AF_UNIX)
		length = connect_unix_send(supervisor, call, &header, message->flags);
	else
		length = sendmsg(call->pinned, &header, message->flags);
	if (length < 0)
		return errno;
	note_sent(call, message, (size_t)length);
	return 0;
}

/* All of it, as far as there is room: 0, or EAGAIN if more is to be sent, or another errno. */
static int transmit_all(struct supervisor *supervisor, struct call *call,
			struct sent_message *message)
{
	int error;

	do
		error = transmit(supervisor, call, message);
	while (error == 0 && call->facts.type == SOCK_STREAM && message->sent < message->length);
	return error;
}

static bool waits(const struct call *call, int flags)
{
	return !call_is_nonblocking(call) && !(flags & MSG_DONTWAIT);
}

/* -- calls ----------------------------------------------------------------------------------------
 */

/* What a send that has come to an end comes to. */
static struct outcome result_of(const struct sent_message *message, int error)
{
	return error == 0 || message->sent > 0 ? outcome_value((int64_t)message->sent)
					       : outcome_answer(error);
}

static void room_awaited(struct supervisor *supervisor, struct call *call, int socket,
			 enum wait_end end);

/* Has func called when there may be room for message; 0, or an errno value. */
static int wait_for_room(struct supervisor *supervisor, struct call *call,
			 const struct sent_message *message, wait_func func)
{
	uint64_t timeout_ms = socket_facts_send_timeout_ms(call->pinned);

	if (message->addressed && call->facts.domain == AF_UNIX)
		return -waiting_pause(supervisor->waiting, call, timeout_ms, func);
	return -waiting_add(supervisor->waiting, call, call->pinned, EPOLLOUT, timeout_ms, func);
}

static struct outcome await_room(struct supervisor *supervisor, struct call *call,
				 struct sent_message *message)
{
	int error = wait_for_room(supervisor, call, message, room_awaited);

	return error == 0 ? outcome_wait() : result_of(message, EAGAIN);
}

/* A Unix stream has its timeout for each buffer that it fills (sock_alloc_send_pskb of
 * net/core/sock.c), TCP for the whole call. */
static void renew_deadline(struct call *call, const struct sent_message *message, size_t before)
{
	if (call->facts.domain == AF_UNIX && message->sent > before)
		call->slot->deadline = 0;
}

static void room_awaited(struct supervisor *supervisor, struct call *call, int socket G_GNUC_UNUSED,
			 enum wait_end end)
{
	struct sent_message *message = call->kept;
	struct outcome outcome = outcome_gone();
	size_t before = message->sent;
	int error;

	if (end == WAIT_READY) {
		error = transmit_all(supervisor, call, message);
		renew_deadline(call, message, before);
		outcome = error == EAGAIN ? await_room(supervisor, call, message)
					  : result_of(message, error);
	} else if (end == WAIT_TIMEOUT) {
		outcome = result_of(message, EAGAIN);
	} else if (end == WAIT_SIGNAL) {
		outcome = result_of(message, outcome_interrupted(call).error);
	}
	if (outcome.kind != OUTCOME_WAIT)
		call_finish(supervisor, call, outcome);
}

/* Sends one message, and keeps it if it has to wait. */
static struct outcome send_one(struct supervisor *supervisor, struct call *call,
			       struct sent_message *message)
{
	bool wait = waits(call, message->flags);
	int error = send_prepare(supervisor, call, message);

	call->kept = message;
	call->free_kept = sent_message_free;
	if (error != 0)
		return error == ESRCH ? outcome_gone() : outcome_answer(error);
	call_counter_add(&supervisor->counters, on_behalf);
	message->flags = (message->flags & FLAGS_PASSED) | MSG_DONTWAIT | MSG_NOSIGNAL;
	error = transmit_all(supervisor, call, message);
	if (error == EAGAIN && wait)
		return await_room(supervisor, call, message);
	return result_of(message, error);
}

/* What needs no judgement, or was sent by a supervisor that is no more. */
static bool is_settled(struct supervisor *supervisor, struct call *call,
		       struct outcome *ret_outcome)
{
	if (call->slot->attempts > 1 && call->slot->placed && call->slot->answer != NOT_SENT) {
		*ret_outcome = outcome_value(call->slot->answer);
		return true;
	}
	call->slot->placed = false;
	call->verdict.action = ACTION_CONTAINER;
	call->verdict.reason = "sent on the socket as it is";
	if (socket_facts_is_udp(&call->facts) || !caller_is_alone(supervisor, call))
		return false;
	call->verdict.reason = "not UDP, and its caller is alone";
	*ret_outcome = outcome_continue();
	return true;
}

struct outcome handle_sendto(struct supervisor *supervisor, struct call *call)
{
	struct sent_message *message;
	struct outcome outcome;
	int error;

	if (is_settled(supervisor, call, &outcome))
		return outcome;
	error = sent_message_read_plain(supervisor, call, &message);
	return error == 0 ? send_one(supervisor, call, message) : outcome_answer(error);
}

struct outcome handle_sendmsg(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	struct sent_message *message;
	struct outcome outcome;
	int error;

	if (is_settled(supervisor, call, &outcome))
		return outcome;
	error = sent_message_read(supervisor, call, data->args[1], (int)data->args[2], &message);
	return error == 0 ? send_one(supervisor, call, message) : outcome_answer(error);
}

static uint64_t vector_at(const struct call *call, unsigned int index)
{
	return call->slot->notification.data.args[1] + index * sizeof(struct mmsghdr);
}

/* Stores what was sent of message index; 0 or the errno to answer. */
static int store_length(struct supervisor *supervisor, const struct call *call, unsigned int index,
			size_t sent)
{
	unsigned int length = (unsigned int)sent;

	return call_write(supervisor, call,
			  vector_at(call, index) + offsetof(struct mmsghdr, msg_len), &length,
			  sizeof(length));
}

/* What was sent of message index counts, even if another part had no room. */
static int settle_indexed(struct supervisor *supervisor, struct call *call, unsigned int index,
			  const struct sent_message *message, int error)
{
	if (error == 0 || message->sent > 0)
		error = store_length(supervisor, call, index, message->sent);
	call->slot->answer = (int32_t)(index + (error == 0 ? 1 : 0));
	return error;
}

/* Sends message index without waiting; 0 or the errno of it. *ret_message is the caller's. */
static int send_indexed(struct supervisor *supervisor, struct call *call, unsigned int index,
			struct sent_message **ret_message)
{
	const int flags = (int)call->slot->notification.data.args[3];
	struct sent_message *message;
	int error = sent_message_read(supervisor, call, vector_at(call, index), flags, &message);

	if (error != 0)
		return error;
	*ret_message = message;
	error = send_prepare(supervisor, call, message);
	message->flags = (message->flags & FLAGS_PASSED) | MSG_DONTWAIT | MSG_NOSIGNAL;
	if (error == 0)
		error = transmit_all(supervisor, call, message);
	return settle_indexed(supervisor, call, index, message, error);
}

/* There was no room for the first; the program sees that it alone was sent then. */
static void room_for_first(struct supervisor *supervisor, struct call *call,
			   int socket G_GNUC_UNUSED, enum wait_end end)
{
	struct outcome outcome = outcome_gone();
	int error;

	if (end == WAIT_READY) {
		error = transmit_all(supervisor, call, call->kept);
		if (error == EAGAIN &&
		    wait_for_room(supervisor, call, call->kept, room_for_first) == 0)
			return;
		error = settle_indexed(supervisor, call, 0, call->kept, error);
		outcome = error == 0 ? outcome_value(1) : outcome_answer(error);
	} else if (end == WAIT_TIMEOUT) {
		outcome = outcome_answer(EAGAIN);
	} else if (end == WAIT_SIGNAL) {
		outcome = outcome_interrupted(call);
	}
	call_finish(supervisor, call, outcome);
}

struct outcome handle_sendmmsg(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	unsigned int count = MIN((unsigned int)data->args[2], MESSAGES_MAX);
	unsigned int sent = 0;
	struct outcome outcome;
	int error = 0;

	if (is_settled(supervisor, call, &outcome))
		return outcome;
	call_counter_add(&supervisor->counters, on_behalf);
	call->free_kept = sent_message_free;
	while (sent < count && error == 0) {
		struct sent_message *message = NULL;

		error = send_indexed(supervisor, call, sent, &message);
		sent_message_free(call->kept);
		call->kept = message;
		if (error == 0)
			sent++;
	}
	if (sent > 0 || error == 0)
		return outcome_value(sent);
	if (error == ESRCH)
		return outcome_gone();
	if (error == EAGAIN && waits(call, (int)data->args[3]) && call->kept &&
	    wait_for_room(supervisor, call, call->kept, room_for_first) == 0)
		return outcome_wait();
	return outcome_answer(error);
}
