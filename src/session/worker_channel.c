/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session's end of the socket to a worker process: requests, checked answers, deadlines. */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "session/worker_channel.h"

/* Answers that are dealt with before other sources of the main loop get their turn. */
#define ANSWERS_PER_WAKEUP 16

#define ERRNO_MAX 4095

struct request {
	enum message_type type;
	uint32_t serial;
	worker_answer_func func;
	void *data;
	void *packet; /* header and body until it is sent, then NULL */
	size_t length;
	int fds[DESCRIPTORS_PER_MESSAGE]; /* borrowed */
	size_t count;
};

struct worker_channel {
	const struct worker_kind *kind;
	int socket;
	uint32_t serial;
	GQueue unsent;	 /* struct request, for a socket that was full */
	GQueue pending;	 /* struct request, sent and not answered, oldest first */
	guint in_source; /* these are 0 where there is none */
	guint out_source;
	guint timer;
	bool closed; /* freed or broken: only the reference of a running call keeps it */
	worker_broken_func broken;
	void *broken_data;
	uint8_t *buffer; /* MESSAGE_MAX bytes */
};

static void request_free(struct request *request)
{
	g_free(request->packet);
	g_free(request);
}

static void request_fail(const struct worker_channel *channel, struct request *request)
{
	g_autoptr(GError) error = NULL;
	struct worker_answer answer = { 0 };

	error_set(&error, SLIRPWAY_ERROR_SYSTEM, "%s ended before it answered",
		  channel->kind->words);
	answer.error = error;
	request->func(&answer, request->data);
	request_free(request);
}

static void remove_source(guint *source)
{
	if (*source)
		g_source_remove(*source);
	*source = 0;
}

static void channel_release(void *data)
{
	struct worker_channel *channel = data;

	g_free(channel->buffer);
}

/* Lets go of the socket and the sources; what is pending stays for worker_channel_free. */
static void channel_close(struct worker_channel *channel)
{
	channel->closed = true;
	remove_source(&channel->in_source);
	remove_source(&channel->out_source);
	remove_source(&channel->timer);
	descriptor_close(&channel->socket);
}

static void channel_break(struct worker_channel *channel, const char *why)
{
	if (channel->closed)
		return;
	channel_close(channel);
	channel->broken(why, channel->broken_data);
}

static const char *check_result(const struct message_result *result, size_t length)
{
	if (length != sizeof(*result))
		return "it sent a result of the wrong length";
	if (result->error < 0 || result->error > ERRNO_MAX)
		return "it sent a result that is no errno value";
	return NULL;
}

/* Fills *ret_answer, or says what is wrong with the packet. */
static const char *decode_answer(const struct worker_kind *kind, const struct request *request,
				 const uint8_t *packet, size_t length,
				 struct worker_answer *ret_answer)
{
	struct worker_answer answer = { 0 };
	const struct message_header *header = (const void *)packet;
	const void *body = packet + sizeof(*header);
	bool wants_status = request->type == MESSAGE_STATUS;
	const char *why;

	if (length < sizeof(*header))
		return "it sent a packet that is too short";
	if (header->serial != request->serial)
		return "it answered out of order";
	if (header->type != (uint32_t)(wants_status ? kind->status : MESSAGE_RESULT))
		return "it sent an answer of the wrong type";
	length -= sizeof(*header);
	why = wants_status ? kind->check_status(body, length) : check_result(body, length);
	if (why)
		return why;
	if (wants_status)
		answer.status = body;
	else
		answer.result = ((const struct message_result *)body)->error;
	*ret_answer = answer;
	return NULL;
}

static gboolean answer_overdue(void *data);

/* The clock runs while something is asked, and starts anew with each answer. */
static void channel_arm(struct worker_channel *channel)
{
	remove_source(&channel->timer);
	if (!channel->closed && worker_channel_busy(channel))
		channel->timer = g_timeout_add(WORKER_ANSWER_TIMEOUT_MS, answer_overdue, channel);
}

static void channel_take_answer(struct worker_channel *channel, size_t length)
{
	struct request *request = g_queue_peek_head(&channel->pending);
	struct worker_answer answer;
	const char *why = "it answered what nobody asked";

	if (request)
		why = decode_answer(channel->kind, request, channel->buffer, length, &answer);
	if (why) {
		channel_break(channel, why);
		return;
	}
	g_queue_pop_head(&channel->pending);
	channel_arm(channel);
	request->func(&answer, request->data);
	request_free(request);
}

/* Receives one packet; returns false if there was none, or if the channel is at its end. */
static bool channel_receive(struct worker_channel *channel)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	ssize_t length;

	if (channel->closed)
		return false;
	length = descriptor_receive(channel->socket, channel->buffer, MESSAGE_MAX, fds, &count);
	if (length == -EAGAIN)
		return false;
	if (length < 0 && length != -EMSGSIZE) {
		channel_break(channel, NULL); /* ECONNRESET: it died with requests unread */
	} else if (length < 0) {
		channel_break(channel, "it sent a packet that is too large");
	} else if (count > 0) {
		for (size_t i = 0; i < count; i++)
			descriptor_close(&fds[i]);
		channel_break(channel, "it sent descriptors");
	} else if (length == 0) {
		channel_break(channel, NULL);
	} else {
		channel_take_answer(channel, (size_t)length);
	}
	return !channel->closed;
}

