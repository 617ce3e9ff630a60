/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, routes and flags of interfaces in the calling thread's network namespace. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include "base/address.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "namespace/interface.h"
#include "namespace/netlink.h"

#define MAC_LENGTH 6

/* A prefix that is one address. */
#define V4_BITS 32
#define V6_BITS 128

/* Finds the index of an interface; 0 with error set if there is none of that name. */
static unsigned int find_index(const char *name, GError **error)
{
	unsigned int index = if_nametoindex(name);

	if (index == 0)
		error_set_errno(error, errno, "can't find the interface %s", name);
	return index;
}

/* Passes a step's result on: sets error to "can't DO NAME: ..." if result is -errno. */
static bool check_step(int result, const char *step, const char *name, GError **error)
{
	if (result == 0)
		return true;
	error_set_errno(error, -result, "can't %s %s", step, name);
	return false;
}

bool interface_up_loopback(GError **error)
{
	unsigned int index = find_index("lo", error);

	return index != 0 && check_step(netlink_link_set_up(index), "bring up", "lo", error);
}

/* Without IPv6 in this kernel there is no address to give, which is no error here. */
bool interface_configure_loopback(const struct network *network, GError **error)
{
	struct address v4 = address_from_v4(network->v4_guest);
	struct address v6 = address_from_v6(&network->v6_guest);
	unsigned int index = find_index("lo", error);

	if (index == 0 || !check_step(netlink_link_set_up(index), "bring up", "lo", error) ||
	    !check_step(netlink_address_add(index, &v4, V4_BITS, NULL), "set the IPv4 address of",
			"lo", error))
		return false;
	if (network->v6)
		(void)netlink_address_add(index, &v6, V6_BITS, NULL);
	return true;
}

/* Reads "52:54:00:12:34:56"; only addresses that an interface can have are taken. */
static bool parse_mac(const char *text, uint8_t ret_mac[static MAC_LENGTH], GError **error)
{
	unsigned int byte[MAC_LENGTH];
	bool some = false;
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &end) != MAC_LENGTH ||
	    end != 3 * MAC_LENGTH - 1 || text[end] != '\0' || text[0] == '-' || text[0] == '+') {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "invalid MAC address: %s (wanted is one like 52:54:00:12:34:56)", text);
		return false;
	}
	for (size_t i = 0; i < MAC_LENGTH; i++)
		some = some || byte[i] != 0;
	if (!some || byte[0] & 1) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "invalid MAC address: %s (zero and multicast can't be an interface's)",
			  text);
		return false;
	}
	for (size_t i = 0; i < MAC_LENGTH; i++)
		ret_mac[i] = (uint8_t)byte[i];
	return true;
}

/*
 * Settles how the interface treats IPv6, before it is up. Nobody sends advertisements that should
 * count here, and addresses on a wire with one host need no duplicate detection. /proc may be
 * read-only: everything works without these, only later or less quietly.
 */
static void write_ipv6_settings(const char *name)
{
	static const struct {
		const char *setting;
		char value;
	} settings[] = {
		{ "disable_ipv6", '0' },
		{ "accept_ra", '0' },
		{ "autoconf", '0' },
		{ "accept_dad", '0' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		g_autofree char *path =
			g_strdup_printf("/proc/sys/net/ipv6/conf/%s/%s", name, settings[i].setting);
		CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

		if (fd >= 0)
			descriptor_write_all(fd, &settings[i].value, 1);
	}
}

static bool configure_link(unsigned int index, const char *name, const char *mac, uint32_t mtu,
			   GError **error)
{
	uint8_t bytes[MAC_LENGTH];

	if (mac) {
		if (!parse_mac(mac, bytes, error) ||
		    !check_step(netlink_link_set_mac(index, bytes), "set the MAC address of", name,
				error))
			return false;
	}
	return check_step(netlink_link_set_mtu(index, mtu), "set the MTU of", name, error);
}

static bool configure_v4(unsigned int index, const char *name, const struct network *network,
			 GError **error)
{
	struct address address = address_from_v4(network->v4_guest);
	struct address broadcast = address_from_v4(network->v4_broadcast);
	struct address gateway = address_from_v4(network->v4_gateway);
	int result;

	if (!check_step(netlink_address_add(index, &address, network->v4_length, &broadcast),
			"set the IPv4 address of", name, error))
		return false;
	result = netlink_route_add_default(index, &gateway);
	if (result == -EEXIST) {
		error_set(error, SLIRPWAY_ERROR_IN_USE,
			  "can't set the default route over %s: the namespace has one already",
			  name);
		return false;
	}
	return check_step(result, "set the IPv4 default route over", name, error);
}

/* Like check_step(), with what can be done when the system has no IPv6 to give. */
static bool check_v6_step(int result, const char *step, const char *name, GError **error)
{
	if (result == 0)
		return true;
	if (access("/proc/sys/net/ipv6", F_OK) < 0 && errno == ENOENT)
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "can't %s %s: this kernel has no IPv6 (--no-ipv6 goes on without)", step,
			  name);
	else
		error_set_errno(error, -result,
				"can't %s %s (if IPv6 is disabled here, --no-ipv6 goes on without)",
				step, name);
	return false;
}

static bool configure_v6(unsigned int index, const char *name, const struct network *network,
			 GError **error)
{
	struct address address = address_from_v6(&network->v6_guest);
	struct address gateway = address_from_v6(&network->v6_gateway);

	return check_v6_step(netlink_address_add(index, &address, network->v6_length, NULL),
			     "set the IPv6 address of", name, error) &&
	       check_v6_step(netlink_route_add_default(index, &gateway),
			     "set the IPv6 default route over", name, error);
}

bool interface_configure(const char *name, const char *mac, const struct network *network,
			 GError **error)
{
	unsigned int index = find_index(name, error);

	if (index == 0 || !configure_link(index, name, mac, network->mtu, error))
		return false;
	if (network->v6)
		write_ipv6_settings(name);
	if (!check_step(netlink_link_set_up(index), "bring up", name, error) ||
	    !configure_v4(index, name, network, error))
		return false;
	return !network->v6 || configure_v6(index, name, network, error);
}
