/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The published ports of a session.
 *
 * UDP goes by packets: the engine opens such a forward, and without one there is none. TCP goes by
 * sockets where there is a supervisor: it reserves the host's endpoint for the program that will
 * bind the port. A program that has bound it already stays with the socket that it has, so the
 * engine opens that forward, too.
 *
 * The table is what counts: a worker that replaces a lost one is asked for everything in it that is
 * its own. So a forward enters the table when the worker has opened it, and leaves it before the
 * worker is asked to close it. What a new worker can't open stays in the table and is tried again
 * with the next one.
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/util.h"
#include "session/forwards.h"
#include "session/listening.h"

#define PORT_START_PATH "/proc/sys/net/ipv4/ip_unprivileged_port_start"

struct forwards {
	const struct network *network;	   /* borrowed */
	struct worker_process *workers[2]; /* by enum forward_path; borrowed */
	pid_t container;		   /* a process of it, or 0 */
	GArray *open;			   /* struct session_forward, in order of id */
	GArray *opening;		   /* the same, asked for and not answered */
	uint32_t last_id;
};

/* An operation that a worker has not answered yet. */
struct task {
	struct forwards *forwards;
	struct session_forward row;
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

static struct task *task_new(struct forwards *forwards, const struct session_forward *row,
			     session_done_func done, void *data)
{
	struct task *task = g_new(struct task, 1);

	*task = (struct task){ forwards, *row, done, data };
	return task;
}

/* Calls back with the worker's error or with number (0: success), and ends the task. */
static void task_finish(struct task *task, const struct worker_answer *answer, int number)
{
	g_autoptr(GError) error = NULL;

	if (!answer->error && number != 0)
		set_publish_error(&error, &task->row.forward, number);
	task->done(task->row.forward.id, answer->error ? answer->error : error, task->data);
	g_free(task);
}

static void insert(GArray *table, const struct session_forward *row)
{
	guint at = table->len;

	while (at > 0 &&
	       g_array_index(table, struct session_forward, at - 1).forward.id > row->forward.id)
		at--;
	g_array_insert_val(table, at, *row);
}

/* Takes the forward with that id out of the table; returns false if it holds none. */
static bool take(GArray *table, uint32_t id, struct session_forward *ret_row)
{
	for (guint i = 0; i < table->len; i++) {
		struct session_forward row = g_array_index(table, struct session_forward, i);

		if (row.forward.id != id)
			continue;
		g_array_remove_index(table, i);
		*ret_row = row;
		return true;
	}
	return false;
}

static bool has_host(const GArray *table, const struct forward *forward)
{
	for (guint i = 0; i < table->len; i++)
		if (forward_same_host(&g_array_index(table, struct session_forward, i).forward,
				      forward))
			return true;
	return false;
}

struct forwards *forwards_new(const struct network *network)
{
	struct forwards *forwards = g_new0(struct forwards, 1);

	forwards->network = network;
	forwards->open = g_array_new(FALSE, FALSE, sizeof(struct session_forward));
	forwards->opening = g_array_new(FALSE, FALSE, sizeof(struct session_forward));
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

void forwards_set_engine(struct forwards *forwards, struct worker_process *engine)
{
	forwards->workers[FORWARD_BY_PACKETS] = engine;
}

void forwards_set_supervisor(struct forwards *forwards, struct worker_process *supervisor,
			     pid_t container)
{
	forwards->workers[FORWARD_BY_SOCKETS] = supervisor;
	forwards->container = container;
}

struct address forwards_guest(const struct forward *forward, const struct network *network)
{
	if (forward->guest.address.family != AF_UNSPEC)
		return forward->guest.address;
	return forward->host.address.family == AF_INET6 ? address_from_v6(&network->v6_guest)
							: address_from_v4(network->v4_guest);
}

/* How connections to a new forward are to be carried. */
static enum forward_path choose_path(const struct forwards *forwards, const struct forward *forward)
{
	const struct endpoint guest = { .address = forwards_guest(forward, forwards->network),
					.port = forward->guest.port };

