/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message that a program hands to sendto(2), sendmsg(2) or sendmmsg(2).
 *
 * It is copied once, and what is judged is what is sent. The kernel's limits hold, and it is their
 * errnos that are given; what a limit here adds is said in the header.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#include "syscall/context.h"
#include "syscall/notification.h"
#include "syscall/sent_message.h"

/* The kernel's own, net.core.optmem_max, is 20 KiB or more. */
#define CONTROL_MAX (20 * 1024)

/* UIO_MAXIOV of the kernel. */
#define VECTORS_MAX 1024

static bool is_stream(const struct call *call)
{
	return call->facts.type == SOCK_STREAM;
}

/* Sums up; cuts vectors where a stream's share ends. Returns 0 or the errno to answer. */
static int measure(const struct call *call, struct iovec *vectors, size_t *count,
		   size_t *ret_length)
{
	size_t length = 0;

	for (size_t i = 0; i < *count; i++) {
		size_t room = SENT_BYTES_MAX - length;

		if (vectors[i].iov_len > SSIZE_MAX)
			return EINVAL;
		if (vectors[i].iov_len <= room) {
			length += vectors[i].iov_len;
			continue;
		}
		if (!is_stream(call))
			return EMSGSIZE;
		vectors[i].iov_len = room;
		length += room;
		*count = i + 1;
	}
	*ret_length = length;
	return 0;
}

static int read_data(struct supervisor *supervisor, struct call *call, struct iovec *vectors,
		     size_t count, struct sent_message *message)
{
	int error = measure(call, vectors, &count, &message->length);

	if (error != 0)
		return error;
	message->data = g_malloc(message->length + 1);
	return -callers_gather(supervisor->callers, call->tid, vectors, count, message->data,
			       message->length);
}

static int read_vectors(struct supervisor *supervisor, struct call *call,
			const struct msghdr *header, struct sent_message *message)
{
	g_autofree struct iovec *vectors = NULL;
	int r;

	if (header->msg_iovlen > VECTORS_MAX)
		return EMSGSIZE;
	vectors = g_new(struct iovec, header->msg_iovlen + 1);
	r = callers_read(supervisor->callers, call->tid, (uint64_t)(uintptr_t)header->msg_iov,
			 vectors, header->msg_iovlen * sizeof(*vectors));
	return r < 0 ? -r : read_data(supervisor, call, vectors, header->msg_iovlen, message);
}

static int read_name(struct supervisor *supervisor, struct call *call, const struct msghdr *header,
		     struct sent_message *message)
{
	socklen_t length = header->msg_namelen;

	if ((int)length < 0)
		return EINVAL;
	if (!header->msg_name || length == 0)
		return 0;
	message->addressed = true;
	message->address.length = MIN(length, (socklen_t)sizeof(message->address.storage));
	return -callers_read(supervisor->callers, call->tid, (uint64_t)(uintptr_t)header->msg_name,
			     &message->address.storage, message->address.length);
}

static int read_control(struct supervisor *supervisor, struct call *call,
			const struct msghdr *header, struct sent_message *message)
{
	if (header->msg_controllen == 0)
		return 0;
	if (header->msg_controllen > CONTROL_MAX)
		return ENOBUFS;
	message->control_length = header->msg_controllen;
	message->control = g_malloc(message->control_length);
	return -callers_read(supervisor->callers, call->tid,
			     (uint64_t)(uintptr_t)header->msg_control, message->control,
			     message->control_length);
}

/* Was that the caller's memory, or that of whoever has its number now? */
static int finish_reading(const struct supervisor *supervisor, const struct call *call, int error,
			  struct sent_message *message, struct sent_message **ret_message)
{
	if (error == 0 && !notification_is_alive(supervisor->listener, call->slot->notification.id))
		error = ESRCH;
	if (error == 0)
		*ret_message = message;
	else
		sent_message_free(message);
	return error;
}

int sent_message_read_plain(struct supervisor *supervisor, struct call *call,
			    struct sent_message **ret_message)
{
	const __u64 *args = call->slot->notification.data.args;
	struct sent_message *message = g_new0(struct sent_message, 1);
	struct iovec vector = { .iov_base = (void *)(uintptr_t)args[1], .iov_len = args[2] };
	int error;

	message->flags = (int)args[3];
	/* Longer ones are cut by the kernel, too (MAX_RW_COUNT), and then too long for a datagram.
	 */
	vector.iov_len = MIN(vector.iov_len, (size_t)INT_MAX);
	error = sockaddr_check_length((int)args[5]);
	if (error == 0 && args[4] != 0) {
		message->addressed = true;
		message->address.length = (socklen_t)args[5];
		error = -callers_read(supervisor->callers, call->tid, args[4],
				      &message->address.storage, message->address.length);
	}
	if (error == 0)
		error = read_data(supervisor, call, &vector, 1, message);
	return finish_reading(supervisor, call, error, message, ret_message);
}

int sent_message_read(struct supervisor *supervisor, struct call *call, uint64_t pointer, int flags,
		      struct sent_message **ret_message)
{
	struct sent_message *message = g_new0(struct sent_message, 1);
	struct msghdr header;
	int error = -callers_read(supervisor->callers, call->tid, pointer, &header, sizeof(header));

	message->flags = flags;
	if (error == 0)
		error = read_name(supervisor, call, &header, message);
	if (error == 0)
		error = read_vectors(supervisor, call, &header, message);
	if (error == 0)
		error = read_control(supervisor, call, &header, message);
	return finish_reading(supervisor, call, error, message, ret_message);
}

struct taker {
	struct callers *callers;
	pid_t tid;
};

static int take_descriptor(int number, void *data)
{
	const struct taker *taker = data;

	return callers_pin(taker->callers, taker->tid, number);
}

static void close_descriptor(int fd)
{
	close(fd);
}

static void drop_passed(struct sent_message *message)
{
	if (message->passed)
		send_control_each_descriptor(message->passed, message->passed_length,
					     close_descriptor);
	g_clear_pointer(&message->passed, g_free);
	message->passed_length = 0;
}

int sent_message_pass_control(struct supervisor *supervisor, const struct call *call,
			      struct sent_message *message, enum control_kind kind)
{
	struct taker taker = { supervisor->callers, call->tid };
	int error;

	if (!message->control)
		return 0;
	drop_passed(message);
	message->passed = g_malloc(CMSG_ALIGN(message->control_length));
	error = send_control_copy(kind, message->control, message->control_length, message->passed,
				  &message->passed_length, take_descriptor, &taker);
	/* Descriptors of another task's, which has the number by now, are not sent on. */
	if (error == 0 && !notification_is_alive(supervisor->listener, call->slot->notification.id))
		error = ESRCH;
	return error;
}

void sent_message_free(void *data)
{
	struct sent_message *message = data;

	if (!message)
		return;
	drop_passed(message);
	g_free(message->control);
	g_free(message->data);
	g_free(message);
}
