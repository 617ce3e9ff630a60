/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The published ports of a session.
 *
 * The table is what counts: an engine that replaces a lost one is asked for everything in it. So a
 * forward enters the table when the engine has opened it, and leaves it before the engine is asked
 * to close it. What a new engine can't open stays in the table and is tried again with the next
 * engine.
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/util.h"
#include "session/forwards.h"

#define PORT_START_PATH "/proc/sys/net/ipv4/ip_unprivileged_port_start"

struct forwards {
	bool v6;
	struct engine_process *engine; /* borrowed */
	GArray *open;		       /* struct forward, in order of id */
	GArray *opening;	       /* struct forward, asked for and not answered */
	uint32_t last_id;
};

/* An operation that the engine has not answered yet. */
struct task {
	struct forwards *forwards;
	struct forward forward;
	session_done_func done; /* NULL for forwards_restore */
	void *data;
};

/* The lowest port that ordinary users may take; 0 where every port is. */
static long unprivileged_port_start(void)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(PORT_START_PATH, &text, NULL, NULL))
		return IPPORT_RESERVED;
	return strtol(text, NULL, 10);
}

/* What to do about an errno value of publishing; NULL where it speaks for itself. */
static char *publish_hint(const struct forward *forward, int number)
{
	long start;

	switch (number) {
	case EADDRINUSE:
		return g_strdup("another program listens there");
	case EADDRNOTAVAIL:
		return g_strdup("no interface of this host has that address");
	case EAFNOSUPPORT:
		return g_strdup("both ends must be of one family, and the host must have it");
	case EACCES:
	case EPERM:
		start = unprivileged_port_start();
		if (forward->host.port >= start)
			return NULL;
		return g_strdup_printf("net.ipv4.ip_unprivileged_port_start is %ld: take a port "
				       "from there on, or have it lowered with sysctl",
				       start);
	default:
		return NULL;
	}
}

static void set_publish_error(GError **error, const struct forward *forward, int number)
{
	char text[ADDRESS_TEXT_MAX];
	g_autofree char *hint = publish_hint(forward, number);
	g_autoptr(GError) plain = NULL;

	error_set_errno(&plain, number, "publishing %s %s", protocol_name(forward->protocol),
			endpoint_format(&forward->host, text));
	if (hint)
		g_set_error(error, plain->domain, plain->code, "%s (%s)", plain->message, hint);
	else
		g_propagate_error(error, g_steal_pointer(&plain));
}

/* Calls back with error, which is freed. */
static void fail(uint32_t id, GError *error, session_done_func done, void *data)
{
	done(id, error, data);
	g_error_free(error);
}

static struct task *task_new(struct forwards *forwards, const struct forward *forward,
			     session_done_func done, void *data)
{
	struct task *task = g_new(struct task, 1);

	*task = (struct task){ forwards, *forward, done, data };
	return task;
}

/* Calls back with the engine's error or with number (0: success), and ends the task. */
static void task_finish(struct task *task, const struct engine_answer *answer, int number)
{
	g_autoptr(GError) error = NULL;

	if (!answer->error && number != 0)
		set_publish_error(&error, &task->forward, number);
	task->done(task->forward.id, answer->error ? answer->error : error, task->data);
	g_free(task);
}

static void insert(GArray *table, const struct forward *forward)
{
	guint at = table->len;

	while (at > 0 && g_array_index(table, struct forward, at - 1).id > forward->id)
		at--;
	g_array_insert_val(table, at, *forward);
}

/* Takes the forward with that id out of the table; returns false if it holds none. */
static bool take(GArray *table, uint32_t id, struct forward *ret_forward)
{
	for (guint i = 0; i < table->len; i++) {
		struct forward forward = g_array_index(table, struct forward, i);

		if (forward.id != id)
			continue;
		g_array_remove_index(table, i);
		*ret_forward = forward;
		return true;
	}
	return false;
}

