/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session answers on its control socket: each operation asks the session and words the
 * answer. */

#include "config.h"

#include "base/error.h"
#include "control/server.h"
#include "session/control.h"
#include "session/status.h"

struct session_control {
	struct control_server *server;
	struct session *session; /* NULL once the control is closed */
	const struct session_config *config;
	char **command;
	void (*stop)(void *data);
	void *data;
};

/* A question that the session has not answered yet; keeps the control for its answer. */
struct pending {
	struct session_control *control;
	struct control_reply *reply;
};

static struct pending *pending_new(struct session_control *control, struct control_reply *reply)
{
	struct pending *pending = g_new(struct pending, 1);

	pending->control = g_rc_box_acquire(control);
	pending->reply = reply;
	return pending;
}

static void pending_free(struct pending *pending)
{
	g_rc_box_release(pending->control);
	g_free(pending);
}

/* Answers with an object that has one member; node is now the reply's. */
static void reply_member(struct control_reply *reply, const char *name, JsonNode *member)
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_member(object, name, member);
	json_node_take_object(node, object);
	control_reply_return(reply, node);
}

/* Answers with error's code and slirp4netns's sentence, the reason after it. */
static void reply_failure(struct control_reply *reply, const char *sentence, const GError *error)
{
	g_autoptr(GError) copy = g_error_copy(error);

	g_prefix_error(&copy, "bad request: %s: ", sentence);
	control_reply_error(reply, copy);
}

/* True if the forward with that id is open only from a program's next bind on. */
static bool forward_is_late(const struct session_control *control, uint32_t id)
{
	const GArray *forwards = control->session ? session_forwards(control->session) : NULL;

	for (guint i = 0; forwards && i < forwards->len; i++) {
		const struct session_forward *row =
			&g_array_index(forwards, struct session_forward, i);

		if (row->forward.id == id)
			return row->late;
	}
	return false;
}

static void reply_id(struct control_reply *reply, uint32_t id, bool late)
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "id", id);
	if (late)
		json_object_set_boolean_member(object, "at_next_bind", TRUE);
	json_node_take_object(node, object);
	control_reply_return(reply, node);
}

static void forward_added(uint32_t id, const GError *error, void *data)
{
	struct pending *pending = data;

	if (error != NULL)
		reply_failure(pending->reply, "add_hostfwd: slirp_add_hostfwd failed", error);
	else
		reply_id(pending->reply, id, forward_is_late(pending->control, id));
	pending_free(pending);
}

static void forward_add(void *data, const struct forward *forward, struct control_reply *reply)
{
	struct session_control *control = data;

	session_forward_add(control->session, forward, forward_added, pending_new(control, reply));
}

static void forward_removed(uint32_t id, const GError *error, void *data)
{
	struct pending *pending = data;

	(void)id;
	if (error == NULL)
		control_reply_return(pending->reply, NULL);
	else if (g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_NOT_FOUND))
		reply_failure(pending->reply, "remove_hostfwd: bad arguments.id", error);
	else
		reply_failure(pending->reply, "remove_hostfwd: slirp_remove_hostfwd failed", error);
	pending_free(pending);
}

static void forward_remove(void *data, uint32_t id, struct control_reply *reply)
{
	struct session_control *control = data;

	session_forward_remove(control->session, id, forward_removed, pending_new(control, reply));
}

static void reply_ending(struct control_reply *reply)
{
	g_autoptr(GError) error = NULL;

	error_set(&error, SLIRPWAY_ERROR_SYSTEM, "the session is ending");
	control_reply_error(reply, error);
}

static void forwards_refreshed(uint32_t id, const GError *error, void *data)
{
	struct pending *pending = data;
	struct session_control *control = pending->control;
	JsonArray *entries;

	(void)id;
	(void)error;
	if (control->session == NULL) {
		reply_ending(pending->reply);
	} else {
		entries = status_forwards(session_forwards(control->session),
					  &control->config->network);
		reply_member(pending->reply, "entries",
			     json_node_init_array(json_node_alloc(), entries));
		json_array_unref(entries);
	}
	pending_free(pending);
}

static void forward_list(void *data, struct control_reply *reply)
{
	struct session_control *control = data;

	session_refresh_forwards(control->session, forwards_refreshed, pending_new(control, reply));
}

static void status_answered(const struct session_status *status, void *data)
{
	struct pending *pending = data;
	struct session_control *control = pending->control;

	if (control->session == NULL) {
		reply_ending(pending->reply);
	} else {
		const struct status_source source = {
			.config = control->config,
			.command = control->command,
			.forwards = session_forwards(control->session),
			.engine_pid = session_engine_pid(control->session),
			.device_gone = session_device_is_gone(control->session),
			.engine_restarts = session_engine_restarts(control->session),
			.mode = session_mode(control->session),
			.supervisor_pid = session_supervisor_pid(control->session),
			.supervisor_restarts = session_supervisor_restarts(control->session),
			.walled = session_is_walled(control->session),
			.workers = *status,
		};

		control_reply_return(pending->reply, status_node(&source));
	}
	pending_free(pending);
}

static void status(void *data, struct control_reply *reply)
{
	struct session_control *control = data;

	session_query_status(control->session, status_answered, pending_new(control, reply));
}

static void stop(void *data, struct control_reply *reply)
{
	struct session_control *control = data;

	/* The answer first: stopping may well be the last thing that this process does. */
	control_reply_return(reply, NULL);
	control->stop(control->data);
}

static const struct control_ops session_ops = {
	.forward_add = forward_add,
	.forward_remove = forward_remove,
	.forward_list = forward_list,
	.status = status,
	.stop = stop,
};

struct session_control *session_control_new(const char *path, struct session *session,
					    const struct session_config *config, char **command,
					    void (*stop_session)(void *data), void *data,
					    GError **error)
{
	struct session_control *control = g_rc_box_new0(struct session_control);

	control->session = session;
	control->config = config;
	control->command = command;
	control->stop = stop_session;
	control->data = data;
	control->server = control_server_new(path, &session_ops, control, error);
	if (control->server == NULL)
		g_clear_pointer(&control, g_rc_box_release);
	return control;
}

void session_control_free(struct session_control *control)
{
	if (control == NULL)
		return;
	g_clear_pointer(&control->server, control_server_free);
	control->session = NULL;
	g_rc_box_release(control);
}
