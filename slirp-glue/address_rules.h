/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address in a frame stands for: the outside, one of our own, or nothing. Pure. */
#pragma once

#include "base/network.h"

enum place {
	PLACE_OUTSIDE,	   /* to be routed */
	PLACE_GUEST,	   /* on the virtual link, and not an address of ours */
	PLACE_GATEWAY,	   /* the host, where that is allowed */
	PLACE_DNS,	   /* the DNS service */
	PLACE_ROUTER,	   /* IPv6 link-local addresses that libslirp answers to */
	PLACE_BROADCAST,   /* 255.255.255.255 */
	PLACE_MULTICAST,   /* 224.0.0.0/4, ff00::/8 */
	PLACE_UNSPECIFIED, /* 0.0.0.0, :: */
	PLACE_INVALID,	   /* no network carries it, or it is reserved for the engine's own use */
};

/* address is of 4 bytes, as it lies in the IPv4 header. */
enum place address_rules_place4(const struct network *network, const uint8_t *address);

/* address is of 16 bytes, as it lies in the IPv6 header. */
enum place address_rules_place6(const struct network *network, const uint8_t *address);
