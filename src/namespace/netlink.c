/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single rtnetlink(7) requests. The kernel answers each within sendto(2), so none of them waits. */

#include "config.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "namespace/netlink.h"

#define MAC_LENGTH 6

/* Room for the longest request, the one of a veth pair; mnl_attr_put() does not check. */
union message {
	struct nlmsghdr header;
	char bytes[1024];
};

/* Begins a request of type; its fixed part (zeroed, to be filled in) is the return value. */
static void *start_request(union message *message, uint16_t type, uint16_t flags, size_t fixed)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(message->bytes);

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	header->nlmsg_seq = 1;
	return mnl_nlmsg_put_extra_header(header, fixed);
}

/* Sends the request and takes the acknowledgement. */
static int finish_request(struct mnl_socket *socket, union message *message)
{
	char answer[2 * sizeof(*message)]; /* an error comes with a copy of the request */
	ssize_t length;

	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, message->bytes, message->header.nlmsg_len) < 0)
		return -errno;
	length = mnl_socket_recvfrom(socket, answer, sizeof(answer));
	if (length < 0)
		return -errno;
	if (mnl_cb_run(answer, (size_t)length, message->header.nlmsg_seq,
		       mnl_socket_get_portid(socket), NULL, NULL) < 0)
		return -errno;
	return 0;
}

static int run_request(union message *message)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int result;

	if (!socket)
		return -errno;
	result = finish_request(socket, message);
	mnl_socket_close(socket);
	return result;
}

/* Begins a request that changes link index. */
static struct ifinfomsg *start_link_change(union message *message, unsigned int index)
{
	struct ifinfomsg *link = start_request(message, RTM_NEWLINK, 0, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = (int)index;
	return link;
}

static void put_veth_end(struct nlmsghdr *header, const struct netlink_veth *veth, const char *name)
{
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	mnl_attr_put_u32(header, IFLA_MTU, veth->mtu);
}

int netlink_veth_add(const struct netlink_veth *veth)
{
	union message message;
	struct nlmsghdr *header = &message.header;
	struct nlattr *info, *data, *peer;

	start_request(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	put_veth_end(header, veth, veth->near_name);
	info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	put_veth_end(header, veth, veth->far_name);
	mnl_attr_put_u32(header, IFLA_NET_NS_FD, (uint32_t)veth->far_netns);
	mnl_attr_nest_end(header, peer);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	return run_request(&message);
}

int netlink_link_delete(unsigned int index)
{
	union message message;
	struct ifinfomsg *link = start_request(&message, RTM_DELLINK, 0, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = (int)index;
	return run_request(&message);
}

int netlink_link_set_mtu(unsigned int index, uint32_t mtu)
{
	union message message;

	start_link_change(&message, index);
	mnl_attr_put_u32(&message.header, IFLA_MTU, mtu);
	return run_request(&message);
}

int netlink_link_set_mac(unsigned int index, const uint8_t mac[static 6])
{
	union message message;

	start_link_change(&message, index);
	mnl_attr_put(&message.header, IFLA_ADDRESS, MAC_LENGTH, mac);
	return run_request(&message);
}

int netlink_link_set_up(unsigned int index)
{
	union message message;
	struct ifinfomsg *link = start_link_change(&message, index);

	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	return run_request(&message);
}

int netlink_link_set_queue_length(unsigned int index, uint32_t packets)
{
	union message message;

	start_link_change(&message, index);
	mnl_attr_put_u32(&message.header, IFLA_TXQLEN, packets);
	return run_request(&message);
}

int netlink_link_set_no_autoconf(unsigned int index)
{
	union message message;
	struct nlmsghdr *header = &message.header;
	struct nlattr *families, *inet6;

	start_link_change(&message, index);
	families = mnl_attr_nest_start(header, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(header, AF_INET6);
	mnl_attr_put_u8(header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(header, inet6);
	mnl_attr_nest_end(header, families);
	return run_request(&message);
}

static size_t address_size(const struct address *address)
{
	return address->family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

int netlink_address_add(unsigned int index, const struct address *address, uint8_t length,
			const struct address *broadcast)
{
	union message message;
	struct nlmsghdr *header = &message.header;
	struct ifaddrmsg *fixed =
		start_request(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*fixed));

	fixed->ifa_family = (uint8_t)address->family;
	fixed->ifa_prefixlen = length;
	fixed->ifa_flags = address->family == AF_INET6 ? IFA_F_NODAD : 0;
	fixed->ifa_scope = RT_SCOPE_UNIVERSE;
	fixed->ifa_index = index;
	mnl_attr_put(header, IFA_LOCAL, address_size(address), address->bytes);
	mnl_attr_put(header, IFA_ADDRESS, address_size(address), address->bytes);
	if (broadcast)
		mnl_attr_put(header, IFA_BROADCAST, address_size(broadcast), broadcast->bytes);
	return run_request(&message);
}

int netlink_route_add(unsigned int index, const struct netlink_route *route)
{
	union message message;
	struct nlmsghdr *header = &message.header;
	const struct prefix *prefix = &route->prefix;
	struct rtmsg *fixed =
		start_request(&message, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*fixed));

	fixed->rtm_family = (uint8_t)prefix->address.family;
	fixed->rtm_dst_len = prefix->length;
	fixed->rtm_table = RT_TABLE_MAIN;
	fixed->rtm_protocol = RTPROT_BOOT;
	fixed->rtm_scope = route->gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	fixed->rtm_type = RTN_UNICAST;
	if (prefix->length > 0)
		mnl_attr_put(header, RTA_DST, address_size(&prefix->address),
			     prefix->address.bytes);
	if (route->gateway)
		mnl_attr_put(header, RTA_GATEWAY, address_size(route->gateway),
			     route->gateway->bytes);
	if (route->source)
		mnl_attr_put(header, RTA_PREFSRC, address_size(route->source),
			     route->source->bytes);
	mnl_attr_put_u32(header, RTA_OIF, index);
	return run_request(&message);
}

int netlink_route_add_default(unsigned int index, const struct address *gateway)
{
	const struct netlink_route route = { .prefix.address.family = gateway->family,
					     .gateway = gateway };

	return netlink_route_add(index, &route);
}

int netlink_neighbour_add(unsigned int index, const struct address *address,
			  const uint8_t mac[static 6])
{
	union message message;
	struct ndmsg *neighbour = start_request(&message, RTM_NEWNEIGH,
						NLM_F_CREATE | NLM_F_REPLACE, sizeof(*neighbour));

	neighbour->ndm_family = (uint8_t)address->family;
	neighbour->ndm_ifindex = (int)index;
	neighbour->ndm_state = NUD_PERMANENT;
	mnl_attr_put(&message.header, NDA_DST, address_size(address), address->bytes);
	mnl_attr_put(&message.header, NDA_LLADDR, MAC_LENGTH, mac);
	return run_request(&message);
}
