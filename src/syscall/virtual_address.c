/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of sockets of the host as the container knows them.
 *
 * Local address: the wildcard stays; any other is the container's own address of the same family.
 * At a published port's host endpoint the port is the container's.
 *
 * Peer: the truth; only the host's loopback is the gateway, which is where the container reaches
 * it, and where it comes from.
 *
 * Where both ends are programs of the container (a connection to its own published port), each has
 * the address that the client named: the loopback or the container's own; and the port is the
 * container's at either end.
 */

#include "config.h"

#include <netinet/in.h>

#include "syscall/virtual_address.h"
#include "syscall/zone.h"

enum virtual_name virtual_name_of(const struct address *inside)
{
	struct address plain = address_unmapped(inside);

	if (address_is_unspecified(&plain))
		return VIRTUAL_WILDCARD;
	return address_is_loopback(&plain) ? VIRTUAL_LOOPBACK : VIRTUAL_OWN;
}

bool virtual_address_is_local(const struct endpoint *local, const struct endpoint *peer)
{
	struct address ours = address_unmapped(&local->address);
	struct address theirs = address_unmapped(&peer->address);

	return address_is_loopback(&theirs) || address_equal(&ours, &theirs);
}

static struct address wildcard(int domain)
{
	return (struct address){ .family = (sa_family_t)domain };
}

static struct address loopback(sa_family_t family)
{
	if (family == AF_INET6)
		return address_from_v6(&in6addr_loopback);
	return address_from_v4((struct in_addr){ htonl(INADDR_LOOPBACK) });
}

/* An address of the container of that family. */
static struct address named(const struct rules *rules, enum virtual_name name, int domain,
			    sa_family_t family)
{
	if (name == VIRTUAL_WILDCARD)
		return wildcard(domain);
	if (name == VIRTUAL_LOOPBACK)
		return loopback(family);
	return zone_container_address(rules->network, family);
}

/* The forward whose host endpoint this is; one for just this address goes first. */
static const struct forward *find_forward(const struct rules *rules, uint8_t protocol,
					  const struct endpoint *plain)
{
	const struct forward *found = NULL;

	for (size_t i = 0; i < rules->forward_count; i++) {
		const struct forward *forward = &rules->forwards[i];

		if (forward->protocol != protocol || forward->host.port != plain->port)
			continue;
		if (address_equal(&forward->host.address, &plain->address))
			return forward;
		if (!found && forward->host.address.family == plain->address.family &&
		    address_is_unspecified(&forward->host.address))
			found = forward;
	}
	return found;
}

static uint16_t container_port(const struct rules *rules, const struct socket_facts *facts,
			       const struct endpoint *plain)
{
	uint8_t protocol = facts->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
	const struct forward *forward = find_forward(rules, protocol, plain);

	return forward ? forward->guest.port : plain->port;
}

struct endpoint virtual_address_local(const struct rules *rules, const struct socket_facts *facts,
				      enum virtual_name name, const struct endpoint *local)
{
	struct endpoint plain = { address_unmapped(&local->address), local->port };
	struct endpoint result = plain;

	result.port = container_port(rules, facts, &plain);
	if (name != VIRTUAL_UNKNOWN || !address_is_unspecified(&plain.address))
		result.address = named(rules, name, facts->domain, plain.address.family);
	return result;
}

struct endpoint virtual_address_peer(const struct rules *rules, const struct socket_facts *facts,
				     enum virtual_name name, const struct endpoint *peer)
{
	struct endpoint plain = { address_unmapped(&peer->address), peer->port };
	struct endpoint result = plain;

	if (name != VIRTUAL_UNKNOWN) {
		result.address = named(rules, name, facts->domain, plain.address.family);
		result.port = container_port(rules, facts, &plain);
	} else if (address_is_loopback(&plain.address)) {
		result.address = zone_gateway_address(rules->network, plain.address.family);
	}
	return result;
}
