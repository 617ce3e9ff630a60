/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes again and again. */

#include "config.h"

#include "explain/repeats.h"

#define TOLD_ONE_BY_ONE 4
#define KINDS_MAX 65536

struct repeat {
	uint64_t count;
	struct event *further; /* the caller's; NULL: none yet */
};

struct repeats {
	GHashTable *table; /* char * -> struct repeat */
};

struct repeats *repeats_new(void)
{
	struct repeats *repeats = g_new(struct repeats, 1);

	repeats->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return repeats;
}

void repeats_free(struct repeats *repeats)
{
	if (!repeats)
		return;
	g_hash_table_unref(repeats->table);
	g_free(repeats);
}

struct event **repeats_add(struct repeats *repeats, char *key)
{
	struct repeat *repeat = g_hash_table_lookup(repeats->table, key);

	if (!repeat && g_hash_table_size(repeats->table) < KINDS_MAX) {
		repeat = g_new0(struct repeat, 1);
		g_hash_table_insert(repeats->table, g_strdup(key), repeat);
	}
	g_free(key);
	if (!repeat || ++repeat->count <= TOLD_ONE_BY_ONE)
		return NULL;
	return &repeat->further;
}
