/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other end of the control socket. */

/*
 * One request per connection: connect, write, shut the sending side down, read to the end, all of
 * it within one deadline. The session at the other end is trusted with nothing but its own answer:
 * its length is bounded, and a member of the wrong type is an error.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "control/client.h"
#include "control/socket_address.h"
#include "session/registry.h"

/* Room for every forward and flow that a session can have. */
#define ANSWER_MAX (32U * 1024 * 1024)

/* A connection and the time by which all must be done, of g_get_monotonic_time. */
struct connection {
	int fd;
	gint64 deadline;
};

/* Waits until events are possible. Returns 0, or -errno (-ETIMEDOUT). */
static int wait_for(const struct connection *connection, short events)
{
	struct pollfd waiting = { .fd = connection->fd, .events = events };

	for (;;) {
		gint64 left = connection->deadline - g_get_monotonic_time();
		int count;

		if (left <= 0)
			return -ETIMEDOUT;
		count = poll(&waiting, 1, (int)(left / 1000) + 1);
		if (count > 0)
			return 0;
		if (count < 0 && errno != EINTR)
			return -errno;
	}
}

/*
 * Opens the socket at path. A full backlog makes connect(2) wait, for as long as SO_SNDTIMEO says
 * (socket(7)), then it fails with EAGAIN.
 */
static int open_socket(const char *path, int timeout_ms, int *ret_fd)
{
	struct timeval limit = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
	CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	result = socket_address_connect(fd, path);
	if (result < 0)
		return result == -EAGAIN ? -ETIMEDOUT : result;
	result = descriptor_set_nonblocking(fd);
	if (result == 0)
		*ret_fd = descriptor_steal(&fd);
	return result;
}

static int send_all(const struct connection *connection, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t sent = send(connection->fd, text, length, MSG_NOSIGNAL);
		int result;

		if (sent >= 0) {
			text += sent;
			length -= (size_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		result = errno == EAGAIN ? wait_for(connection, POLLOUT) : -errno;
		if (result < 0)
			return result;
	}
	return shutdown(connection->fd, SHUT_WR) < 0 ? -errno : 0;
}

/* Reads to the end of the stream. */
static int receive_all(const struct connection *connection, GString *answer)
{
	char chunk[16384];

	for (;;) {
		ssize_t length = read(connection->fd, chunk, sizeof(chunk));
		int result;

		if (length == 0)
			return 0;
		if (length > 0) {
			if (answer->len + (size_t)length > ANSWER_MAX)
				return -EMSGSIZE;
			g_string_append_len(answer, chunk, length);
			continue;
		}
		if (errno == EINTR)
			continue;
		result = errno == EAGAIN ? wait_for(connection, POLLIN) : -errno;
		if (result < 0)
			return result;
	}
}

/* The process that listens at the other end, which need not run for that; 0: unknown. */
static pid_t peer_pid(int fd)
{
	struct ucred peer = { 0 };
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}

/*
 * Sends request over a connection of its own and reads the answer. Returns 0 or -errno; *ret_pid is
 * the session's process, 0 where it is not known.
 */
static int exchange(const char *path, const char *request, int timeout_ms, GString *answer,
		    pid_t *ret_pid)
{
	struct connection connection = { .deadline = g_get_monotonic_time() +
						     (gint64)timeout_ms * 1000 };
	CLEANUP_CLOSE int fd = -1;
	int result = open_socket(path, timeout_ms, &fd);

	if (result < 0)
		return result;
	connection.fd = fd;
	*ret_pid = peer_pid(fd);
	result = send_all(&connection, request);
	/* A session may answer and close before it has read everything: what it says counts. */
	if (result < 0 && result != -EPIPE)
		return result;
	return receive_all(&connection, answer);
}

static char *request_text(const char *verb, JsonNode *arguments)
{
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "execute", verb);
	if (arguments)
		json_object_set_member(object, "arguments", arguments);
	json_node_take_object(node, object);
	return json_to_string(node, FALSE);
}

/* The kind of error that a session's code stands for. */
static enum slirpway_error error_from_code(const char *code)
{
	static const struct {
		const char *code;
		enum slirpway_error error;
	} codes[] = {
		{ "usage", SLIRPWAY_ERROR_USAGE },	   { "system", SLIRPWAY_ERROR_SYSTEM },
		{ "not_found", SLIRPWAY_ERROR_NOT_FOUND }, { "in_use", SLIRPWAY_ERROR_IN_USE },
		{ "denied", SLIRPWAY_ERROR_DENIED },	   { "timeout", SLIRPWAY_ERROR_TIMEOUT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (strcmp(code, codes[i].code) == 0)
			return codes[i].error;
	return SLIRPWAY_ERROR_SYSTEM;
}

/* The string member called name, or fallback where there is none. */
static const char *text_member(JsonObject *object, const char *name, const char *fallback)
{
	JsonNode *node = json_object_get_member(object, name);

	if (!node || json_node_get_value_type(node) != G_TYPE_STRING)
		return fallback;
	return json_node_get_string(node);
}

/* The reason in an error's text, without the words of slirp4netns that stand before it. */
static const char *reason_of(const char *text)
{
	static const char *const sentences[] = {
		"bad request: add_hostfwd: slirp_add_hostfwd failed: ",
		"bad request: remove_hostfwd: slirp_remove_hostfwd failed: ",
		"bad request: remove_hostfwd: bad arguments.id: ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++)
		if (g_str_has_prefix(text, sentences[i]))
			return text + strlen(sentences[i]);
	return text;
}

/* Takes the value out of an answer; returns NULL with error set. */
static JsonNode *read_answer(const char *name, const char *text, GError **error)
{
	g_autoptr(JsonNode) node = json_from_string(text, NULL);
	JsonObject *object =
		node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	JsonNode *failure = object ? json_object_get_member(object, "error") : NULL;

	if (failure && JSON_NODE_HOLDS_OBJECT(failure)) {
		JsonObject *body = json_node_get_object(failure);

		error_set(error, error_from_code(text_member(body, "code", "system")), "%s",
			  reason_of(text_member(body, "desc", "the session gives no reason")));
		return NULL;
	}
	if (!object || !json_object_has_member(object, "return")) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "session %s gave an answer that is none; it may have ended meanwhile",
			  name);
		return NULL;
	}
	return json_object_dup_member(object, "return");
}

static void set_exchange_error(const char *name, int number, pid_t pid, GError **error)
{
	if (number == ENOENT || number == ECONNREFUSED)
		error_set(error, SLIRPWAY_ERROR_NOT_FOUND,
			  "no session is called %s; slirpway list shows those that are there",
			  name);
	else if (number == ETIMEDOUT && pid > 0)
		error_set(error, SLIRPWAY_ERROR_TIMEOUT,
			  "session %s does not answer (pid %d; stopped?)", name, (int)pid);
	else if (number == ETIMEDOUT)
		error_set(error, SLIRPWAY_ERROR_TIMEOUT, "session %s does not answer (stopped?)",
			  name);
	else
		error_set_errno(error, number, "can't speak to session %s", name);
}

JsonNode *control_call(const char *name, const char *verb, JsonNode *arguments, int timeout_ms,
		       GError **error)
{
	g_autofree char *request = request_text(verb, arguments);
	g_autoptr(GString) answer = g_string_new(NULL);
	g_autofree char *path = registry_control_path(name, error);
	pid_t pid = 0;
	int result;

	if (!path)
		return NULL;
	result = exchange(path, request, timeout_ms, answer, &pid);
	if (result < 0) {
		set_exchange_error(name, -result, pid, error);
		return NULL;
	}
	return read_answer(name, answer->str, error);
}
