/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listening end of the control socket: who may connect, how many at once, and what they get. */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "control/connection.h"
#include "control/server.h"
#include "control/socket_address.h"

/* Clients served at once, and those that the kernel lets wait for it. */
#define CLIENTS_MAX 64
#define BACKLOG 256

/* Clients taken on in one go, so that the rest of the main loop has its turn. */
#define ACCEPT_BATCH 16

/* How long to leave the listener alone when there is no descriptor for a client. */
#define ACCEPT_PAUSE_MS 200

struct control_server {
	int fd;
	char *path;
	dev_t device; /* of the socket file, to know it again */
	ino_t inode;
	const struct control_ops *ops;
	void *data;
	GQueue *connections; /* struct connection, the oldest first */
	guint watch;	     /* source ids, 0: none */
	guint pause;
};

static void handle_request(void *data, const struct control_request *request,
			   struct control_reply *reply)
{
	struct control_server *server = data;
	const struct control_ops *ops = server->ops;

	switch (request->verb) {
	case CONTROL_FORWARD_ADD:
		ops->forward_add(server->data, &request->forward, reply);
		break;
	case CONTROL_FORWARD_REMOVE:
		ops->forward_remove(server->data, request->id, reply);
		break;
	case CONTROL_FORWARD_LIST:
		ops->forward_list(server->data, reply);
		break;
	case CONTROL_STATUS:
		ops->status(server->data, reply);
		break;
	case CONTROL_STOP:
		ops->stop(server->data, reply);
		break;
	}
}

static void handle_closed(void *data, struct connection *connection)
{
	struct control_server *server = data;

	g_queue_remove(server->connections, connection);
}

static const struct connection_events connection_events = {
	.request = handle_request,
	.closed = handle_closed,
};

/* True if the peer is our own user or root. */
static bool peer_is_allowed(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return false;
	return peer.uid == geteuid() || peer.uid == 0;
}

/* Turns away the client that has been silent for longest; false if all are waiting for answers. */
static bool evict_oldest(struct control_server *server)
{
	g_autoptr(GError) error = NULL;

	error_set(&error, SLIRPWAY_ERROR_TIMEOUT,
		  "bad request: gave way to newer clients before the request was complete");
	for (GList *link = server->connections->head; link != NULL; link = link->next) {
		if (!connection_is_reading(link->data))
			continue;
		connection_refuse(link->data, error);
		return true;
	}
	return false;
}

static void take_client(struct control_server *server, int fd)
{
	struct connection *connection = connection_new(fd, &connection_events, server);
	g_autoptr(GError) error = NULL;

	if (!peer_is_allowed(fd))
		error_set(&error, SLIRPWAY_ERROR_DENIED,
			  "this control socket belongs to another user");
	else if (server->connections->length >= CLIENTS_MAX && !evict_oldest(server))
		error_set(&error, SLIRPWAY_ERROR_TIMEOUT,
			  "%d clients are waiting for answers already: try again", CLIENTS_MAX);
	g_queue_push_tail(server->connections, connection);
	if (error == NULL)
		connection_start(connection);
	else
		connection_refuse(connection, error);
}

static gboolean listener_ready(gint fd, GIOCondition condition, gpointer data);

static gboolean pause_over(gpointer data)
{
	struct control_server *server = data;

	server->pause = 0;
	server->watch = g_unix_fd_add(server->fd, G_IO_IN, listener_ready, server);
	return G_SOURCE_REMOVE;
}

static gboolean listener_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct control_server *server = data;

	(void)condition;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (client >= 0) {
			take_client(server, client);
		} else if (errno == EAGAIN) {
			break;
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			/* The listener stays readable: without a pause this would spin. */
			if (evict_oldest(server))
				continue;
			server->watch = 0;
			server->pause = g_timeout_add(ACCEPT_PAUSE_MS, pause_over, server);
			return G_SOURCE_REMOVE;
		}
	}
	return G_SOURCE_CONTINUE;
}

/* Binds fd to path for our own eyes only: the socket's own mode is what bind gives the file. */
static bool bind_socket(int fd, const char *path, GError **error)
{
	int result;

	if (unlink(path) < 0 && errno != ENOENT) {
		error_set_errno(error, errno, "can't replace %s by the control socket", path);
		return false;
	}
	result = fchmod(fd, 0600) < 0 ? -errno : socket_address_bind(fd, path);
	if (result == 0 && (chmod(path, 0600) < 0 || listen(fd, BACKLOG) < 0))
		result = -errno;
	if (result < 0)
		error_set_errno(error, -result, "can't listen at the control socket %s", path);
	return result == 0;
}

struct control_server *control_server_new(const char *path, const struct control_ops *ops,
					  void *data, GError **error)
{
	CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct control_server *server;
	struct stat status;

	if (fd < 0) {
		error_set_errno(error, errno, "can't make the control socket");
		return NULL;
	}
	if (!bind_socket(fd, path, error))
		return NULL;
	if (stat(path, &status) < 0) {
		error_set_errno(error, errno, "the control socket %s is gone", path);
		return NULL;
	}
	server = g_new0(struct control_server, 1);
	server->fd = descriptor_steal(&fd);
	server->path = g_strdup(path);
	server->device = status.st_dev;
	server->inode = status.st_ino;
	server->ops = ops;
	server->data = data;
	server->connections = g_queue_new();
	server->watch = g_unix_fd_add(server->fd, G_IO_IN, listener_ready, server);
	return server;
}

/* Removes the socket file unless somebody has put another one in its place. */
static void remove_socket_file(const struct control_server *server)
{
	struct stat status;

	if (lstat(server->path, &status) == 0 && status.st_dev == server->device &&
	    status.st_ino == server->inode)
		unlink(server->path);
}

void control_server_free(struct control_server *server)
{
	struct connection *connection;

	if (server == NULL)
		return;
	if (server->watch != 0)
		g_source_remove(server->watch);
	if (server->pause != 0)
		g_source_remove(server->pause);
	while ((connection = g_queue_pop_head(server->connections)) != NULL)
		connection_free(connection);
	g_queue_free(server->connections);
	remove_socket_file(server);
	descriptor_close(&server->fd);
	g_free(server->path);
	g_free(server);
}
