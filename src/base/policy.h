/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which destinations a container may reach: the rules of --allow and --deny. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

#define POLICY_RULES_MAX 256

/* One rule; it matches if the address, the port and the protocol all match. */
struct policy_rule {
	struct prefix prefix; /* family AF_UNSPEC: any address of either family */
	uint16_t port_first;  /* host byte order; 0..65535 means any */
	uint16_t port_last;
	uint8_t protocol; /* IPPROTO_TCP, _UDP, _ICMP (either family's), or 0 for any */
	bool allow;
};

/* Rules in the order given; the last that matches decides, and with none everything is allowed. */
struct policy {
	uint32_t count;
	struct policy_rule rules[POLICY_RULES_MAX];
};

/*
 * Appends the rule written as "CIDR[:PORTS][/PROTO]" ("10.0.0.0/8:1-1023/tcp", "[fd00::/8]:53/udp",
 * "any/icmp"). PORTS is a port or a range, from 1 to 65535; PROTO is tcp, udp or icmp. An IPv6
 * address needs brackets before PORTS, a prefix does not ("fd00::/8:53"). Returns false and sets
 * error for anything else, and when the policy is full; the policy is then unchanged.
 */
bool policy_add(struct policy *policy, const char *text, bool allow, GError **error);

/*
 * True if a flow of protocol (IPPROTO_TCP, _UDP, _ICMP or _ICMPV6) to destination is allowed.
 * A v4-mapped destination is judged as the IPv4 address that it is. ICMP has no ports: a rule that
 * names some never matches it, and the port in destination is not looked at.
 */
bool policy_allows(const struct policy *policy, uint8_t protocol,
		   const struct endpoint *destination);

/* The text of a rule as policy_add takes it; the caller frees it. */
char *policy_rule_format(const struct policy_rule *rule);
