/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sent UDP datagrams to the container, so that it may answer whatever policy says. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

/* When more send, the one that was quiet for longest is forgotten. */
#define UDP_PEERS_MAX 1024

/* A peer is forgotten after so long without a datagram either way. */
#define UDP_PEERS_TIMEOUT_NS (180ULL * 1000 * 1000 * 1000)

struct udp_peers;

struct udp_peers *udp_peers_new(void);
void udp_peers_free(struct udp_peers *peers);

/* Remembers at now_ns (which never goes back) that remote sent a datagram to guest. */
void udp_peers_learn(struct udp_peers *peers, const struct endpoint *guest,
		     const struct endpoint *remote, uint64_t now_ns);

/* True if guest may answer remote; the answer keeps the peer remembered. */
bool udp_peers_may_answer(struct udp_peers *peers, const struct endpoint *guest,
			  const struct endpoint *remote, uint64_t now_ns);
