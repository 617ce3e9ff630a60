/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remembers the peers of inbound UDP flows: a hash table, and a queue from the quietest to the
 * latest. */

#include "config.h"

#include <glib.h>

#include "slirp-glue/udp_peers.h"

struct peer {
	struct endpoint guest;
	struct endpoint remote;
	uint64_t seen_ns;
	GList link; /* in the queue; its data is the peer */
};

struct udp_peers {
	GHashTable *table; /* owns the peers */
	GQueue order;	   /* by seen_ns, the quietest first */
};

static guint peer_hash(gconstpointer key)
{
	const struct peer *peer = key;

	return endpoint_hash(endpoint_hash(ENDPOINT_HASH_START, &peer->guest), &peer->remote);
}

static gboolean peer_equal(gconstpointer a, gconstpointer b)
{
	const struct peer *left = a;
	const struct peer *right = b;

	return endpoint_equal(&left->remote, &right->remote) &&
	       endpoint_equal(&left->guest, &right->guest);
}

struct udp_peers *udp_peers_new(void)
{
	struct udp_peers *peers = g_new0(struct udp_peers, 1);

	peers->table = g_hash_table_new_full(peer_hash, peer_equal, g_free, NULL);
	g_queue_init(&peers->order);
	return peers;
}

void udp_peers_free(struct udp_peers *peers)
{
	if (!peers)
		return;
	g_hash_table_destroy(peers->table);
	g_free(peers);
}

static void forget_quietest(struct udp_peers *peers)
{
	struct peer *peer = g_queue_peek_head(&peers->order);

	g_queue_unlink(&peers->order, &peer->link);
	g_hash_table_remove(peers->table, peer);
}

static void forget_expired(struct udp_peers *peers, uint64_t now_ns)
{
	const struct peer *peer;

	while ((peer = g_queue_peek_head(&peers->order)) &&
	       now_ns - peer->seen_ns > UDP_PEERS_TIMEOUT_NS)
		forget_quietest(peers);
}

static struct peer *find_peer(struct udp_peers *peers, const struct endpoint *guest,
			      const struct endpoint *remote)
{
	struct peer key = { .guest = *guest, .remote = *remote };

	return g_hash_table_lookup(peers->table, &key);
}

/* Makes the peer the latest. */
static void touch_peer(struct udp_peers *peers, struct peer *peer, uint64_t now_ns)
{
	peer->seen_ns = now_ns;
	g_queue_unlink(&peers->order, &peer->link);
	g_queue_push_tail_link(&peers->order, &peer->link);
}

void udp_peers_learn(struct udp_peers *peers, const struct endpoint *guest,
		     const struct endpoint *remote, uint64_t now_ns)
{
	struct peer *peer;

	forget_expired(peers, now_ns);
	peer = find_peer(peers, guest, remote);
	if (peer) {
		touch_peer(peers, peer, now_ns);
		return;
	}
	if (g_hash_table_size(peers->table) >= UDP_PEERS_MAX)
		forget_quietest(peers);
	peer = g_new0(struct peer, 1);
	peer->guest = *guest;
	peer->remote = *remote;
	peer->seen_ns = now_ns;
	peer->link.data = peer;
	g_queue_push_tail_link(&peers->order, &peer->link);
	g_hash_table_insert(peers->table, peer, peer);
}

bool udp_peers_may_answer(struct udp_peers *peers, const struct endpoint *guest,
			  const struct endpoint *remote, uint64_t now_ns)
{
	struct peer *peer;

	forget_expired(peers, now_ns);
	peer = find_peer(peers, guest, remote);
	if (peer)
		touch_peer(peers, peer, now_ns);
	return peer != NULL;
}
