/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table of rules and destinations for both paths: what must be reached, and what must not. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <glib.h>
#include <string.h>

#include "base/util.h"
#include "policy_rows.h"

#define LOOPBACK POLICY_LOOPBACK
#define NO_V6 POLICY_NO_V6
#define OUT POLICY_OUT
#define TO_LOOPBACK POLICY_TO_LOOPBACK
#define REFUSED POLICY_REFUSED
#define UNREACHABLE POLICY_UNREACHABLE
#define STAYS POLICY_STAYS

const struct policy_row policy_rows[] = {
	/* Outside. */
	{ 0, "", "198.51.100.7", 80, OUT },
	{ 0, "", "198.51.100.7", 0, OUT },
	{ 0, "", "1.0.0.0", 80, OUT },
	{ 0, "", "126.255.255.255", 80, OUT },
	{ 0, "", "128.0.0.0", 80, OUT },
	{ 0, "", "223.255.255.255", 80, OUT },
	{ 0, "", "10.0.1.255", 80, OUT },
	{ 0, "", "10.0.3.0", 80, OUT },
	{ 0, "", "192.168.1.1", 80, OUT },
	{ 0, "", "169.254.169.254", 80, OUT },
	{ 0, "", "::ffff:198.51.100.7", 80, OUT },
	{ 0, "", "::ffff:169.254.169.254", 80, OUT },
	{ 0, "", "2001:db8::7", 443, OUT },
	{ 0, "", "fcff::1", 443, OUT },
	{ 0, "", "fd00:0:0:1::2", 443, OUT },
	{ 0, "", "fec0::1", 443, OUT },
	{ 0, "", "::1:0:0:0", 443, OUT },
	{ 0, "", "::ffff:0:127.0.0.1", 443, OUT },
	{ 0, "", "64:ff9b::127.0.0.1", 443, OUT },
	{ 0, "", "2002:7f00:1::1", 443, OUT },
	/* Loopback and what the kernel takes for it. */
	{ LOOPBACK, "", "127.0.0.1", 80, STAYS },
	{ LOOPBACK, "", "127.0.0.0", 80, STAYS },
	{ LOOPBACK, "", "127.0.0.53", 53, STAYS },
	{ LOOPBACK, "", "127.255.255.254", 80, STAYS },
	{ LOOPBACK, "", "127.255.255.255", 80, STAYS },
	{ LOOPBACK, "", "0.0.0.0", 80, STAYS },
	{ LOOPBACK, "", "::", 80, STAYS },
	{ LOOPBACK, "", "::1", 80, STAYS },
	{ LOOPBACK, "", "::ffff:127.0.0.1", 80, STAYS },
	{ LOOPBACK, "", "::ffff:127.255.255.254", 80, STAYS },
	{ LOOPBACK, "", "::ffff:0.0.0.0", 80, STAYS },
	{ LOOPBACK, "+any", "127.0.0.1", 80, STAYS },
	{ LOOPBACK, "+127.0.0.0/8", "127.0.0.1", 80, STAYS },
	{ LOOPBACK, "+[::1]", "::1", 80, STAYS },
	/* Nothing that a network carries. */
	{ LOOPBACK, "", "0.0.0.1", 80, STAYS },
	{ LOOPBACK, "", "0.255.255.255", 80, STAYS },
	{ LOOPBACK, "", "::ffff:0.0.0.1", 80, STAYS },
	{ LOOPBACK, "", "::127.0.0.1", 80, STAYS },
	{ LOOPBACK, "", "::198.51.100.7", 80, STAYS },
	{ LOOPBACK, "", "::2", 80, STAYS },
	{ LOOPBACK, "", "240.0.0.0", 80, STAYS },
	{ LOOPBACK, "", "255.255.255.254", 80, STAYS },
	{ LOOPBACK, "", "255.255.255.255", 80, STAYS },
	{ LOOPBACK, "", "::ffff:255.255.255.255", 80, STAYS },
	/* Multicast and link-local. */
	{ LOOPBACK, "", "224.0.0.1", 80, STAYS },
	{ LOOPBACK, "", "239.255.255.255", 80, STAYS },
	{ LOOPBACK, "", "::ffff:224.0.0.1", 80, STAYS },
	{ LOOPBACK, "", "ff02::1", 80, STAYS },
	{ LOOPBACK, "", "ff0e::1", 80, STAYS },
	{ LOOPBACK, "", "fe80::1", 80, STAYS },
	{ LOOPBACK, "", "febf:ffff::1", 80, STAYS },
	/* The virtual network. */
	{ LOOPBACK, "", "10.0.2.0", 80, STAYS },
	{ LOOPBACK, "", "10.0.2.1", 80, STAYS },
	{ LOOPBACK, "", "10.0.2.4", 53, STAYS },
	{ LOOPBACK, "", "10.0.2.15", 80, STAYS },
	{ LOOPBACK, "", "10.0.2.100", 80, STAYS },
	{ LOOPBACK, "", "10.0.2.255", 80, STAYS },
	{ LOOPBACK, "", "::ffff:10.0.2.100", 80, STAYS },
	{ LOOPBACK, "", "fd00::", 80, STAYS },
	{ LOOPBACK, "", "fd00::1", 80, STAYS },
	{ LOOPBACK, "", "fd00::100", 80, STAYS },
	{ LOOPBACK, "", "fd00::ffff:ffff:ffff:ffff", 80, STAYS },
	/* The gateway. */
	{ 0, "", "10.0.2.2", 80, UNREACHABLE },
	{ 0, "", "::ffff:10.0.2.2", 80, UNREACHABLE },
	{ 0, "", "fd00::2", 80, UNREACHABLE },
	{ 0, "+10.0.2.2", "10.0.2.2", 80, UNREACHABLE },
	{ 0, "-any", "10.0.2.2", 80, UNREACHABLE },
	{ LOOPBACK, "", "10.0.2.2", 80, TO_LOOPBACK },
	{ LOOPBACK, "", "::ffff:10.0.2.2", 80, TO_LOOPBACK },
	{ LOOPBACK, "", "fd00::2", 80, TO_LOOPBACK },
	{ LOOPBACK, "-10.0.2.2", "10.0.2.2", 80, REFUSED },
	{ LOOPBACK, "-10.0.2.2", "::ffff:10.0.2.2", 80, REFUSED },
	{ LOOPBACK, "-10.0.2.0/24:22/tcp", "10.0.2.2", 22, REFUSED },
	{ LOOPBACK, "-10.0.2.0/24:22/tcp", "10.0.2.2", 23, TO_LOOPBACK },
	{ LOOPBACK, "-[fd00::2]", "fd00::2", 80, REFUSED },
	/* It is the gateway that policy judges, not the loopback that it stands for. */
	{ LOOPBACK, "-127.0.0.0/8", "10.0.2.2", 80, TO_LOOPBACK },
	{ LOOPBACK, "-any +127.0.0.1", "10.0.2.2", 80, REFUSED },
	/* Policy. */
	{ 0, "-any", "198.51.100.7", 80, REFUSED },
	{ 0, "-any", "2001:db8::7", 80, REFUSED },
	{ 0, "-any", "127.0.0.1", 80, STAYS },
	{ 0, "-any", "::1", 80, STAYS },
	{ 0, "-any", "10.0.2.100", 80, STAYS },
	{ 0, "-any", "224.0.0.1", 80, STAYS },
	{ 0, "-any", "255.255.255.255", 80, STAYS },
	{ 0, "-any +198.51.100.7", "198.51.100.7", 80, OUT },
	{ 0, "-any +198.51.100.7", "198.51.100.8", 80, REFUSED },
	{ 0, "+198.51.100.7 -any", "198.51.100.7", 80, REFUSED },
	{ 0, "-any:80/tcp", "198.51.100.7", 80, REFUSED },
	{ 0, "-any:80/tcp", "198.51.100.7", 81, OUT },
	{ 0, "-any:80/udp", "198.51.100.7", 80, OUT },
	{ 0, "-any/icmp", "198.51.100.7", 80, OUT },
	{ 0, "-198.51.100.0/24", "::ffff:198.51.100.7", 80, REFUSED },
	{ 0, "-[::ffff:198.51.100.0]/120", "198.51.100.7", 80, REFUSED },
	{ 0, "-169.254.0.0/16", "169.254.169.254", 80, REFUSED },
	{ 0, "-169.254.0.0/16", "::ffff:169.254.169.254", 80, REFUSED },
	{ 0, "-0.0.0.0/0", "2001:db8::7", 80, OUT },
	{ 0, "-[2001:db8::]/32", "2001:db8::7", 80, REFUSED },
	{ 0, "-10.0.0.0/8 +10.1.2.3:443/tcp", "10.1.2.3", 443, OUT },
	{ 0, "-10.0.0.0/8 +10.1.2.3:443/tcp", "10.1.2.3", 444, REFUSED },
	/* Without IPv6. */
	{ NO_V6 | LOOPBACK, "", "2001:db8::7", 80, STAYS },
	{ NO_V6 | LOOPBACK, "-any", "2001:db8::7", 80, STAYS },
	{ NO_V6 | LOOPBACK, "", "fd00::2", 80, STAYS },
	{ NO_V6 | LOOPBACK, "", "::1", 80, STAYS },
	{ NO_V6 | LOOPBACK, "", "::ffff:127.0.0.1", 80, STAYS },
	{ NO_V6, "", "198.51.100.7", 80, OUT },
	{ NO_V6, "", "::ffff:198.51.100.7", 80, OUT },
};

