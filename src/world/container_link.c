/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What joins a container to the world's host where root does it.
 *
 * The names and addresses are always the same: one container is there at a time, and a pair of
 * before whose namespace is about to end is deleted. As on the world's line, both ends know each
 * other's link address, or the first packet might wait for a second.
 */

#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>

#include "base/address.h"
#include "namespace/netlink.h"
#include "world/container_link.h"
#include "world/world.h"

#define HOST_END "container"
#define CONTAINER_END "eth0"
#define GATEWAY "10.0.3.1"
#define ADDRESS "10.0.3.2"
#define ADDRESS_LENGTH 24
#define SINGLE_LENGTH 32
#define MAC_LENGTH 6

static const uint8_t host_mac[MAC_LENGTH] = { 0x02, 0, 0, 0, 0x03, 0x01 };
static const uint8_t container_mac[MAC_LENGTH] = { 0x02, 0, 0, 0, 0x03, 0x02 };

/* Brings up an end that knows its neighbour. */
static int start_end(unsigned int index, const uint8_t *mac, const struct address *address,
		     uint8_t length)
{
	int r = netlink_link_set_mac(index, mac);

	if (r == 0)
		r = netlink_address_add(index, address, length, NULL);
	return r == 0 ? netlink_link_set_up(index) : r;
}

/* In the container's network namespace. */
static int configure_container_end(void)
{
	const unsigned int index = if_nametoindex(CONTAINER_END);
	struct address address, gateway;
	int r;

	if (index == 0)
		return -errno;
	address_parse(ADDRESS, &address);
	address_parse(GATEWAY, &gateway);
	r = start_end(index, container_mac, &address, ADDRESS_LENGTH);
	if (r == 0)
		r = netlink_neighbour_add(index, &gateway, host_mac);
	return r == 0 ? netlink_route_add_default(index, &gateway) : r;
}

/*
 * The host's servers answer from the host's address, whichever way the answer goes: a datagram from
 * another would not be taken by who asked.
 */
static int configure_host_end(void)
{
	const unsigned int index = if_nametoindex(HOST_END);
	struct address address, gateway, source;
	struct netlink_route route = { .source = &source };
	int r;

	if (index == 0)
		return -errno;
	address_parse(ADDRESS, &address);
	address_parse(GATEWAY, &gateway);
	address_parse(WORLD_HOST4, &source);
	prefix_parse(WORLD_CONTAINERS, &route.prefix);
	r = start_end(index, host_mac, &gateway, SINGLE_LENGTH);
	if (r == 0)
		r = netlink_route_add(index, &route);
	return r == 0 ? netlink_neighbour_add(index, &address, container_mac) : r;
}

int container_link_make(int host, int container, uint32_t mtu)
{
	struct netlink_veth veth = {
		.near_name = HOST_END, .far_name = CONTAINER_END, .far_netns = container, .mtu = mtu
	};
	const unsigned int former = if_nametoindex(HOST_END);
	int r;

	if (former > 0)
		(void)netlink_link_delete(former);
	r = netlink_veth_add(&veth);
	if (r == 0)
		r = configure_host_end();
	if (r < 0)
		return r;
	if (setns(container, CLONE_NEWNET) < 0)
		return -errno;
	r = configure_container_end();
	return setns(host, CLONE_NEWNET) < 0 ? -errno : r;
}
