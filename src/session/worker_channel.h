/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session's end of the socket to a worker process: requests with serials, answers that are
 * checked before anything looks at them, a deadline on each. Nothing here blocks but
 * worker_channel_wait.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/descriptor.h"
#include "base/message.h"
#include "session/worker_kind.h"

/* A request without an answer for so long means that the worker hangs. */
#define WORKER_ANSWER_TIMEOUT_MS 5000

/* What came of a request; all of it is borrowed. */
struct worker_answer {
	const GError *error; /* the worker was lost before it answered; else NULL */
	int result;	     /* MESSAGE_RESULT: 0 or a positive errno value */
	const void *status;  /* to MESSAGE_STATUS the body of its kind, else NULL */
};

typedef void (*worker_answer_func)(const struct worker_answer *answer, void *data);

/* The worker hung up (why NULL), or did what no worker does: then why says what. */
typedef void (*worker_broken_func)(const char *why, void *data);

struct worker_channel;

/*
 * Takes the socket to a worker of that kind over and watches it on the default main context. broken
 * is called once at most; the channel is of no more use then, and may be freed from inside the
 * call.
 */
struct worker_channel *worker_channel_new(const struct worker_kind *kind, int socket,
					  worker_broken_func broken, void *data);

/* Closes the socket; requests that wait for an answer get an error. NULL is allowed. */
void worker_channel_free(struct worker_channel *channel);

/*
 * Sends a request of type with a body of length bytes (copied) and at most
 * DESCRIPTORS_PER_MESSAGE descriptors (the caller's; they must stay open while the channel
 * lives). func is called exactly once, never from inside this call.
 */
void worker_channel_request(struct worker_channel *channel, enum message_type type,
			    const void *body, size_t length, const int *fds, size_t count,
			    worker_answer_func func, void *data);

/* True while requests wait for an answer. */
bool worker_channel_busy(const struct worker_channel *channel);

/* Waits at most timeout_ms milliseconds for the socket and deals with what came. */
void worker_channel_wait(struct worker_channel *channel, int timeout_ms);