static bool has_host(const GArray *table, const struct forward *forward)
{
	for (guint i = 0; i < table->len; i++)
		if (forward_same_host(&g_array_index(table, struct forward, i), forward))
			return true;
	return false;
}

struct forwards *forwards_new(bool v6)
{
	struct forwards *forwards = g_new0(struct forwards, 1);

	forwards->v6 = v6;
	forwards->open = g_array_new(FALSE, FALSE, sizeof(struct forward));
	forwards->opening = g_array_new(FALSE, FALSE, sizeof(struct forward));
	return forwards;
}

void forwards_free(struct forwards *forwards)
{
	if (!forwards)
		return;
	g_array_unref(forwards->open);
	g_array_unref(forwards->opening);
	g_free(forwards);
}

void forwards_set_engine(struct forwards *forwards, struct engine_process *engine)
{
	forwards->engine = engine;
}

static void restored(const struct engine_answer *answer, void *data)
{
	struct task *task = data;
	g_autoptr(GError) error = NULL;

	/* Without an answer that engine is lost too, and the next one is asked. */
	if (!answer->error && answer->result != 0) {
		set_publish_error(&error, &task->forward, answer->result);
		log_warning("%s; not published until the packet engine is started again",
			    error->message);
	}
	g_free(task);
}

void forwards_restore(struct forwards *forwards)
{
	for (guint i = 0; i < forwards->open->len; i++) {
		struct forward *forward = &g_array_index(forwards->open, struct forward, i);

		engine_process_request(forwards->engine, MESSAGE_FORWARD_ADD, forward,
				       sizeof(*forward), restored,
				       task_new(forwards, forward, NULL, NULL));
	}
}

static void added(const struct engine_answer *answer, void *data)
{
	struct task *task = data;
	struct forwards *forwards = task->forwards;
	struct forward forward;

	take(forwards->opening, task->forward.id, &forward);
	if (!answer->error && answer->result == 0)
		insert(forwards->open, &task->forward);
	else if (forwards->last_id == task->forward.id)
		forwards->last_id--; /* so that failures leave no gaps */
	task_finish(task, answer, answer->result);
}

void forwards_add(struct forwards *forwards, const struct forward *forward, session_done_func done,
		  void *data)
{
	struct forward asked = *forward;
	GError *error = NULL;

	if (!forwards->v6 && asked.host.address.family == AF_INET6)
		error_set(&error, SLIRPWAY_ERROR_USAGE,
			  "publishing to an IPv6 address: the session has no IPv6");
	else if (has_host(forwards->open, forward) || has_host(forwards->opening, forward))
		set_publish_error(&error, forward, EADDRINUSE);
	if (error) {
		fail(0, error, done, data);
		return;
	}
	asked.id = ++forwards->last_id;
	g_array_append_val(forwards->opening, asked);
	engine_process_request(forwards->engine, MESSAGE_FORWARD_ADD, &asked, sizeof(asked), added,
			       task_new(forwards, &asked, done, data));
}

static void removed(const struct engine_answer *answer, void *data)
{
	static const struct engine_answer success = { 0 };
	struct task *task = data;

	/* Closed by its death or by the engine before it: that is as good. */
	if (answer->error || answer->result == ENOENT)
		answer = &success;
	if (answer->result != 0)
		insert(task->forwards->open, &task->forward);
	task_finish(task, answer, answer->result);
}

void forwards_remove(struct forwards *forwards, uint32_t id, session_done_func done, void *data)
{
	struct forward forward;
	GError *error = NULL;

	if (!take(forwards->open, id, &forward)) {
		error_set(&error, SLIRPWAY_ERROR_NOT_FOUND, "there is no forward with id %u", id);
		fail(id, error, done, data);
		return;
	}
	engine_process_request(forwards->engine, MESSAGE_FORWARD_REMOVE, &forward, sizeof(forward),
			       removed, task_new(forwards, &forward, done, data));
}

const GArray *forwards_table(const struct forwards *forwards)
{
	return forwards->open;
}
