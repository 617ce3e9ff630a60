/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One container's network: owns the link's descriptor and the trap's, the worker processes, the
 * forwards and the watch on the host's DNS servers. Runs on the default main context.
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

/* Which path carries a forward. */
enum forward_path { FORWARD_BY_PACKETS, FORWARD_BY_SOCKETS };

/* An open forward. */
struct session_forward {
	struct forward forward;
	enum forward_path path;
	bool late; /* a program has the port at another place: opens at its next bind */
};

struct trap;

/*
 * Starts the engine on link (NULL: no packet path), and where calls are trapped (trap is not NULL
 * and has a listener) a supervisor; opens config's forwards. Comes back when frames flow, calls are
 * answered and every forward listens (at most ten seconds for each worker). link and trap are the
 * session's from now on, also on failure; config is borrowed for its life. Returns NULL with error
 * set: a port in use or privileged is named.
 */
struct session *session_start(const struct session_config *config, const struct session_link *link,
			      const struct trap *trap, GError **error);

/*
 * Has changed called whenever the host's DNS servers change; they are borrowed. Never, where config
 * names the servers.
 */
typedef void (*session_servers_func)(const struct dns_servers *servers, void *data);
void session_follow_servers(struct session *session, session_servers_func changed, void *data);

/* Ends the workers, closes link and trap; NULL is allowed. */
void session_free(struct session *session);

/* Called with error NULL when an operation is done; id is the forward's. error is borrowed. */
typedef void (*session_done_func)(uint32_t id, const GError *error, void *data);

/* Opens a forward; it gets the next id, from 1 on. Whether it is late is in the table then. */
void session_forward_add(struct session *session, const struct forward *forward,
			 session_done_func done, void *data);

/* Closes the forward with that id; connections that came over it live on. */
void session_forward_remove(struct session *session, uint32_t id, session_done_func done,
			    void *data);

/* The open forwards, in order of id (struct session_forward); the session's. */
const GArray *session_forwards(const struct session *session);

/* Has done called once it is known which forwards are late; at once where that can't be asked. */
void session_refresh_forwards(struct session *session, session_done_func done, void *data);

/* What the workers told; a part is NULL where its worker does not run or did not answer. */
struct session_status {
	const struct engine_status *engine;
	const struct flow *flows; /* engine->flows_sent rows */
	const struct supervisor_status *supervisor;
};

/* status is borrowed. */
typedef void (*session_status_func)(const struct session_status *status, void *data);

/* Asks the workers for their counters and flows. */
void session_query_status(struct session *session, session_status_func done, void *data);

/* The engine's process id; 0 while it is being started again, and once the device is gone. */
pid_t session_engine_pid(const struct session *session);

/* True once the container has deleted its device: no engine runs from then on. */
bool session_device_is_gone(const struct session *session);

/* How often the engine was started again. */
uint32_t session_engine_restarts(const struct session *session);

/* Hybrid, packet or syscall: what the session came to be. */
enum session_mode session_mode(const struct session *session);

/* The supervisor's process id; 0 without one, and while it is being started again. */
pid_t session_supervisor_pid(const struct session *session);

/* How often the supervisor was started again. */
uint32_t session_supervisor_restarts(const struct session *session);

/* True if no task of the container can bind or connect TCP by itself (struct trap). */
bool session_is_walled(const struct session *session);
