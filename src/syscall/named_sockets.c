/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs named the sockets of the host that they got (--virtual-addresses). */

#include "config.h"

#include <stddef.h>
#include <sys/socket.h>

#include "syscall/named_sockets.h"

uint64_t named_sockets_cookie(int socket)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length) < 0 ? 0 : cookie;
}

static struct named_socket *find(struct named_ring *ring, uint64_t cookie)
{
	for (size_t i = 0; i < NAMED_MAX; i++)
		if (ring->sockets[i].cookie == cookie)
			return &ring->sockets[i];
	return NULL;
}

void named_sockets_note(struct shared_state *state, enum named_kind kind, int socket,
			enum virtual_name name)
{
	struct named_ring *ring = shared_state_named(state, kind);
	uint64_t cookie = named_sockets_cookie(socket);
	struct named_socket *row;

	if (cookie == 0)
		return;
	row = find(ring, cookie);
	if (!row)
		row = &ring->sockets[ring->next++ % NAMED_MAX];
	row->cookie = cookie;
	row->name = name;
}

enum virtual_name named_sockets_find(struct shared_state *state, enum named_kind kind,
				     uint64_t cookie)
{
	const struct named_socket *row = NULL;

	if (cookie != 0)
		row = find(shared_state_named(state, kind), cookie);
	return row ? (enum virtual_name)row->name : VIRTUAL_UNKNOWN;
}
