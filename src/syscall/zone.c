/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a destination means to the container. */

#include "config.h"

#include <stddef.h>

#include "base/util.h"
#include "syscall/zone.h"

/* A few prefixes mean the same in every network. The first that fits counts. */
static const struct {
	struct prefix prefix;
	enum zone zone;
	const char *reason;
} fixed_zones[] = {
	{ { { AF_INET, .bytes = { 127 } }, 8 }, ZONE_OWN, "loopback" },
	{ { { AF_INET, .bytes = { 0 } }, 32 }, ZONE_OWN, "unspecified address" },
	{ { { AF_INET, .bytes = { 0 } }, 8 }, ZONE_NOWHERE, "reserved address" },
	{ { { AF_INET, .bytes = { 224 } }, 4 }, ZONE_LINK, "multicast" },
	{ { { AF_INET, .bytes = { 240 } }, 4 }, ZONE_NOWHERE, "reserved address" },
	{ { { AF_INET6, .bytes = { [15] = 1 } }, 128 }, ZONE_OWN, "loopback" },
	{ { { AF_INET6, .bytes = { 0 } }, 128 }, ZONE_OWN, "unspecified address" },
	{ { { AF_INET6, .bytes = { 0 } }, 96 }, ZONE_NOWHERE, "IPv4-compatible address" },
	{ { { AF_INET6, .bytes = { 0xfe, 0x80 } }, 10 }, ZONE_LINK, "link-local address" },
	{ { { AF_INET6, .bytes = { 0xff } }, 8 }, ZONE_LINK, "multicast" },
};

struct address zone_container_address(const struct network *network, sa_family_t family)
{
	return family == AF_INET6 ? address_from_v6(&network->v6_guest)
				  : address_from_v4(network->v4_guest);
}

struct address zone_gateway_address(const struct network *network, sa_family_t family)
{
	return family == AF_INET6 ? address_from_v6(&network->v6_gateway)
				  : address_from_v4(network->v4_gateway);
}

static bool is_in_network(const struct network *network, const struct address *address)
{
	struct prefix v4 = { address_from_v4(network->v4_network), network->v4_length };
	struct prefix v6 = { address_from_v6(&network->v6_prefix), network->v6_length };

	return prefix_contains(address->family == AF_INET6 ? &v6 : &v4, address);
}

static enum zone find_in_network(const struct network *network, const struct address *address,
				 const char **ret_reason)
{
	struct address own = zone_container_address(network, address->family);
	struct address gateway = zone_gateway_address(network, address->family);

	if (address_equal(address, &own)) {
		*ret_reason = "the container's own address";
		return ZONE_OWN;
	}
	if (address_equal(address, &gateway)) {
		*ret_reason = "gateway";
		return ZONE_GATEWAY;
	}
	*ret_reason = "virtual network";
	return ZONE_NOWHERE;
}

enum zone zone_find(const struct network *network, const struct address *address,
		    const char **ret_reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(fixed_zones); i++) {
		if (prefix_contains(&fixed_zones[i].prefix, address)) {
			*ret_reason = fixed_zones[i].reason;
			return fixed_zones[i].zone;
		}
	}
	if (address->family == AF_INET6 && !network->v6) {
		*ret_reason = "IPv6 is turned off";
		return ZONE_NOWHERE;
	}
	if (is_in_network(network, address))
		return find_in_network(network, address, ret_reason);
	*ret_reason = "outside";
	return ZONE_OUTSIDE;
}
