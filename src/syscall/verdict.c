/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a trapped call: (socket, address, rules, forwards) -> verdict and reason. */

/*
 * This is the policy of the syscall path. The rules are tried in the order in which they stand
 * here, and the first that fits decides. An address is judged as it means: ::ffff:a.b.c.d is
 * a.b.c.d.
 *
 * CONNECT, and SEND (a datagram with an address, where there is no packet path)
 *
 *  1. The socket is not an Internet one (AF_INET, AF_INET6): CONTINUE.
 *  2. It belongs to a network namespace that is neither the container's nor the host's, one that
 *     the container made: CONTAINER. Its way out is that namespace's affair.
 *  3. It is not TCP (or MPTCP): CONTAINER, packets carry it. Without a packet path UDP is judged by
 *     the rules below, and everything else stays: CONTAINER.
 *  4. Without a packet path, and destination is a DNS server of the host, address and port: as
 *     rule 10 says, even on the host's loopback. Who is given a resolver must reach it.
 *  5. Loopback (127/8, ::1) and "this host" (0.0.0.0, ::, which the kernel takes for loopback):
 *     CONTAINER, and never the host's. TCP that the container itself refuses is then tried at the
 *     program that was given the published port of that number (see BIND).
 *  6. Multicast (224/4, ff00::/8) and link-local IPv6 (fe80::/10): CONTAINER. They mean the
 *     container's own links. 169.254/16 is no such exception: the packet path carries it.
 *  7. What no network carries: the rest of 0/8, 240/4 with the broadcast address, and IPv4
 *     addresses written as ::a.b.c.d: NOWHERE. So is all other IPv6 where it is turned off.
 *  8. The virtual network:
 *       the container's address         as rule 5
 *       the gateway, loopback allowed   as rule 10, to the host's 127.0.0.1 or ::1, same port;
 *                                       policy judges the gateway's address, which was named
 *       the gateway otherwise           NOWHERE
 *       DNS and all else                NOWHERE
 *  9. All that is left is outside. So are addresses in which a translator finds IPv4 ones
 *     (64:ff9b::/96, 2002::/16): to the kernel of the host they are like any other, and none
 *     of them is its loopback.
 * 10. Where policy denies: REFUSE with ECONNREFUSED, as the packet path's RST. Else: HOST.
 *
 * NOWHERE is CONTAINER where there is a packet path, which has its own answer for each of these and
 * lets none out; the gateway is "network unreachable" there. Without one it is REFUSE with
 * ENETUNREACH, as the kernel says it.
 *
 * So with a packet path, HOST is what the packet path would let out of the virtual network, or to
 * the host's loopback, and REFUSE is what it would answer with a RST. A unit test holds the two
 * against each other.
 *
 * BIND
 *
 *  1. Not an Internet socket: CONTINUE.
 *  2. Of another namespace: CONTAINER.
 *  3. Not TCP (or MPTCP): CONTAINER. Published UDP ports are the packet path's.
 *  4. A loopback address: CONTAINER. What a program keeps to itself is not published.
 *  5. No TCP forward goes to this port at this address: CONTAINER. A forward fits if it goes to the
 *     address that is bound; the wildcard is every address, and a forward that names none goes to
 *     the container's own. Port 0 never fits.
 *  6. The forward that fits is one whose family the socket serves. An AF_INET socket serves IPv4,
 *     an AF_INET6 socket what it is bound to: the wildcard with IPV6_V6ONLY off serves both. One
 *     socket can be at one place of the host:
 *       one forward                     HOST, at the forward's host endpoint and nowhere else
 *       0.0.0.0:P and [::]:P, same P    HOST at [::]:P for both; the IPv6 one gives the id
 *       any other two, or more          CONTAINER: the packet path serves each
 *
 * For tests only there is a policy without isolation, in which everything is HOST from rule 4 on,
 * the loopback too: a test suite that keeps to the loopback then goes through the supervisor whole.
 *
 * A socket of the host is judged by the same rules, each time again: that it stands where the
 * container's socket stood gives it no right. CONTAINER means for it that it is taken back first.
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "syscall/verdict.h"
#include "syscall/zone.h"

#define V4_MAPPED_OFFSET 12

static struct verdict to_container(const char *reason)
{
	return (struct verdict){ .action = ACTION_CONTAINER, .reason = reason };
}

static struct verdict by_packets(const char *reason)
{
	return (struct verdict){ .action = ACTION_CONTAINER, .reason = reason, .by_packets = true };
}

static struct verdict refuse(int error, const char *reason)
{
	return (struct verdict){ .action = ACTION_REFUSE, .error = error, .reason = reason };
}

/* What the policy for tests says of everything. */
static struct verdict everything_at(const struct endpoint *target)
{
	return (struct verdict){ .action = ACTION_HOST, .target = *target, .reason = "everything" };
}

