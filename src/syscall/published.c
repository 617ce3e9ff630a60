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
 * When the program has closed its socket nobody holds the port until we look again, or the next
 * bind comes. So before the container's own clients are sent to a host endpoint, the kernel is
 * asked which socket listens there, and its cookie compared with those of the sockets that were
 * handed out; these are kept in the shared state, for a supervisor that follows us.
 *
 * A forward that is removed must not go on because a program still listens. The program's socket is
 * found again without our having held it (duplicates.h), and made deaf: bound to the loopback
 * device, which refuses the rest of the world, and taking from the host itself only packets that no
 * sender makes. Connections that were accepted before live on.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "syscall/duplicates.h"
#include "syscall/published.h"
#include "syscall/reservation.h"
#include "syscall/socket_diag.h"

struct published {
	struct published_socket *sockets; /* PUBLISHED_MAX rows of the shared state */
	GArray *forwards;		  /* struct forward */
	GArray *reservations;		  /* int, beside forwards; -1: handed over */
	GArray *handed;			  /* struct handed */
	int proc;			  /* borrowed */
	int diag;
	unsigned int next; /* the row to be used again, when all are taken */
};

/* A socket that a program was given; the file is watched and not held. */
struct handed {
	uint32_t forward; /* 0: its forward was removed */
	uint64_t cookie;
	struct endpoint host; /* the forward's */
	struct duplicates *file;
};

static void handed_clear(gpointer data)
{
	struct handed *handed = data;

	duplicates_free(handed->file);
}

struct published *published_new(struct shared_state *state, int proc)
{
	struct published *published = g_new0(struct published, 1);

	published->sockets = shared_state_published(state);
	published->forwards = g_array_new(FALSE, FALSE, sizeof(struct forward));
	published->reservations = g_array_new(FALSE, FALSE, sizeof(int));
	published->handed = g_array_new(FALSE, FALSE, sizeof(struct handed));
	g_array_set_clear_func(published->handed, handed_clear);
	published->proc = proc;
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
	g_array_unref(published->handed);
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

/* The forward that a handed-out socket with that cookie is for; 0: there is none. */
static uint32_t forward_of(const struct published *published, uint64_t cookie)
{
	for (size_t i = 0; i < PUBLISHED_MAX; i++)
		if (published->sockets[i].cookie == cookie && published->sockets[i].forward != 0)
			return published->sockets[i].forward;
	return 0;
}

/*
 * The forward whose handed-out socket takes connections to forward's endpoint, which is then in
 * *ret_endpoint; 0 if none of ours does.
 */
static uint32_t who_listens(const struct published *published, const struct forward *forward,
			    struct endpoint *ret_endpoint)
{
	uint64_t cookie;

