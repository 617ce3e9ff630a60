/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One container's network: owns the link's descriptor, the engine process, the forwards and the
 * watch on the host's DNS servers. Runs on the default main context.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/forward.h"
#include "base/message.h"
#include "session/session_config.h"

struct session;

/* The link that frames come and go on. */
struct session_link {
	enum link_kind kind;
	bool vnet_header;
	int fd;		  /* now the session's */
	const char *name; /* for status: "tap0" */
};

/*
 * Starts the engine on link and opens config's forwards; comes back when frames flow and every
 * forward listens (at most ten seconds). config is borrowed for the session's life. Returns NULL
 * with error set: a port in use or privileged is named.
 */
struct session *session_start(const struct session_config *config, const struct session_link *link,
			      GError **error);

/* Ends the engine, closes the link; NULL is allowed. */
void session_free(struct session *session);

/* Called with error NULL when an operation is done; id is the forward's. error is borrowed. */
typedef void (*session_done_func)(uint32_t id, const GError *error, void *data);

/* Opens a forward; it gets the next id, from 1 on. */
void session_forward_add(struct session *session, const struct forward *forward,
			 session_done_func done, void *data);

/* Closes the forward with that id; connections that came over it live on. */
void session_forward_remove(struct session *session, uint32_t id, session_done_func done,
			    void *data);

/* The open forwards, in order of id (struct forward); the session's. */
const GArray *session_forwards(const struct session *session);

/* Called with the answer, or with status NULL and error set; both are borrowed. flows has
 * status->flows_sent rows. */
typedef void (*session_status_func)(const struct engine_status *status, const struct flow *flows,
				    const GError *error, void *data);

/* Asks the engine for its counters and flows. */
void session_query_status(struct session *session, session_status_func done, void *data);

/* The engine's process id; 0 while it is being started again, and once the device is gone. */
pid_t session_engine_pid(const struct session *session);

/* True once the container has deleted its device: no engine runs from then on. */
bool session_device_is_gone(const struct session *session);

/* How often the engine was started again. */
uint32_t session_engine_restarts(const struct session *session);
