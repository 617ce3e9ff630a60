/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which descriptor carries a flow that the container opened. */

#include "config.h"

#include <glib.h>

#include "slirp-glue/flow_table.h"

struct flow_table {
	GHashTable *descriptors; /* struct flow_key -> descriptor */
};

static guint key_hash(gconstpointer pointer)
{
	const struct flow_key *key = pointer;
	uint32_t hash = endpoint_hash(ENDPOINT_HASH_START, &key->guest);

	return endpoint_hash(hash, &key->remote) ^ key->protocol;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	const struct flow_key *left = a, *right = b;

	return left->protocol == right->protocol && endpoint_equal(&left->guest, &right->guest) &&
	       endpoint_equal(&left->remote, &right->remote);
}

struct flow_table *flow_table_new(void)
{
	struct flow_table *table = g_new0(struct flow_table, 1);

	table->descriptors = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
	return table;
}

void flow_table_free(struct flow_table *table)
{
	if (table == NULL)
		return;
	g_hash_table_destroy(table->descriptors);
	g_free(table);
}

int flow_table_find(const struct flow_table *table, const struct flow_key *key)
{
	gpointer value;

	if (!g_hash_table_lookup_extended(table->descriptors, key, NULL, &value))
		return -1;
	return GPOINTER_TO_INT(value);
}

void flow_table_add(struct flow_table *table, const struct flow_key *key, int fd)
{
	g_hash_table_replace(table->descriptors, g_memdup2(key, sizeof(*key)), GINT_TO_POINTER(fd));
}

void flow_table_remove(struct flow_table *table, const struct flow_key *key, int fd)
{
	if (flow_table_find(table, key) == fd)
		g_hash_table_remove(table->descriptors, key);
}