	*ret_endpoint = reachable(&forward->host);
	if (!socket_diag_find_listener(published->diag, ret_endpoint, &cookie))
		return 0;
	return forward_of(published, cookie);
}

/* Lets a handed-out socket hear connections or not. */
static void set_hearing(const struct handed *handed, bool hears)
{
	const int hops = hears ? 0 : 255;
	CLEANUP_CLOSE int socket = -1;

	if (duplicates_exist(handed->file))
		socket = duplicates_obtain(handed->file);
	setsockopt(socket, IPPROTO_IP, IP_MINTTL, &hops, sizeof(hops));
	setsockopt(socket, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &hops, sizeof(hops));
}

/* Moves the sockets of one forward to another; 0 is that of the deaf ones. Returns how many. */
static guint assign(struct published *published, uint32_t from, uint32_t to,
		    const struct endpoint *host)
{
	guint count = 0;

	for (guint i = 0; i < published->handed->len; i++) {
		struct handed *handed = &g_array_index(published->handed, struct handed, i);

		if (handed->forward != from || !endpoint_equal(&handed->host, host))
			continue;
		set_hearing(handed, to != 0);
		handed->forward = to;
		count++;
		for (size_t row = 0; row < PUBLISHED_MAX; row++)
			if (published->sockets[row].cookie == handed->cookie)
				published->sockets[row].forward = to;
	}
	return count;
}

int published_add(struct published *published, const struct forward *forward)
{
	struct endpoint endpoint;
	int fd;

	published_look(published);
	fd = reservation_open(&forward->host);
	if (fd == -EADDRINUSE && (assign(published, 0, forward->id, &forward->host) > 0 ||
				  who_listens(published, forward, &endpoint) == forward->id))
		fd = -1;
	else if (fd < 0)
		return -fd;
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

bool published_is_handed_out(const struct published *published, uint32_t id)
{
	for (guint i = 0; i < published->handed->len; i++)
		if (g_array_index(published->handed, struct handed, i).forward == id)
			return true;
	return false;
}

/* True if a program was given a socket for that port of the container, and still has it. */
static bool is_port_handed_out(const struct published *published, uint16_t port)
{
	for (guint i = 0; i < published->forwards->len; i++) {
		const struct forward *forward =
			&g_array_index(published->forwards, struct forward, i);

		if (forward->guest.port == port && published_is_handed_out(published, forward->id))
			return true;
	}
	return false;
}

uint32_t published_late(const struct published *published, uint32_t *ret_ids, uint32_t max)
{
	uint32_t count = 0;

	for (guint i = 0; i < published->forwards->len && count < max; i++) {
		const struct forward *forward =
			&g_array_index(published->forwards, struct forward, i);

		if (!published_is_handed_out(published, forward->id) &&
		    is_port_handed_out(published, forward->guest.port))
			ret_ids[count++] = forward->id;
	}
	return count;
}

void published_look(struct published *published)
{
	for (guint i = published->handed->len; i > 0; i--)
		if (!duplicates_exist(g_array_index(published->handed, struct handed, i - 1).file))
			g_array_remove_index_fast(published->handed, i - 1);
	for (guint i = 0; i < published->forwards->len; i++) {
		const struct forward *forward =
			&g_array_index(published->forwards, struct forward, i);
		int *reservation = &g_array_index(published->reservations, int, i);

		/* A failure is tried again at the next look. */
		if (*reservation < 0 && !published_is_handed_out(published, forward->id))
			*reservation = reservation_open(&forward->host);
	}
}

int published_remove(struct published *published, uint32_t id)
{
	guint at;

	if (!find(published, id, &at))
		return ENOENT;
	assign(published, id, 0, &g_array_index(published->forwards, struct forward, at).host);
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

static void remember(struct published *published, const struct forward *forward, int socket)
{
	struct handed handed = { .forward = forward->id, .host = forward->host };
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
	row->forward = forward->id;
	handed.cookie = cookie;
	handed.file = duplicates_new(published->proc);
	if (handed.file && duplicates_watch(handed.file, socket) == 0)
		g_array_append_val(published->handed, handed);
	else
		duplicates_free(handed.file);
}

static bool takes_both_families(int socket, const struct endpoint *target)
{
	int only = 1;
	socklen_t size = sizeof(only);

	return target->address.family == AF_INET6 && address_is_unspecified(&target->address) &&
	       getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) == 0 && !only;
}

/* True if socket, once it is bound to target, takes the forward's host endpoint, too. */
static bool covers(int socket, const struct endpoint *target, const struct forward *forward)
{
	struct endpoint plain = { address_unmapped(&target->address), target->port };

	if (forward->host.port != target->port)
		return false;
	return endpoint_equal(&forward->host, &plain) || takes_both_families(socket, target);
}

static void set_reuse_port(int socket, int value)
{
	setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &value, sizeof(value));
}

/* Lets others bind beside the reservations that are in the way, or not; false: there are none. */
static bool open_reservations(const struct published *published, int socket,
			      const struct endpoint *target, int open)
{
	bool any = false;

	for (guint i = 0; i < published->forwards->len; i++) {
		int reservation = g_array_index(published->reservations, int, i);

		if (reservation < 0 ||
		    !covers(socket, target, &g_array_index(published->forwards, struct forward, i)))
			continue;
		set_reuse_port(reservation, open);
		any = true;
	}
	return any;
}

/* Binds beside the reservations that are in the way. */
static int bind_shared(const struct published *published, int socket, const struct endpoint *target)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(target, &storage);
	int chosen = 0;
	socklen_t size = sizeof(chosen);
	bool shared = open_reservations(published, socket, target, 1);
	int error;

	getsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &chosen, &size);
	if (shared)
		set_reuse_port(socket, 1);
	error = bind(socket, (const struct sockaddr *)&storage, length) == 0 ? 0 : errno;
	if (shared)
		set_reuse_port(socket, chosen);
	/* Where it failed they stay. */
	if (error != 0)
		open_reservations(published, socket, target, 0);
	return error;
}

/* The reservations in whose place socket stands now. */
static void give_up_reservations(struct published *published, int socket,
				 const struct endpoint *target)
{
	for (guint i = 0; i < published->forwards->len; i++) {
		const struct forward *forward =
			&g_array_index(published->forwards, struct forward, i);

		if (!covers(socket, target, forward))
			continue;
		close_reservation(published, i);
		remember(published, forward, socket);
	}
}

int published_bind(struct published *published, int socket, const struct endpoint *target)
{
	int error;

	published_look(published);
	error = bind_shared(published, socket, target);
	if (error == 0)
		give_up_reservations(published, socket, target);
	return error;
}

bool published_owns(const struct published *published, int socket)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0 &&
	       forward_of(published, cookie) != 0;
}

bool published_find_listener(const struct published *published, uint32_t id,
			     struct endpoint *ret_endpoint)
{
	struct endpoint endpoint;
	guint at;

	if (!find(published, id, &at) ||
	    who_listens(published, &g_array_index(published->forwards, struct forward, at),
			&endpoint) == 0)
		return false;
	*ret_endpoint = endpoint;
	return true;
}

void published_end(struct published *published)
{
	for (guint i = 0; i < published->handed->len; i++)
		set_hearing(&g_array_index(published->handed, struct handed, i), false);
}