static struct verdict to_nowhere(const struct rules *rules, const char *reason)
{
	return rules->packets ? to_container(reason) : refuse(ENETUNREACH, reason);
}

/* a.b.c.d as ::ffff:a.b.c.d; an IPv6 address comes back unchanged. */
static struct address mapped(const struct address *address)
{
	struct address result = { .family = AF_INET6, .bytes = { [10] = 0xff, [11] = 0xff } };

	if (address->family != AF_INET)
		return *address;
	memcpy(result.bytes + V4_MAPPED_OFFSET, &address->v4, sizeof(address->v4));
	return result;
}

/* The host's loopback, written in the family of destination as the program named it. */
static struct endpoint host_loopback(const struct endpoint *destination)
{
	static const struct address v4 = { AF_INET, .bytes = { 127, 0, 0, 1 } };
	static const struct address v6 = { AF_INET6, .bytes = { [15] = 1 } };
	struct endpoint target = { .address = v4, .port = destination->port };

	if (destination->address.family != AF_INET6)
		return target;
	target.address = IN6_IS_ADDR_V4MAPPED(&destination->address.v6) ? mapped(&v4) : v6;
	return target;
}

/* Rule 10. */
static struct verdict to_host(const struct rules *rules, uint8_t protocol,
			      const struct endpoint *destination, const struct endpoint *target,
			      const char *reason)
{
	if (!policy_allows(rules->policy, protocol, destination))
		return refuse(ECONNREFUSED, "denied by policy");
	return (struct verdict){ .action = ACTION_HOST, .target = *target, .reason = reason };
}

/* destination is not v4-mapped. */
static bool is_dns_server(const struct rules *rules, const struct endpoint *destination)
{
	for (guint i = 0; rules->dns_servers && i < rules->dns_servers->len; i++)
		if (endpoint_equal(&g_array_index(rules->dns_servers, struct endpoint, i),
				   destination))
			return true;
	return false;
}

uint32_t verdict_next_forward(const struct rules *rules, const struct endpoint *destination,
			      uint32_t id)
{
	bool found = id == 0;

	for (size_t i = 0; i < rules->forward_count; i++) {
		const struct forward *forward = &rules->forwards[i];

		if (found && forward->protocol == IPPROTO_TCP &&
		    forward->guest.port == destination->port)
			return forward->id;
		if (forward->id == id)
			found = true;
	}
	return 0;
}

static struct verdict to_itself(const struct rules *rules, uint8_t protocol,
				const struct endpoint *destination, const char *reason)
{
	struct verdict verdict = to_container(reason);

	if (protocol == IPPROTO_TCP)
		verdict.forward = verdict_next_forward(rules, destination, 0);
	return verdict;
}

/* Rules 4 to 10. */
static struct verdict judge_destination(const struct rules *rules, uint8_t protocol,
					const struct endpoint *destination)
{
	struct endpoint plain = { address_unmapped(&destination->address), destination->port };
	struct endpoint loopback = host_loopback(destination);
	const char *reason;

	if (plain.address.family != AF_INET && plain.address.family != AF_INET6)
		return to_container("no Internet address");
	if (!rules->packets && is_dns_server(rules, &plain))
		return to_host(rules, protocol, &plain, destination, "DNS server of the host");
	switch (zone_find(rules->network, &plain.address, &reason)) {
	case ZONE_OUTSIDE:
		return to_host(rules, protocol, &plain, destination, reason);
	case ZONE_OWN:
		return to_itself(rules, protocol, &plain, reason);
	case ZONE_GATEWAY:
		if (!rules->host_loopback)
			return to_nowhere(rules, "gateway, host loopback is closed");
		return to_host(rules, protocol, &plain, &loopback, "gateway, host loopback");
	case ZONE_LINK:
		return to_container(reason);
	case ZONE_NOWHERE:
		break;
	}
	return to_nowhere(rules, reason);
}

/* The first rules of both lists. Returns true where they have decided. */
static bool judge_socket(const struct rules *rules, const struct socket_facts *facts,
			 struct verdict *ret_verdict)
{
	if (!socket_facts_is_internet(facts)) {
		*ret_verdict = (struct verdict){ .action = ACTION_CONTINUE,
						 .reason = "not an Internet socket" };
		return true;
	}
	if (facts->network != rules->container_network && facts->network != rules->host_network) {
		*ret_verdict = to_container("nested namespace");
		return true;
	}
	return false;
}

struct verdict verdict_send(const struct rules *rules, const struct socket_facts *facts,
			    const struct endpoint *destination)
{
	struct verdict verdict;

	if (judge_socket(rules, facts, &verdict))
		return verdict;
	if (rules->packets)
		return to_container("carried by packets");
	if (facts->type != SOCK_DGRAM || facts->protocol != IPPROTO_UDP)
		return to_container("neither TCP nor UDP");
	return judge_destination(rules, IPPROTO_UDP, destination);
}

