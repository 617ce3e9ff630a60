/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS over TCP (RFC 7766): joins connections made here to the host's servers. */
#pragma once

#include "base/counters.h"
#include "base/message.h"
#include "slirp-glue/loop.h"

/* So many at once; a further connection is closed at once. */
#define DNS_STREAMS_MAX 64

struct dns_streams;

/* loop and counters are borrowed and must outlive it. */
struct dns_streams *dns_streams_new(struct loop *loop, struct counters *counters);

/* Ends all streams and closes the listener. NULL is allowed. */
void dns_streams_free(struct dns_streams *streams);

/* Replaces the list of servers; at most DNS_SERVERS_MAX. Streams that are open go on. */
void dns_streams_set_servers(struct dns_streams *streams, const struct dns_servers *servers);

/*
 * Takes the connections of listener, a listening non-blocking AF_UNIX stream socket, which is
 * closed with streams (at once if this fails). Its backlog must be longer than what one turn of the
 * loop can connect, for the connecting side is this same thread and blocks. Returns 0 or -errno.
 */
int dns_streams_serve(struct dns_streams *streams, int listener);
