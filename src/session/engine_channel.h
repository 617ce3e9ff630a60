/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session's end of the socket to its engine: requests with serials, answers that are checked
 * before anything looks at them, a deadline on each. Nothing here blocks but engine_channel_wait.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/message.h"

/* A request without an answer for so long means that the engine hangs. */
#define ENGINE_ANSWER_TIMEOUT_MS 5000

#define ENGINE_REQUEST_DESCRIPTORS 2

/* What came of a request; all of it is borrowed. */
struct engine_answer {
	const GError *error;		    /* the engine was lost before it answered; else NULL */
	int result;			    /* MESSAGE_RESULT: 0 or a positive errno value */
	const struct engine_status *status; /* MESSAGE_STATUS_REPLY, else NULL */
	const struct flow *flows;	    /* status->flows_sent rows */
};

typedef void (*engine_answer_func)(const struct engine_answer *answer, void *data);

/* The engine hung up (why NULL), or did what no engine does: then why says what. */
typedef void (*engine_broken_func)(const char *why, void *data);

struct engine_channel;

/*
 * Takes the socket over and watches it on the default main context. broken is called once at most;
 * the channel is of no more use then, and may be freed from inside the call.
 */
struct engine_channel *engine_channel_new(int socket, engine_broken_func broken, void *data);

/* Closes the socket; requests that wait for an answer get an error. NULL is allowed. */
void engine_channel_free(struct engine_channel *channel);

/*
 * Sends a request of type with a body of length bytes (copied) and at most
 * ENGINE_REQUEST_DESCRIPTORS descriptors (the caller's; they must stay open while the channel
 * lives). func is called exactly once, never from inside this call.
 */
void engine_channel_request(struct engine_channel *channel, enum message_type type,
			    const void *body, size_t length, const int *fds, size_t count,
			    engine_answer_func func, void *data);

/* True while requests wait for an answer. */
bool engine_channel_busy(const struct engine_channel *channel);

/* Waits at most timeout_ms milliseconds for the socket and deals with what came. */
void engine_channel_wait(struct engine_channel *channel, int timeout_ms);
