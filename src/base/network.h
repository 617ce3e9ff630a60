/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a session's virtual network. Pure. */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

#define NETWORK_CIDR_DEFAULT "10.0.2.0/24"
#define NETWORK_CIDR6_DEFAULT "fd00::/64"
#define NETWORK_MTU_DEFAULT 65520
#define NETWORK_MTU_MAX 65521

/* Every address is in network byte order. */
struct network {
	struct in_addr v4_network;
	struct in_addr v4_mask;
	struct in_addr
		v4_gateway;    /* network + 2: reaches the host's 127.0.0.1 where that is allowed */
	struct in_addr v4_dns; /* network + 3 */
	struct in_addr v4_dns_stream; /* network + 4: where DNS over TCP is taken to, unseen from
					 outside */
	struct in_addr v4_dhcp;	      /* network + 15, the first address that DHCP hands out */
	struct in_addr v4_guest;      /* network + 100: the container */
	struct in_addr v4_broadcast;
	struct in6_addr v6_prefix;
	struct in6_addr v6_gateway; /* prefix + 2 */
	struct in6_addr v6_dns;	    /* prefix + 3 */
	struct in6_addr v6_guest;   /* prefix + 0x100 */
	uint32_t mtu;		    /* of the container's interface, bytes of IP packet */
	uint8_t v4_length;
	uint8_t v6_length;
	bool v6; /* IPv6 is on */
};

/*
 * Tells whether network_plan takes cidr as the prefix of that family (AF_INET, AF_INET6). Returns
 * false with error set, whose text does not repeat cidr where that is no CIDR at all.
 */
bool network_check_cidr(const char *cidr, int family, GError **error);

/*
 * Lays out the network. cidr is an IPv4 prefix of length 1 to 25, cidr6 an IPv6 prefix of length
 * 1 to 64 (NULL takes the default of either). Returns false and sets error if one of them is not a
 * network address or too small, or if the MTU is outside 68..NETWORK_MTU_MAX (1280 with IPv6).
 */
bool network_plan(const char *cidr, const char *cidr6, bool v6, uint32_t mtu,
		  struct network *ret_network, GError **error);
