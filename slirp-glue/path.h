/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a frame goes. From the container: link -> filter -> (stack | DNS relay | echo | a refusal).
 * To the container: stack -> filter -> link. Everything that the packet path does passes through
 * this file.
 */
#pragma once

#include <stdbool.h>

#include "base/counters.h"
#include "base/message.h"
#include "slirp-glue/loop.h"
#include "slirp-glue/stack.h"

/* Descriptors that the session gave; now the path's. */
struct path_descriptors {
	int link;
	int pcap; /* -1: no capture */
};

struct path;

/* config, loop and counters outlive the path. Returns NULL with a line logged. */
struct path *path_new(const struct engine_config *config, struct loop *loop,
		      struct counters *counters, const struct path_descriptors *descriptors);

/* NULL is allowed. */
void path_free(struct path *path);

/* The stack, for forwards and flows; the path's. */
struct stack *path_stack(struct path *path);

void path_set_dns_servers(struct path *path, const struct dns_servers *servers);

/* Serves DNS over TCP on listener, bound to STACK_DNS_SOCKET; now the path's. */
void path_serve_dns_streams(struct path *path, int listener);

/*
 * One turn: waits for the container, the host and the other watches of the loop, and moves what
 * there is. Returns false when the link is lost.
 */
bool path_turn(struct path *path);
