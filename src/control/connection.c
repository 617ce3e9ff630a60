/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client of the control socket: reads its request, waits for the session, writes the answer. */

/*
 * Theory of operation
 *
 * A connection is in one of three states and leaves each of them within a bounded time:
 *
 *   READING  until the first JSON object is whole, the client has nothing more to say (end of
 *            file) or has said too much. The time runs anew with each piece that comes, but not
 *            for ever. What can't become an object any more is read on for a moment, so that a
 *            client that is still writing gets to read the reason.
 *   WAITING  until the session finishes the reply. Only the client's hang-up is watched; a
 *            half-closed client is still there.
 *   WRITING  until the socket has taken the whole answer. One send does it nearly always, and has
 *            to: there are clients that read just once.
 *
 * The reply outlives the connection where the client leaves early, and then goes nowhere.
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "control/answer.h"
#include "control/connection.h"

/* All in milliseconds. */
#define READ_IDLE_MS 5000
#define READ_TOTAL_MS 30000
#define READ_HOPELESS_MS 100
#define WAIT_MS 30000
#define WRITE_MS 5000

#define READ_CHUNK 8192

enum connection_state { CONNECTION_READING, CONNECTION_WAITING, CONNECTION_WRITING };

struct connection {
	int fd;
	enum connection_state state;
	const struct connection_events *events;
	void *data;
	GByteArray *input;
	struct control_scan scan;
	bool hopeless;		     /* the input can't become a request any more */
	gint64 read_until;	     /* of g_get_monotonic_time */
	struct control_reply *reply; /* while WAITING */
	char *output;
	size_t output_length;
	size_t output_sent;
	guint watch; /* source ids, 0: none */
	guint timer;
};

struct control_reply {
	struct connection *connection; /* NULL: the client has left */
};

static void remove_source(guint *id)
{
	if (*id != 0)
		g_source_remove(*id);
	*id = 0;
}

static void set_timer(struct connection *connection, guint milliseconds, GSourceFunc expired)
{
	remove_source(&connection->timer);
	connection->timer = g_timeout_add(milliseconds, expired, connection);
}

static void set_watch(struct connection *connection, GIOCondition condition,
		      GUnixFDSourceFunc ready)
{
	remove_source(&connection->watch);
	connection->watch = g_unix_fd_add(connection->fd, condition, ready, connection);
}

struct connection *connection_new(int fd, const struct connection_events *events, void *data)
{
	struct connection *connection = g_new0(struct connection, 1);

	connection->fd = fd;
	connection->events = events;
	connection->data = data;
	connection->input = g_byte_array_new();
	connection->read_until = g_get_monotonic_time() + READ_TOTAL_MS * G_TIME_SPAN_MILLISECOND;
	return connection;
}

/*
 * Closes the socket so that the client reads the answer and then end of file: closing with unread
 * input would make that a connection reset. The first shutdown stops more from coming.
 */