	if (!forwards->workers[FORWARD_BY_PACKETS])
		return FORWARD_BY_SOCKETS;
	if (!forwards->workers[FORWARD_BY_SOCKETS] || forward->protocol != IPPROTO_TCP ||
	    listening_in_process(forwards->container, &guest))
		return FORWARD_BY_PACKETS;
	return FORWARD_BY_SOCKETS;
}

/* Asks the worker whose forward row is. */
static void ask(struct forwards *forwards, enum message_type type,
		const struct session_forward *row, worker_answer_func func, struct task *task)
{
	worker_process_request(forwards->workers[row->path], type, &row->forward,
			       sizeof(row->forward), func, task);
}

static void restored(const struct worker_answer *answer, void *data)
{
	struct task *task = data;
	g_autoptr(GError) error = NULL;

	/* Without an answer that worker is lost too, and the next one is asked. */
	if (!answer->error && answer->result != 0) {
		set_publish_error(&error, &task->row.forward, answer->result);
		log_warning("%s; not published until %s is started again", error->message,
			    task->row.path == FORWARD_BY_PACKETS ? "the packet engine"
								 : "the supervisor");
	}
	g_free(task);
}

void forwards_restore(struct forwards *forwards, enum forward_path path)
{
	for (guint i = 0; i < forwards->open->len; i++) {
		const struct session_forward *row =
			&g_array_index(forwards->open, struct session_forward, i);

		if (row->path == path)
			ask(forwards, MESSAGE_FORWARD_ADD, row, restored,
			    task_new(forwards, row, NULL, NULL));
	}
}

void forwards_note_late(struct forwards *forwards, const struct supervisor_status *status)
{
	for (guint i = 0; i < forwards->open->len; i++) {
		struct session_forward *row =
			&g_array_index(forwards->open, struct session_forward, i);

		row->late = false;
		for (uint32_t at = 0; at < status->late_count; at++)
			if (status->late[at] == row->forward.id)
				row->late = row->path == FORWARD_BY_SOCKETS;
	}
}

static void refreshed(const struct worker_answer *answer, void *data)
{
	static const struct worker_answer success = { 0 };
	struct task *task = data;

	/* Without an answer the forwards are there nonetheless. */
	if (answer->status)
		forwards_note_late(task->forwards, answer->status);
	task_finish(task, &success, 0);
}

/* Ends the task successfully when it is known which forwards are late. */
static void refresh(struct forwards *forwards, struct task *task)
{
	worker_process_request(forwards->workers[FORWARD_BY_SOCKETS], MESSAGE_STATUS, NULL, 0,
			       refreshed, task);
}

void forwards_refresh(struct forwards *forwards, session_done_func done, void *data)
{
	static const struct session_forward none = { 0 };

	if (forwards->workers[FORWARD_BY_SOCKETS])
		refresh(forwards, task_new(forwards, &none, done, data));
	else
		done(0, NULL, data);
}

/* A forward that is alone with its port in the container can't be late. */
static bool has_company(const struct forwards *forwards, const struct session_forward *row)
{
	for (guint i = 0; row->path == FORWARD_BY_SOCKETS && i < forwards->open->len; i++) {
		const struct session_forward *other =
			&g_array_index(forwards->open, struct session_forward, i);

		if (other->path == row->path && other->forward.id != row->forward.id &&
		    other->forward.guest.port == row->forward.guest.port)
			return true;
	}
	return false;
}

static void added(const struct worker_answer *answer, void *data)
{
	struct task *task = data;
	struct forwards *forwards = task->forwards;
	bool opened = !answer->error && answer->result == 0;
	struct session_forward row;

	take(forwards->opening, task->row.forward.id, &row);
	if (opened)
		insert(forwards->open, &task->row);
	else if (forwards->last_id == task->row.forward.id)
		forwards->last_id--; /* so that failures leave no gaps */
	if (opened && has_company(forwards, &task->row))
		refresh(forwards, task);
	else
		task_finish(task, answer, answer->result);
}

void forwards_add(struct forwards *forwards, const struct forward *forward, session_done_func done,
		  void *data)
{
	struct session_forward asked = { *forward, choose_path(forwards, forward), false };
	GError *error = NULL;

	if (!forwards->network->v6 && asked.forward.host.address.family == AF_INET6)
		error_set(&error, SLIRPWAY_ERROR_USAGE,
			  "publishing to an IPv6 address: the session has no IPv6");
	else if (!forwards->workers[FORWARD_BY_PACKETS] && forward->protocol != IPPROTO_TCP)
		error_set(&error, SLIRPWAY_ERROR_USAGE,
			  "publishing a UDP port: the session has no packet path (mode hybrid or "
			  "packet has)");
	else if (has_host(forwards->open, forward) || has_host(forwards->opening, forward))
		set_publish_error(&error, forward, EADDRINUSE);
	if (error) {
		fail(0, error, done, data);
		return;
	}
	asked.forward.id = ++forwards->last_id;
	g_array_append_val(forwards->opening, asked);
	ask(forwards, MESSAGE_FORWARD_ADD, &asked, added, task_new(forwards, &asked, done, data));
}

static bool has_id(const GArray *table, uint32_t id)
{
	for (guint i = 0; i < table->len; i++)
		if (g_array_index(table, struct session_forward, i).forward.id == id)
			return true;
	return false;
}

/* The supervisor has let go of it. Who removed it meanwhile must not get it back. */
static void released(const struct worker_answer *answer G_GNUC_UNUSED, void *data)
{
	struct task *task = data;

	if (!has_id(task->forwards->open, task->row.forward.id)) {
		g_free(task);
		return;
	}
	ask(task->forwards, MESSAGE_FORWARD_ADD, &task->row, restored, task);
}

void forwards_move_to_packets(struct forwards *forwards, uint32_t id)
{
	for (guint i = 0; forwards->workers[FORWARD_BY_PACKETS] && i < forwards->open->len; i++) {
		struct session_forward *row =
			&g_array_index(forwards->open, struct session_forward, i);
		struct session_forward before = *row;

		if (row->forward.id != id || row->path != FORWARD_BY_SOCKETS)
			continue;
		row->path = FORWARD_BY_PACKETS;
		row->late = false;
		ask(forwards, MESSAGE_FORWARD_REMOVE, &before, released,
		    task_new(forwards, row, NULL, NULL));
	}
}

static void removed(const struct worker_answer *answer, void *data)
{
	static const struct worker_answer success = { 0 };
	struct task *task = data;

	/* Closed by its death or by the worker before it: that is as good. */
	if (answer->error || answer->result == ENOENT)
		answer = &success;
	if (answer->result != 0)
		insert(task->forwards->open, &task->row);
	task_finish(task, answer, answer->result);
}

void forwards_remove(struct forwards *forwards, uint32_t id, session_done_func done, void *data)
{
	struct session_forward row;
	GError *error = NULL;

	if (!take(forwards->open, id, &row)) {
		error_set(&error, SLIRPWAY_ERROR_NOT_FOUND, "there is no forward with id %u", id);
		fail(id, error, done, data);
		return;
	}
	ask(forwards, MESSAGE_FORWARD_REMOVE, &row, removed, task_new(forwards, &row, done, data));
}

const GArray *forwards_table(const struct forwards *forwards)
{
	return forwards->open;
}
