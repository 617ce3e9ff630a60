/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which descriptor carries a flow that the container opened. Pure. */
#pragma once

#include <stdint.h>

#include "base/address.h"

/*
 * What tells flows apart as libslirp does: for TCP both endpoints; for UDP the container's alone,
 * whatever it sends from there and whereto, and remote is left empty.
 */
struct flow_key {
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	struct endpoint guest;
	struct endpoint remote;
};

struct flow_table;

struct flow_table *flow_table_new(void);

/* NULL is allowed. */
void flow_table_free(struct flow_table *table);

/* The descriptor of a flow, or -1. */
int flow_table_find(const struct flow_table *table, const struct flow_key *key);

/* Notes that fd carries the flow from now on; key is copied. */
void flow_table_add(struct flow_table *table, const struct flow_key *key, int fd);

/* Forgets the flow if it is fd that carries it; unknown flows are allowed. */
void flow_table_remove(struct flow_table *table, const struct flow_key *key, int fd);
