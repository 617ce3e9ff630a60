/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which TCP connection or exchange of datagrams a frame belongs to. */

#include "config.h"

#include <netinet/in.h>
#include <string.h>

#include "explain/flows.h"

/* Frames of further flows belong to none. */
#define FLOWS_MAX 65536

/* The two ends of a flow, the lower one first. */
struct flow_key {
	struct endpoint low;
	struct endpoint high;
	uint8_t protocol;
};

struct entry {
	struct flow_key key;
	struct flow flow;
};

struct flows {
	GHashTable *table; /* struct entry, by its key */
	uint32_t last;	   /* number */
};

static guint key_hash(gconstpointer data)
{
	const struct flow_key *key = data;
	uint32_t hash = endpoint_hash(ENDPOINT_HASH_START ^ key->protocol, &key->low);

	return endpoint_hash(hash, &key->high);
}

static gboolean key_equal(gconstpointer left, gconstpointer right)
{
	const struct flow_key *a = left;
	const struct flow_key *b = right;

	return a->protocol == b->protocol && endpoint_equal(&a->low, &b->low) &&
	       endpoint_equal(&a->high, &b->high);
}

struct flows *flows_new(void)
{
	struct flows *flows = g_new0(struct flows, 1);

	flows->table = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
	return flows;
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	g_hash_table_unref(flows->table);
	g_free(flows);
}

static struct flow_key key_of(const struct frame_note *note)
{
	struct flow_key key = { .protocol = note->protocol };
	int order = memcmp(note->from.address.bytes, note->to.address.bytes,
			   sizeof(note->from.address.bytes));
	bool low = order < 0 || (order == 0 && note->from.port <= note->to.port);

	key.low = low ? note->from : note->to;
	key.high = low ? note->to : note->from;
	return key;
}

static bool belongs_to_a_flow(const struct frame_note *note)
{
	return (note->protocol == IPPROTO_TCP || note->protocol == IPPROTO_UDP) &&
	       note->from.port != 0 && note->topic != TOPIC_dns && note->topic != TOPIC_dhcp;
}

static struct flow *add(struct flows *flows, const struct flow_key *key)
{
	struct entry *entry;

	if (g_hash_table_size(flows->table) >= FLOWS_MAX)
		return NULL;
	entry = g_new0(struct entry, 1);
	entry->key = *key;
	entry->flow.number = ++flows->last;
	g_hash_table_replace(flows->table, &entry->key, entry);
	return &entry->flow;
}

struct flow *flows_find(struct flows *flows, const struct frame_note *note, bool *ret_new)
{
	struct flow_key key = key_of(note);
	struct entry *entry;

	*ret_new = false;
	if (!belongs_to_a_flow(note))
		return NULL;
	entry = g_hash_table_lookup(flows->table, &key);
	if (entry && !(note->topic == TOPIC_syn && entry->flow.answered))
		return &entry->flow;
	if (entry)
		g_hash_table_remove(flows->table, &key);
	*ret_new = true;
	return add(flows, &key);
}
