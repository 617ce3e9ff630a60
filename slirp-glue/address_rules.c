/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorts addresses into what they stand for on the virtual network. */

/*
 * libslirp hands whatever destination a packet names to the host's connect(2) and sendto(2), so a
 * frame made by hand for 127.0.0.1 or ::ffff:127.0.0.1 would reach the host's own services. It
 * turns some others into the host's loopback itself: the gateway, 255.255.255.255, ff02::1, and
 * every address of the virtual IPv6 prefix but the DNS one. All of these get a place of their own
 * here, so that none of them is taken for the outside.
 */

#include "config.h"

#include <endian.h>
#include <string.h>

#include "slirp-glue/address_rules.h"
#include "slirp-glue/wire.h"

/* The places on the virtual IPv4 network; address and the network's fields are in network order. */
static enum place place_within4(const struct network *network, uint32_t address)
{
	if (address == network->v4_gateway.s_addr)
		return PLACE_GATEWAY;
	if (address == network->v4_dns.s_addr)
		return PLACE_DNS;
	if (address == network->v4_dns_stream.s_addr || address == network->v4_network.s_addr ||
	    address == network->v4_broadcast.s_addr)
		return PLACE_INVALID;
	return PLACE_GUEST;
}

enum place address_rules_place4(const struct network *network, const uint8_t *address)
{
	uint32_t raw;

	memcpy(&raw, address, sizeof(raw));
	if ((raw & network->v4_mask.s_addr) == network->v4_network.s_addr)
		return place_within4(network, raw);
	if (address[0] == 127)
		return PLACE_INVALID;
	if (address[0] == 0)
		return raw == 0 ? PLACE_UNSPECIFIED : PLACE_INVALID;
	if (address[0] < 224)
		return PLACE_OUTSIDE;
	if (address[0] < 240)
		return PLACE_MULTICAST;
	return raw == UINT32_MAX ? PLACE_BROADCAST : PLACE_INVALID;
}

static bool equal6(const uint8_t *address, const struct in6_addr *other)
{
	return memcmp(address, other, IP6_ADDRESS_SIZE) == 0;
}

static bool is_within6(const struct network *network, const uint8_t *address)
{
	uint64_t mask = htobe64(UINT64_MAX << (64 - network->v6_length));
	uint64_t prefix, high;

	memcpy(&high, address, sizeof(high));
	memcpy(&prefix, &network->v6_prefix, sizeof(prefix));
	return (high & mask) == prefix;
}

static enum place place_within6(const struct network *network, const uint8_t *address)
{
	if (equal6(address, &network->v6_gateway))
		return PLACE_GATEWAY;
	if (equal6(address, &network->v6_dns))
		return PLACE_DNS;
	/* RFC 4291, section 2.6.1: the anycast address of the routers. */
	return equal6(address, &network->v6_prefix) ? PLACE_INVALID : PLACE_GUEST;
}

/* libslirp answers to the interface identifiers of the gateway and of DNS on fe80::/64 as well. */
static enum place place_link_local(const struct network *network, const uint8_t *address)
{
	static const uint8_t link[8] = { 0xfe, 0x80 };
	const uint8_t *identifier = address + sizeof(link);

	if (memcmp(address, link, sizeof(link)) != 0)
		return PLACE_GUEST;
	if (memcmp(identifier, network->v6_gateway.s6_addr + 8, 8) == 0 ||
	    memcmp(identifier, network->v6_dns.s6_addr + 8, 8) == 0)
		return PLACE_ROUTER;
	return PLACE_GUEST;
}

/* The addresses that start with 64 zero bits: ::, ::1, and IPv4 addresses written as IPv6. */
static enum place place_low(const uint8_t *address)
{
	static const uint8_t zeros[IP6_ADDRESS_SIZE];
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(address, zeros, IP6_ADDRESS_SIZE) == 0)
		return PLACE_UNSPECIFIED;
	if (memcmp(address, mapped, sizeof(mapped)) == 0 ||
	    memcmp(address, zeros, sizeof(mapped)) == 0)
		return PLACE_INVALID;
	return PLACE_OUTSIDE;
}

enum place address_rules_place6(const struct network *network, const uint8_t *address)
{
	static const uint8_t zeros[8];

	if (is_within6(network, address))
		return place_within6(network, address);
	if (address[0] == 0xff)
		return PLACE_MULTICAST;
	if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80)
		return place_link_local(network, address);
	if (memcmp(address, zeros, sizeof(zeros)) == 0)
		return place_low(address);
	return PLACE_OUTSIDE;
}
