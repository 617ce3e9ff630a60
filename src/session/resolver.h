/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's DNS servers: reads its resolv.conf and tells when they change. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "base/message.h"

#define RESOLVER_PATH "/etc/resolv.conf"

/* Finds an interface's index by its name, 0 if there is none: if_nametoindex(3). */
typedef unsigned int (*resolver_index_func)(const char *name);

/*
 * Fills *ret_servers from the nameserver lines of a resolv.conf(5): addresses of either family, a
 * link-local one with its %scope, port 53; 127.0.0.1 if there is none, as the C library has it.
 * Lines that hold no address are passed over. Returns how many servers text names, which may be
 * more than DNS_SERVERS_MAX, the number that is kept. Pure but for index_of.
 */
uint32_t resolver_parse(const char *text, resolver_index_func index_of,
			struct dns_servers *ret_servers);

struct resolver;

/*
 * Reads path and watches it on the default main context: every symbolic link on the way to the
 * file, the directories they are in, and the file. changed is called a moment after its servers
 * have changed. What can't be watched is logged and gone without.
 */
struct resolver *resolver_new(const char *path, void (*changed)(void *data), void *data);

/* NULL is allowed. */
void resolver_free(struct resolver *resolver);

/* The servers as they are now; the resolver's. */
const struct dns_servers *resolver_servers(const struct resolver *resolver);
