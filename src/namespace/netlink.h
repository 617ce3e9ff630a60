/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single rtnetlink(7) requests in the calling thread's network namespace; each waits for its
 * answer. */
#pragma once

#include <stdint.h>

#include "base/address.h"

/* A veth pair whose ends are in different namespaces; both ends get mtu. */
struct netlink_veth {
	const char *near_name; /* stays in the calling thread's network namespace */
	const char *far_name;  /* goes to the namespace of far_netns */
	int far_netns;	       /* descriptor of a network namespace; the caller's */
	uint32_t mtu;	       /* bytes of IP packet */
	uint32_t
		gso_segments; /* the most segments of one packet that crosses the pair; 1: no GSO */
};

/* Every function takes an interface index where it takes one, and returns 0 or -errno. */
int netlink_veth_add(const struct netlink_veth *veth);
int netlink_link_delete(unsigned int index);
int netlink_link_set_mtu(unsigned int index, uint32_t mtu);
int netlink_link_set_mac(unsigned int index, const uint8_t mac[static 6]);
int netlink_link_set_up(unsigned int index);

/* How many packets wait in the interface's queue at most (txqueuelen). */
int netlink_link_set_queue_length(unsigned int index, uint32_t packets);

/* Makes the interface take no IPv6 address of its own accord, not even a link-local one. */
int netlink_link_set_no_autoconf(unsigned int index);

/* Adds address (IPv6 without duplicate detection); broadcast NULL: none. One that is there stays.
 */
int netlink_address_add(unsigned int index, const struct address *address, uint8_t length,
			const struct address *broadcast);

/* Adds the default route of gateway's family; -EEXIST if there is one. */
int netlink_route_add_default(unsigned int index, const struct address *gateway);

/* A route; all addresses are of the prefix's family. */
struct netlink_route {
	struct prefix prefix;
	const struct address *gateway; /* NULL: its addresses are on the link itself */
	const struct address *source;  /* preferred for what goes there; NULL: the kernel chooses */
};

/* Adds the route; -EEXIST if there is one. */
int netlink_route_add(unsigned int index, const struct netlink_route *route);

/* Tells the interface, for good, the link address of a neighbour (ip-neighbour(8), "permanent"). */
int netlink_neighbour_add(unsigned int index, const struct address *address,
			  const uint8_t mac[static 6]);
