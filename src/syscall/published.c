/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Published TCP ports at the socket.
 *
 * A forward starts as a reservation: a socket that is bound to the host's endpoint and does not
 * listen, so the port is ours, and who connects too early is refused. When a program binds the
 * container's port, a new socket of its own kind takes the reservation's place; both share the port
 * for a moment, which SO_REUSEPORT allows to sockets of one user. From then on the port is the
 * program's: whether a second socket may bind it too is between the program's sockets, as anywhere.
 *
 * When the program has closed its socket nobody holds the port until the next bind, here or by
 * anyone on the host. So before the container's own clients are sent to a host endpoint, the kernel
 * is asked which socket listens there, and its cookie compared with those of the sockets that were
 * handed out; these are kept in the shared state, for a supervisor that follows us.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/published.h"
#include "syscall/socket_diag.h"

struct published {
	struct published_socket *sockets; /* PUBLISHED_MAX rows of the shared state */
	GArray *forwards;		  /* struct forward */
	GArray *reservations;		  /* int, beside forwards; -1: handed over */
	int diag;
	unsigned int next; /* the row to be used again, when all are taken */
};

struct published *published_new(struct shared_state *state)
{
	struct published *published = g_new0(struct published, 1);

	published->sockets = shared_state_published(state);
	published->forwards = g_array_new(FALSE, FALSE, sizeof(struct forward));
	published->reservations = g_array_new(FALSE, FALSE, sizeof(int));
	published->diag = socket_diag_open();
	return published;
}

static void close_reservation(struct published *published, guint at)
{
	descriptor_close(&g_array_index(published->reservations, int, at));
}

void published_free(struct published *published)
{
	if (!published)
		return;
	for (guint i = 0; i < published->reservations->len; i++)
		close_reservation(published, i);
	g_array_unref(published->reservations);
	g_array_unref(published->forwards);
	descriptor_close(&published->diag);
	g_free(published);
}

/* An endpoint at which endpoint's listener is reached from the host itself. */
static struct endpoint reachable(const struct endpoint *endpoint)
{
	struct endpoint result = *endpoint;

	if (!address_is_unspecified(&endpoint->address))
		return result;
	if (endpoint->address.family == AF_INET6)
		result.address.v6 = in6addr_loopback;
	else
		result.address.v4.s_addr = htonl(INADDR_LOOPBACK);
	return result;
}

static bool knows_cookie(const struct published *published, uint32_t forward, uint64_t cookie)
{
	for (size_t i = 0; i < PUBLISHED_MAX; i++)
		if (published->sockets[i].cookie == cookie &&
		    (forward == 0 || published->sockets[i].forward == forward))
			return published->sockets[i].forward != 0;
	return false;
}

static bool listens(const struct published *published, const struct forward *forward,
		    struct endpoint *ret_endpoint)
{
	struct endpoint endpoint = reachable(&forward->host);
	uint64_t cookie;

	if (!socket_diag_find_listener(published->diag, &endpoint, &cookie) ||
	    !knows_cookie(published, forward->id, cookie))
		return false;
	*ret_endpoint = endpoint;
	return true;
}

/* A bound socket; -errno. */
static int reserve(const struct endpoint *endpoint)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(endpoint, &storage);
	const int on = 1;
	CLEANUP_CLOSE int fd =
		socket(endpoint->address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (endpoint->address.family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&storage, length) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

int published_add(struct published *published, const struct forward *forward)
{
	struct endpoint endpoint;
	int fd = reserve(&forward->host);

	if (fd < 0 && !(fd == -EADDRINUSE && listens(published, forward, &endpoint)))
		return -fd;
	if (fd < 0)
		fd = -1;
	g_array_append_val(published->forwards, *forward);
	g_array_append_val(published->reservations, fd);
	return 0;
}

static bool find(const struct published *published, uint32_t id, guint *ret_at)
{
	for (guint i = 0; i < published->forwards->len; i++) {
		if (g_array_index(published->forwards, struct forward, i).id == id) {
			*ret_at = i;
			return true;
		}
	}
	return false;
}

int published_remove(struct published *published, uint32_t id)
{
	guint at;

	if (!find(published, id, &at))
		return ENOENT;
	close_reservation(published, at);
	g_array_remove_index(published->reservations, at);
	g_array_remove_index(published->forwards, at);
	return 0;
}

const struct forward *published_forwards(const struct published *published, size_t *ret_count)
{
	*ret_count = published->forwards->len;
	return (const struct forward *)published->forwards->data;
}

static void remember(struct published *published, uint32_t id, int socket)
{
	struct published_socket *row = NULL;
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	if (getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length) < 0)
		return;
	for (size_t i = 0; i < PUBLISHED_MAX && !row; i++)
		if (published->sockets[i].forward == 0)
			row = &published->sockets[i];
	if (!row)
		row = &published->sockets[published->next++ % PUBLISHED_MAX];
	*row = (struct published_socket){ .cookie = cookie };
	row->forward = id;
}

/* Binds beside the reservation. */
static int bind_shared(int reservation, int socket, const struct sockaddr *address,
		       socklen_t length)
{
	const int on = 1;
	int chosen = 0;
	socklen_t size = sizeof(chosen);
	int error;

	getsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &chosen, &size);
	setsockopt(reservation, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	error = bind(socket, address, length) == 0 ? 0 : errno;
	setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &chosen, sizeof(chosen));
	return error;
}

int published_bind(struct published *published, uint32_t id, int socket,
		   const struct endpoint *target)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(target, &storage);
	int reservation = -1;
	bool known;
	guint at;
	int error;

	known = find(published, id, &at);
	if (known)
		reservation = g_array_index(published->reservations, int, at);
	if (reservation >= 0)
		error = bind_shared(reservation, socket, (struct sockaddr *)&storage, length);
	else
		error = bind(socket, (struct sockaddr *)&storage, length) == 0 ? 0 : errno;
	if (error == 0 && known) {
		close_reservation(published, at);
		remember(published, id, socket);
	}
	return error;
}

bool published_owns(const struct published *published, int socket)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0 &&
	       knows_cookie(published, 0, cookie);
}

bool published_find_listener(const struct published *published, uint32_t id,
			     struct endpoint *ret_endpoint)
{
	guint at;

	return find(published, id, &at) &&
	       listens(published, &g_array_index(published->forwards, struct forward, at),
		       ret_endpoint);
}
