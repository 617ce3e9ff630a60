/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client of the control socket: from its first byte to the last byte of its answer. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "control/request.h"
#include "control/server.h"

struct connection;

/* What a connection tells the server. */
struct connection_events {
	/* A request has come; reply is to be finished, within the call or later. */
	void (*request)(void *data, const struct control_request *request,
			struct control_reply *reply);
	/* The connection has come to its end by itself; it is freed after the call. */
	void (*closed)(void *data, struct connection *connection);
};

/* fd, a connected non-blocking stream socket, is now the connection's. Nothing is read yet. */
struct connection *connection_new(int fd, const struct connection_events *events, void *data);

/*
 * Takes what the client has sent by now and waits for the rest. The events may come within the
 * call, and the connection may be gone when it comes back.
 */
void connection_start(struct connection *connection);

/* True while the client still owes its request. */
bool connection_is_reading(const struct connection *connection);

/* Answers with error instead of whatever was going on; the connection may be gone afterwards. */
void connection_refuse(struct connection *connection, const GError *error);

/* Closes it without an answer and without an event. */
void connection_free(struct connection *connection);
