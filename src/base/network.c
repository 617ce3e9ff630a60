/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a session's virtual network. Pure. */

#include "config.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "base/network.h"

#define MTU_MIN 68	 /* RFC 791 */
#define MTU_MIN_V6 1280	 /* RFC 8200, section 5 */
#define MTU_EXAMPLE 1500 /* of an Ethernet */
#define V4_LENGTH_MAX 25
#define V6_LENGTH_MAX 64

/* Splits "ADDRESS/LENGTH"; the address goes to ret_address as inet_pton(3) writes it. */
static bool parse_cidr(const char *text, int family, void *ret_address, int *ret_length)
{
	const char *slash = strchr(text, '/');
	g_autofree char *address = NULL;
	gint64 length;

	if (!slash || !g_ascii_string_to_signed(slash + 1, 10, INT_MIN, INT_MAX, &length, NULL))
		return false;
	address = g_strndup(text, (gsize)(slash - text));
	if (inet_pton(family, address, ret_address) != 1)
		return false;
	*ret_length = (int)length;
	return true;
}

/* Reports a CIDR whose host bits are set, and the network it lies in as what was perhaps meant. */
static bool refuse_host_bits(const char *cidr, int family, const void *network, int length,
			     GError **error)
{
	char text[INET6_ADDRSTRLEN];
	g_autofree char *proper = NULL;

	inet_ntop(family, network, text, sizeof(text));
	proper = g_strdup_printf("%s/%d", text, length);
	error_set(error, SLIRPWAY_ERROR_USAGE,
		  "CIDR needs to be a network address like %s, not like %s", proper, cidr);
	return false;
}

static bool check_length(int length, int maximum, const char *example, GError **error)
{
	if (length >= 1 && length <= maximum)
		return true;
	error_set(error, SLIRPWAY_ERROR_USAGE,
		  "prefix length needs to be 1-%d, not %d; an example is %s", maximum, length,
		  example);
	return false;
}

static struct in_addr v4_at(struct in_addr network, uint32_t offset)
{
	return (struct in_addr){ .s_addr = htonl(ntohl(network.s_addr) + offset) };
}

static bool plan_v4(const char *cidr, struct network *plan, GError **error)
{
	struct in_addr address, network;
	uint32_t mask;
	int length;

	if (!parse_cidr(cidr, AF_INET, &address, &length)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "invalid CIDR, which is written like %s",
			  NETWORK_CIDR_DEFAULT);
		return false;
	}
	if (!check_length(length, V4_LENGTH_MAX, NETWORK_CIDR_DEFAULT, error))
		return false;
	mask = UINT32_MAX << (32 - length);
	network.s_addr = address.s_addr & htonl(mask);
	if (network.s_addr != address.s_addr)
		return refuse_host_bits(cidr, AF_INET, &network, length, error);
	plan->v4_length = (uint8_t)length;
	plan->v4_network = network;
	plan->v4_mask.s_addr = htonl(mask);
	plan->v4_broadcast.s_addr = network.s_addr | htonl(~mask);
	plan->v4_gateway = v4_at(network, 2);
	plan->v4_dns = v4_at(network, 3);
	plan->v4_dns_stream = v4_at(network, 4);
	plan->v4_dhcp = v4_at(network, 15);
	plan->v4_guest = v4_at(network, 100);
	return true;
}

/* Only the last two bytes are set; they are zero in a prefix of at most 64 bits. */
static struct in6_addr v6_at(const struct in6_addr *prefix, uint16_t offset)
{
	struct in6_addr address = *prefix;

	address.s6_addr[14] = (uint8_t)(offset >> 8);
	address.s6_addr[15] = (uint8_t)offset;
	return address;
}

static bool plan_v6(const char *cidr, struct network *plan, GError **error)
{
	struct in6_addr address, prefix;
	int length;

	if (!parse_cidr(cidr, AF_INET6, &address, &length)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "invalid CIDR, which is written like %s",
			  NETWORK_CIDR6_DEFAULT);
		return false;
	}
	if (!check_length(length, V6_LENGTH_MAX, NETWORK_CIDR6_DEFAULT, error))
		return false;
	prefix = address;
	for (int bit = length; bit < 128; bit++)
		prefix.s6_addr[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	if (memcmp(&prefix, &address, sizeof(prefix)) != 0)
		return refuse_host_bits(cidr, AF_INET6, &prefix, length, error);
	plan->v6_length = (uint8_t)length;
	plan->v6_prefix = prefix;
	plan->v6_gateway = v6_at(&prefix, 2);
	plan->v6_dns = v6_at(&prefix, 3);
	plan->v6_guest = v6_at(&prefix, 0x100);
	return true;
}

bool network_check_cidr(const char *cidr, int family, GError **error)
{
	struct network plan;

	return family == AF_INET6 ? plan_v6(cidr, &plan, error) : plan_v4(cidr, &plan, error);
}

bool network_plan(const char *cidr, const char *cidr6, bool v6, uint32_t mtu,
		  struct network *ret_network, GError **error)
{
	struct network plan = { .v6 = v6, .mtu = mtu };
	uint32_t minimum = v6 ? MTU_MIN_V6 : MTU_MIN;

	if (!plan_v4(cidr ? cidr : NETWORK_CIDR_DEFAULT, &plan, error) ||
	    !plan_v6(cidr6 ? cidr6 : NETWORK_CIDR6_DEFAULT, &plan, error))
		return false;
	if (mtu < minimum || mtu > NETWORK_MTU_MAX) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "MTU needs to be %u-%u%s, not %u; an example is %d", minimum,
			  (unsigned)NETWORK_MTU_MAX, v6 ? " with IPv6" : "", mtu, MTU_EXAMPLE);
		return false;
	}
	*ret_network = plan;
	return true;
}
