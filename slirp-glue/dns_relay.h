/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries the container's DNS queries to the host's servers, all of them, and the answers back.
 *
 * A query goes to the first server, and on to the next one after a second without an answer, or at
 * once when a server is unreachable or says SERVFAIL, REFUSED or NOTIMP. The first good answer of
 * any of them wins; without one the container is told the last failure, or SERVFAIL. The server
 * that answered in place of an earlier one is asked first for half a minute; then the order of the
 * list holds again, for it is a preference (a VPN's server first, say).
 *
 * Bounded: at most DNS_RELAY_QUERIES queries under way (the oldest makes room), each for at most
 * DNS_RELAY_TIMEOUT_NS, each of at most DNS_RELAY_QUERY_MAX bytes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/counters.h"
#include "base/message.h"
#include "slirp-glue/frame.h"
#include "slirp-glue/loop.h"

#define DNS_RELAY_QUERIES 512
#define DNS_RELAY_QUERY_MAX 4096
#define DNS_RELAY_NEXT_NS (1ULL * 1000 * 1000 * 1000)
#define DNS_RELAY_TIMEOUT_NS (10ULL * 1000 * 1000 * 1000)

struct dns_relay;

/* Takes a frame of ours to the container; the frame is borrowed. */
typedef void (*frame_sink)(const uint8_t *frame, size_t length, void *data);

/*
 * Makes a relay without servers, which answers SERVFAIL to everything. mtu: no IP packet with an
 * answer is made larger, in bytes; what does not fit is truncated (TC bit, RFC 1035 4.1.1). loop,
 * counters and sink_data are borrowed and must outlive it; sink must not free it.
 */
struct dns_relay *dns_relay_new(struct loop *loop, uint32_t mtu, struct counters *counters,
				frame_sink sink, void *sink_data);

/* Drops the queries and streams under way. NULL is allowed. */
void dns_relay_free(struct dns_relay *relay);

/*
 * Replaces the list of servers (copied; at most DNS_SERVERS_MAX); queries under way go on with
 * those they know.
 */
void dns_relay_set_servers(struct dns_relay *relay, const struct dns_servers *servers);

/*
 * Relays the UDP query in a parsed frame (FILTER_DNS); the frame is copied. What is no query is
 * dropped. The same query from the same port, while it is under way, is sent again to the server
 * that was tried last.
 */
void dns_relay_query(struct dns_relay *relay, const struct frame *frame);

/*
 * Serves DNS over TCP to whoever connects to listener, a listening non-blocking AF_UNIX stream
 * socket (now the relay's, whatever is returned): each connection is joined to the first server
 * that takes it. Its backlog must be longer than what one turn of the loop can connect. Returns 0
 * or -errno.
 */
int dns_relay_serve_streams(struct dns_relay *relay, int listener);
