/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMPv6 echo to the outside, which libslirp learnt only in 4.8: by unprivileged ping sockets
 * (icmp(7): the group must be in net.ipv4.ping_group_range). Where they are not allowed, requests
 * are answered "administratively prohibited", so that ping says so at once.
 */
#pragma once

#include "slirp-glue/dns_relay.h"
#include "slirp-glue/frame.h"
#include "slirp-glue/loop.h"

/* Pings (sender, identifier and destination) that wait for replies at once; the oldest makes room.
 */
#define ECHO6_PINGS 64

/* How long each waits after its last request. */
#define ECHO6_TIMEOUT_NS (10ULL * 1000 * 1000 * 1000)

struct echo6;

/* sink gets the replies as frames; loop and sink_data are borrowed and must outlive it. */
struct echo6 *echo6_new(struct loop *loop, frame_sink sink, void *sink_data);

/* NULL is allowed. */
void echo6_free(struct echo6 *echo6);

/*
 * Sends the ICMPv6 echo request in a parsed frame on, with its hop limit less one; a request whose
 * hop limit is used up, and anything else, is dropped. Replies come with the request's identifier.
 */
void echo6_request(struct echo6 *echo6, const struct frame *frame);
