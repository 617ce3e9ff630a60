/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket of a session: one JSON request and one answer per connection, buffered,
 * bounded and timed out, so that no client holds anything up. Runs on the default main context.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/forward.h"

/*
 * An answer that is owed to a client; finished exactly once, now or later, whether or not the
 * client or the server are still there.
 */
struct control_reply;

/*
 * Answers {"return": value}; value (may be NULL for {}) is now the reply's. Its "entries", where
 * there are some, appear beside "return" as well, which is where slirp4netns puts them.
 */
void control_reply_return(struct control_reply *reply, JsonNode *value);

/* Answers {"error": {"code": ..., "desc": ...}} with the error's text; error stays the caller's. */
void control_reply_error(struct control_reply *reply, const GError *error);

/*
 * What the server asks of its session; each call ends in one of the two functions above. None of
 * them may free the server.
 */
struct control_ops {
	/* value: {"id": n} */
	void (*forward_add)(void *data, const struct forward *forward, struct control_reply *reply);
	/* value: {} */
	void (*forward_remove)(void *data, uint32_t id, struct control_reply *reply);
	/* value: {"entries": [...]} */
	void (*forward_list)(void *data, struct control_reply *reply);
	void (*status)(void *data, struct control_reply *reply);
	void (*stop)(void *data, struct control_reply *reply);
};

struct control_server;

/*
 * Listens at path (mode 0600); a file that is there already is replaced, as slirp4netns does it.
 * Callers must have our uid or be root (SO_PEERCRED). ops must outlive the server. Returns NULL
 * with error set.
 */
struct control_server *control_server_new(const char *path, const struct control_ops *ops,
					  void *data, GError **error);

/* Closes every connection, removes the socket file; NULL is allowed. */
void control_server_free(struct control_server *server);