static void channel_receive_some(struct worker_channel *channel)
{
	for (unsigned int i = 0; i < ANSWERS_PER_WAKEUP; i++)
		if (!channel_receive(channel))
			return;
}

static gboolean socket_writable(int fd, GIOCondition condition, void *data);

static void channel_send_some(struct worker_channel *channel)
{
	struct request *request;

	while ((request = g_queue_peek_head(&channel->unsent))) {
		int r = descriptor_send(channel->socket, request->packet, request->length,
					request->fds, request->count);

		if (r == -EAGAIN)
			break;
		/* A socket that takes nothing more is at its end: reading from it finds out why. */
		g_queue_pop_head(&channel->unsent);
		g_clear_pointer(&request->packet, g_free);
		g_queue_push_tail(&channel->pending, request);
	}
	if (!request)
		remove_source(&channel->out_source);
	else if (!channel->out_source)
		channel->out_source =
			g_unix_fd_add(channel->socket, G_IO_OUT, socket_writable, channel);
}

static gboolean socket_readable(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
				void *data)
{
	struct worker_channel *channel = g_rc_box_acquire(data);

	channel_receive_some(channel);
	g_rc_box_release_full(channel, channel_release);
	return G_SOURCE_CONTINUE; /* of no effect where the source was removed meanwhile */
}

static gboolean socket_writable(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
				void *data)
{
	channel_send_some(data);
	return G_SOURCE_CONTINUE;
}

static gboolean answer_overdue(void *data)
{
	struct worker_channel *channel = g_rc_box_acquire(data);
	struct request *waiting = g_queue_peek_head(&channel->pending);

	/* This process may itself have been stopped meanwhile, with the answer in the socket. */
	channel->timer = 0;
	channel_receive_some(channel);
	if (!channel->closed && !channel->timer) {
		if (g_queue_peek_head(&channel->pending) == waiting)
			channel_break(channel, "it did not answer for five seconds");
		else
			channel_arm(channel);
	}
	g_rc_box_release_full(channel, channel_release);
	return G_SOURCE_REMOVE;
}

struct worker_channel *worker_channel_new(const struct worker_kind *kind, int socket,
					  worker_broken_func broken, void *data)
{
	struct worker_channel *channel = g_rc_box_new0(struct worker_channel);

	channel->kind = kind;
	channel->socket = socket;
	channel->broken = broken;
	channel->broken_data = data;
	channel->buffer = g_malloc(MESSAGE_MAX);
	g_queue_init(&channel->unsent);
	g_queue_init(&channel->pending);
	descriptor_set_nonblocking(socket);
	channel->in_source = g_unix_fd_add(socket, G_IO_IN, socket_readable, channel);
	return channel;
}

void worker_channel_free(struct worker_channel *channel)
{
	struct request *request;

	if (!channel)
		return;
	channel_close(channel);
	while ((request = g_queue_pop_head(&channel->pending)))
		request_fail(channel, request);
	while ((request = g_queue_pop_head(&channel->unsent)))
		request_fail(channel, request);
	g_rc_box_release_full(channel, channel_release);
}

void worker_channel_request(struct worker_channel *channel, enum message_type type,
			    const void *body, size_t length, const int *fds, size_t count,
			    worker_answer_func func, void *data)
{
	struct request *request = g_new0(struct request, 1);
	struct message_header header = { .type = type, .serial = ++channel->serial };
	bool idle = !worker_channel_busy(channel);
	uint8_t *packet = g_malloc(sizeof(header) + length);

	memcpy(packet, &header, sizeof(header));
	if (length > 0)
		memcpy(packet + sizeof(header), body, length);
	request->type = type;
	request->serial = header.serial;
	request->func = func;
	request->data = data;
	request->packet = packet;
	request->length = sizeof(header) + length;
	request->count = MIN(count, ARRAY_SIZE(request->fds));
	for (size_t i = 0; i < request->count; i++)
		request->fds[i] = fds[i];
	g_queue_push_tail(&channel->unsent, request);
	if (channel->closed)
		return; /* worker_channel_free answers it */
	channel_send_some(channel);
	if (idle)
		channel_arm(channel);
}

bool worker_channel_busy(const struct worker_channel *channel)
{
	return channel->pending.length > 0 || channel->unsent.length > 0;
}

void worker_channel_wait(struct worker_channel *channel, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = channel->socket, .events = POLLIN };

	if (channel->closed)
		return;
	if (channel->unsent.length > 0)
		poll_fd.events |= POLLOUT;
	if (poll(&poll_fd, 1, timeout_ms) <= 0)
		return;
	g_rc_box_acquire(channel);
	if (poll_fd.revents & POLLOUT)
		channel_send_some(channel);
	channel_receive_some(channel);
	g_rc_box_release_full(channel, channel_release);
}
