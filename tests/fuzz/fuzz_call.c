/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes what the supervisor makes of a socket address: whatever a program hands in, no socket of
 * the host may be sent to the host's loopback, unless the gateway stands for it.
 *
 * Input: options, kind of socket and call, length as the register has it (two bytes), address.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "syscall/sockaddr.h"
#include "syscall/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER 4
#define CONTAINER 4142
#define HOST 3

/* Bits of the first byte. */
enum {
	LOOPBACK = 1,
	PACKETS = 2,
	V6 = 4,
	ON_HOST = 8,
	NESTED = 16,
	DENY = 32,
	DNS = 64,
	ONLY = 128
};

static const struct socket_facts kinds[] = {
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, 0, 0 },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, 0, 0 },
	{ AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, 0, 0 },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, 0, 0 },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP, 0, 0 },
	{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 0, 0 },
};

static const struct forward forwards[] = {
	{ 1, IPPROTO_TCP, { { AF_INET, .bytes = { 0 } }, 8080 }, { { AF_UNSPEC }, 80 } },
	{ 2, IPPROTO_TCP, { { AF_INET6, .bytes = { 0 } }, 8080 }, { { AF_UNSPEC }, 80 } },
	{ 3, IPPROTO_TCP, { { AF_INET, .bytes = { 192, 0, 2, 1 } }, 99 }, { { AF_UNSPEC }, 81 } },
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool is_dns(const struct rules *rules, const struct endpoint *endpoint)
{
	struct endpoint plain = { address_unmapped(&endpoint->address), endpoint->port };

	return !rules->packets && rules->dns_servers &&
	       endpoint_equal(&plain, &g_array_index(rules->dns_servers, struct endpoint, 0));
}

static bool is_gateway(const struct rules *rules, const struct endpoint *endpoint)
{
	struct address plain = address_unmapped(&endpoint->address);
	struct address v4 = address_from_v4(rules->network->v4_gateway);
	struct address v6 = address_from_v6(&rules->network->v6_gateway);

	return address_equal(&plain, &v4) || address_equal(&plain, &v6);
}

/* Spelled out by bytes, so that nothing of the code under test is trusted. */
static bool is_host_only(const struct address *address)
{
	static const uint8_t zeros[16], mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *bytes = address->bytes;

	if (address->family == AF_INET6 && memcmp(bytes, zeros, 15) == 0)
		return bytes[15] <= 1;
	if (address->family == AF_INET6 && memcmp(bytes, mapped, sizeof(mapped)) != 0)
		return false;
	if (address->family == AF_INET6)
		bytes += sizeof(mapped);
	return bytes[0] == 127 || bytes[0] == 0 || bytes[0] >= 224;
}

static void require_sound(const struct verdict *verdict)
{
	require(verdict->reason && verdict->reason[0]);
	require((verdict->error != 0) == (verdict->action == ACTION_REFUSE));
	require((verdict->target.address.family != AF_UNSPEC) == (verdict->action == ACTION_HOST));
}

static void require_safe_connect(const struct rules *rules, const struct socket_facts *facts,
				 const struct endpoint *destination, const struct verdict *verdict)
{
	require_sound(verdict);
	require(verdict->action != ACTION_CONTINUE);
	if (verdict->action != ACTION_HOST)
		return;
	require(facts->network == CONTAINER || facts->network == HOST);
	require(policy_allows(rules->policy, IPPROTO_TCP, destination));
	require(verdict->target.port == destination->port);
	require(verdict->target.address.family == destination->address.family);
	if (is_dns(rules, destination))
		return;
	require(!is_host_only(&destination->address));
	if (is_host_only(&verdict->target.address))
		require(rules->host_loopback && is_gateway(rules, destination));
	else
		require(endpoint_equal(&verdict->target, destination));
}

static void require_safe_bind(const struct rules *rules, const struct socket_facts *facts,
			      const struct endpoint *local, const struct verdict *verdict)
{
	const struct forward *forward;

	require_sound(verdict);
	require(verdict->action == ACTION_HOST || verdict->action == ACTION_CONTAINER);
	require((verdict->forward != 0) == (verdict->action == ACTION_HOST));
	if (verdict->action != ACTION_HOST)
		return;
	require(verdict->forward <= rules->forward_count);
	require(facts->type == SOCK_STREAM);
	forward = &forwards[verdict->forward - 1];
	require(verdict->target.port == forward->host.port && local->port == forward->guest.port);
	require(verdict->target.address.family == facts->domain);
	require(!address_is_loopback(&local->address));
}

static void check_connect(const struct rules *rules, const struct socket_facts *facts,
			  const struct call_address *address)
{
	struct endpoint endpoint = { 0 };
	struct verdict verdict;
	int error = facts->type == SOCK_STREAM
			    ? sockaddr_read_connect(address, facts->domain, &endpoint)
			    : sockaddr_read_connect_datagram(address, facts->domain, &endpoint);

	require(error == 0 || error == EINVAL || error == EAFNOSUPPORT);
	if (error != 0 || endpoint.address.family == AF_UNSPEC)
		return;
	verdict = verdict_connect(rules, facts, &endpoint);
	require_safe_connect(rules, facts, &endpoint, &verdict);
	if (verdict.forward != 0)
		require(verdict.action == ACTION_CONTAINER &&
			verdict_next_forward(rules, &endpoint, 0) == verdict.forward);
}

static void check_send(const struct rules *rules, const struct socket_facts *facts,
		       const struct call_address *address)
{
	struct endpoint endpoint = { 0 };
	struct verdict verdict;
	int error = sockaddr_read_send(address, facts->domain, &endpoint);

	require(error == 0 || error == EINVAL || error == EAFNOSUPPORT);
	if (error != 0 || endpoint.address.family == AF_UNSPEC)
		return;
	verdict = verdict_send(rules, facts, &endpoint);
	require_safe_connect(rules, facts, &endpoint, &verdict);
}

static void check_bind(const struct rules *rules, const struct socket_facts *facts,
		       const struct call_address *address, bool v6_only)
{
	struct endpoint endpoint = { 0 };
	struct verdict verdict;
	int error = sockaddr_read_bind(address, facts->domain, &endpoint);

	require(error == 0 || error == EINVAL || error == EAFNOSUPPORT);
	if (error != 0)
		return;
	verdict = verdict_bind(rules, facts, &endpoint, v6_only && facts->domain == AF_INET6);
	require_safe_bind(rules, facts, &endpoint, &verdict);
}

/* False where the kernel would refuse the length. */
static bool read_address(const uint8_t *data, size_t size, struct call_address *ret_address)
{
	int64_t length = (int16_t)(data[2] | data[3] << 8);
	size_t there = size - HEADER;

	if (sockaddr_check_length(length) != 0) {
		require(length < 0 || length > (int64_t)sizeof(ret_address->storage));
		return false;
	}
	require(length >= 0 && length <= (int64_t)sizeof(ret_address->storage));
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->length = (socklen_t)length;
	memcpy(&ret_address->storage, data + HEADER, MIN(there, (size_t)length));
	return true;
}

static struct rules make_rules(uint8_t options, const struct network *network,
			       const struct policy *policy, GArray *servers)
{
	return (struct rules){ .network = network,
			       .policy = policy,
			       .forwards = forwards,
			       .forward_count = ARRAY_SIZE(forwards),
			       .container_network = CONTAINER,
			       .host_network = HOST,
			       .host_loopback = options & LOOPBACK,
			       .packets = options & PACKETS,
			       .dns_servers = options & DNS ? servers : NULL };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct endpoint server = { { AF_INET, .bytes = { 127, 0, 0, 53 } }, 53 };
	g_autoptr(GArray) servers = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	struct policy policy = { 0 };
	struct call_address address;
	struct network network;
	struct socket_facts facts;
	struct rules rules;

	if (size < HEADER || !read_address(data, size, &address))
		return 0;
	g_array_append_val(servers, server);
	require(network_plan(NULL, NULL, data[0] & V6, 1500, &network, NULL));
	if (data[0] & DENY)
		require(policy_add(&policy, "192.0.2.0/24", false, NULL));
	rules = make_rules(data[0], &network, &policy, servers);
	facts = kinds[data[1] % ARRAY_SIZE(kinds)];
	facts.network = data[0] & ON_HOST ? HOST : data[0] & NESTED ? 1 : CONTAINER;
	switch (data[1] >> 6) {
	case 0:
		check_bind(&rules, &facts, &address, data[0] & ONLY);
		break;
	case 1:
		check_send(&rules, &facts, &address);
		break;
	default:
		check_connect(&rules, &facts, &address);
	}
	return 0;
}