struct verdict verdict_connect(const struct rules *rules, const struct socket_facts *facts,
			       const struct endpoint *destination)
{
	struct verdict verdict;

	if (judge_socket(rules, facts, &verdict))
		return verdict;
	if (!socket_facts_is_stream(facts))
		return verdict_send(rules, facts, destination);
	if (rules->everything)
		return everything_at(destination);
	return judge_destination(rules, IPPROTO_TCP, destination);
}

/* The forwards that fit a socket, by family of the host endpoint. */
struct fitting {
	const struct forward *v4;
	const struct forward *v6;
	bool several; /* of one family */
};

/* Rule 5 of BIND; local is not v4-mapped. */
static bool forward_fits(const struct rules *rules, const struct forward *forward,
			 const struct endpoint *local)
{
	struct address guest = forward->guest.address;
	sa_family_t family = forward->host.address.family;

	if (forward->protocol != IPPROTO_TCP || local->port == 0 ||
	    forward->guest.port != local->port)
		return false;
	if (guest.family != AF_UNSPEC && guest.family != family)
		return false;
	if (address_is_unspecified(&local->address))
		return true;
	if (guest.family == AF_UNSPEC || address_is_unspecified(&guest))
		guest = zone_container_address(rules->network, family);
	return address_equal(&guest, &local->address);
}

static void note_forward(const struct forward **place, const struct forward *forward,
			 struct fitting *fitting)
{
	if (*place)
		fitting->several = true;
	else
		*place = forward;
}

/* local is not v4-mapped; dual: an IPv6 socket that takes IPv4 too. */
static struct fitting find_fitting(const struct rules *rules, const struct endpoint *local,
				   bool dual)
{
	struct fitting fitting = { 0 };
	bool both = dual && address_is_unspecified(&local->address);

	for (size_t i = 0; i < rules->forward_count; i++) {
		const struct forward *forward = &rules->forwards[i];
		sa_family_t family = forward->host.address.family;

		if (!forward_fits(rules, forward, local))
			continue;
		if (family == AF_INET && (both || local->address.family == AF_INET))
			note_forward(&fitting.v4, forward, &fitting);
		else if (family == AF_INET6 && local->address.family == AF_INET6)
			note_forward(&fitting.v6, forward, &fitting);
	}
	return fitting;
}

/* True if one socket at the IPv6 endpoint is at the IPv4 endpoint, too. */
static bool is_pair(const struct forward *v4, const struct forward *v6)
{
	return v4->host.port == v6->host.port && address_is_unspecified(&v4->host.address) &&
	       address_is_unspecified(&v6->host.address);
}

static struct verdict at_host(const struct socket_facts *facts, const struct forward *forward,
			      bool v6_only)
{
	struct verdict verdict = { .action = ACTION_HOST,
				   .target = forward->host,
				   .forward = forward->id,
				   .v6_only = v6_only,
				   .reason = "published port" };

	if (facts->domain == AF_INET6)
		verdict.target.address = mapped(&forward->host.address);
	return verdict;
}

/* Rule 6 of BIND. */
static struct verdict judge_fitting(const struct socket_facts *facts, const struct fitting *fitting)
{
	if (!fitting->v4 && !fitting->v6)
		return to_container("not a published port");
	if (fitting->several)
		return by_packets("published at several places of the host");
	if (!fitting->v6)
		return at_host(facts, fitting->v4, false);
	if (!fitting->v4)
		return at_host(facts, fitting->v6, true);
	if (is_pair(fitting->v4, fitting->v6))
		return at_host(facts, fitting->v6, false);
	return by_packets("published at several places of the host");
}

struct verdict verdict_bind(const struct rules *rules, const struct socket_facts *facts,
			    const struct endpoint *local, bool v6_only)
{
	struct endpoint plain = { address_unmapped(&local->address), local->port };
	struct verdict verdict;
	struct fitting fitting;

	if (judge_socket(rules, facts, &verdict))
		return verdict;
	if (!socket_facts_is_stream(facts))
		return to_container("not TCP");
	if (rules->everything)
		return everything_at(local);
	if (address_is_loopback(&plain.address))
		return to_container("loopback");
	/* The kernel refuses an IPv4 address on such a socket. */
	if (v6_only && plain.address.family == AF_INET)
		return to_container("IPv4 address on a socket for IPv6 alone");
	fitting = find_fitting(rules, &plain, facts->domain == AF_INET6 && !v6_only);
	return judge_fitting(facts, &fitting);
}

const char *action_name(enum action action)
{
	switch (action) {
	case ACTION_CONTINUE:
		return "continue";
	case ACTION_CONTAINER:
		return "container";
	case ACTION_HOST:
		return "host";
	case ACTION_REFUSE:
		return "refuse";
	}
	return "unknown";
}