const size_t policy_row_count = ARRAY_SIZE(policy_rows);

void policy_row_read(const char *rules, int options, struct policy *policy, struct network *network)
{
	g_auto(GStrv) words = g_strsplit(rules, " ", 0);

	memset(policy, 0, sizeof(*policy));
	for (size_t i = 0; words[i] && words[i][0]; i++)
		ck_assert_msg(policy_add(policy, words[i] + 1, words[i][0] == '+', NULL),
			      "bad rule %s", words[i]);
	ck_assert(network_plan(NULL, NULL, !(options & POLICY_NO_V6), NETWORK_MTU_DEFAULT, network,
			       NULL));
}

/* Any function will do that leaves few bits as they were. */
static uint32_t scramble(uint32_t n)
{
	n = (n ^ (n >> 16)) * 0x45d9f3bU;
	n = (n ^ (n >> 16)) * 0x45d9f3bU;
	return n ^ (n >> 16);
}

void policy_sweep_address(uint32_t n, char *text)
{
	uint32_t random = scramble(n);
	const char *base = policy_rows[random % ARRAY_SIZE(policy_rows)].destination;
	int family = strchr(base, ':') ? AF_INET6 : AF_INET;
	uint32_t bits = family == AF_INET6 ? 128 : 32;
	uint8_t bytes[16];

	ck_assert_int_eq(inet_pton(family, base, bytes), 1);
	/* One bit, or two, or none are another's. */
	for (uint32_t flips = (random >> 8) % 3; flips > 0; flips--) {
		uint32_t bit = scramble(n + flips * 0x9e3779b9U) % bits;

		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	inet_ntop(family, bytes, text, INET6_ADDRSTRLEN);
}