static void close_socket(struct connection *connection)
{
	char buffer[READ_CHUNK];

	shutdown(connection->fd, SHUT_RDWR);
	while (recv(connection->fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
	descriptor_close(&connection->fd);
}

void connection_free(struct connection *connection)
{
	remove_source(&connection->watch);
	remove_source(&connection->timer);
	if (connection->reply != NULL)
		connection->reply->connection = NULL;
	close_socket(connection);
	g_byte_array_unref(connection->input);
	g_free(connection->output);
	g_free(connection);
}

static void finish(struct connection *connection)
{
	connection->events->closed(connection->data, connection);
	connection_free(connection);
}

static gboolean give_up(gpointer data)
{
	struct connection *connection = data;

	connection->timer = 0;
	finish(connection);
	return G_SOURCE_REMOVE;
}

/* Sends what is left; returns false if the rest has to wait. */
static bool send_output(struct connection *connection)
{
	while (connection->output_sent < connection->output_length) {
		ssize_t sent = send(connection->fd, connection->output + connection->output_sent,
				    connection->output_length - connection->output_sent,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return false;
		if (sent < 0)
			return true;
		connection->output_sent += (size_t)sent;
	}
	return true;
}

static gboolean socket_writable(gint fd, GIOCondition condition, gpointer data)
{
	struct connection *connection = data;

	(void)fd;
	(void)condition;
	if (!send_output(connection))
		return G_SOURCE_CONTINUE;
	connection->watch = 0;
	finish(connection);
	return G_SOURCE_REMOVE;
}

/* Answers with text, which is now the connection's. The connection may be gone afterwards. */
static void write_answer(struct connection *connection, char *text)
{
	remove_source(&connection->watch);
	remove_source(&connection->timer);
	g_free(connection->output);
	connection->output = text;
	connection->output_length = strlen(text);
	connection->output_sent = 0;
	connection->state = CONNECTION_WRITING;
	if (send_output(connection)) {
		finish(connection);
		return;
	}
	set_watch(connection, G_IO_OUT, socket_writable);
	set_timer(connection, WRITE_MS, give_up);
}

void connection_refuse(struct connection *connection, const GError *error)
{
	if (connection->reply != NULL)
		connection->reply->connection = NULL;
	connection->reply = NULL;
	write_answer(connection, answer_error(error));
}

/* Frees reply and answers with text, which is now the call's. */
static void finish_reply(struct control_reply *reply, char *text)
{
	struct connection *connection = reply->connection;

	g_free(reply);
	if (connection == NULL) {
		g_free(text);
		return;
	}
	connection->reply = NULL;
	write_answer(connection, text);
}

void control_reply_return(struct control_reply *reply, JsonNode *value)
{
	finish_reply(reply, answer_return(value));
}

void control_reply_error(struct control_reply *reply, const GError *error)
{
	finish_reply(reply, answer_error(error));
}

static gboolean client_hung_up(gint fd, GIOCondition condition, gpointer data)
{
	struct connection *connection = data;

	(void)fd;
	(void)condition;
	connection->watch = 0;
	finish(connection);
	return G_SOURCE_REMOVE;
}

static gboolean wait_expired(gpointer data)
{
	struct connection *connection = data;
	g_autoptr(GError) error = NULL;

	connection->timer = 0;
	error_set(&error, SLIRPWAY_ERROR_TIMEOUT, "the session did not answer within %d seconds",
		  WAIT_MS / 1000);
	connection_refuse(connection, error);
	return G_SOURCE_REMOVE;
}

/* Hands the request in the first length bytes of input on. The connection may be gone afterwards.
 */
static void dispatch(struct connection *connection, size_t length)
{
	g_autoptr(GError) error = NULL;
	struct control_request request;
	struct control_reply *reply;

	if (!control_request_parse((const char *)connection->input->data, length, &request,
				   &error)) {
		connection_refuse(connection, error);
		return;
	}
	reply = g_new0(struct control_reply, 1);
	reply->connection = connection;
	connection->reply = reply;
	connection->state = CONNECTION_WAITING;
	set_watch(connection, G_IO_HUP, client_hung_up);
	set_timer(connection, WAIT_MS, wait_expired);
	connection->events->request(connection->data, &request, reply);
}

static gboolean read_expired(gpointer data)
{
	struct connection *connection = data;
	g_autoptr(GError) error = NULL;

	connection->timer = 0;
	if (connection->hopeless) {
		dispatch(connection, connection->input->len);
		return G_SOURCE_REMOVE;
	}
	error_set(&error, SLIRPWAY_ERROR_TIMEOUT,
		  "bad request: timed out before the request was complete");
	connection_refuse(connection, error);
	return G_SOURCE_REMOVE;
}

/* Sets the time until which the next piece of the request has to come. */
static void wait_for_input(struct connection *connection)
{
	gint64 left = (connection->read_until - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
	gint64 idle = connection->hopeless ? READ_HOPELESS_MS : READ_IDLE_MS;

	set_timer(connection, (guint)CLAMP(left, 0, idle), read_expired);
}

/*
 * Reads one piece. Returns true if the request is still to be waited for; otherwise it has been
 * dealt with, and the connection may be gone.
 */
static bool read_input(struct connection *connection)
{
	GByteArray *input = connection->input;
	uint8_t chunk[READ_CHUNK];
	ssize_t received, length;

	received = recv(connection->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (received < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (received <= 0) {
		dispatch(connection, input->len);
		return false;
	}
	g_byte_array_append(input, chunk, (guint)received);
	if (!connection->hopeless) {
		length = control_request_scan(&connection->scan, (const char *)input->data,
					      input->len);
		connection->hopeless = length < 0;
		if (length > 0) {
			dispatch(connection, (size_t)length);
			return false;
		}
	}
	if (input->len > CONTROL_REQUEST_MAX) {
		dispatch(connection, input->len);
		return false;
	}
	wait_for_input(connection);
	return true;
}

static gboolean socket_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct connection *connection = data;

	(void)fd;
	(void)condition;
	return read_input(connection) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void connection_start(struct connection *connection)
{
	wait_for_input(connection);
	if (read_input(connection))
		set_watch(connection, G_IO_IN, socket_readable);
}

bool connection_is_reading(const struct connection *connection)
{
	return connection->state == CONNECTION_READING;
}
