/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which device of the host leads to an address. */

#include "config.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "syscall/egress_device.h"

#define REPLY_MAX 8192

struct route_reply {
	unsigned char type; /* RTN_* */
	unsigned int device;
};

static void put_address(struct nlmsghdr *message, uint16_t name, const struct address *address)
{
	size_t length = address->family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);

	if (address->family != AF_UNSPEC)
		mnl_attr_put(message, name, length, address->bytes);
}

/* flags: 0 for the route that a packet takes, RTM_F_FIB_MATCH for the entry of the table. */
static size_t build_request(void *buffer, const struct address *destination,
			    const struct address *source, unsigned int flags)
{
	const unsigned char bits = destination->family == AF_INET ? 32 : 128;
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct rtmsg *route;

	message->nlmsg_type = RTM_GETROUTE;
	message->nlmsg_flags = NLM_F_REQUEST;
	route = mnl_nlmsg_put_extra_header(message, sizeof(*route));
	route->rtm_family = (unsigned char)destination->family;
	route->rtm_dst_len = bits;
	route->rtm_flags = flags;
	put_address(message, RTA_DST, destination);
	if (source->family == destination->family) {
		route->rtm_src_len = bits;
		put_address(message, RTA_SRC, source);
	}
	return message->nlmsg_len;
}

static int on_attribute(const struct nlattr *attribute, void *data)
{
	struct route_reply *reply = data;

	if (mnl_attr_get_type(attribute) == RTA_OIF &&
	    mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0)
		reply->device = mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

static int read_reply(const void *buffer, size_t length, struct route_reply *ret_reply)
{
	const struct nlmsghdr *message = buffer;
	const struct nlmsgerr *error;
	const struct rtmsg *route;

	if (!mnl_nlmsg_ok(message, (int)length))
		return -EBADMSG;
	if (message->nlmsg_type == NLMSG_ERROR) {
		error = mnl_nlmsg_get_payload(message);
		return error->error < 0 ? error->error : -EBADMSG;
	}
	if (message->nlmsg_type != RTM_NEWROUTE)
		return -EBADMSG;
	route = mnl_nlmsg_get_payload(message);
	*ret_reply = (struct route_reply){ .type = route->rtm_type };
	mnl_attr_parse(message, sizeof(*route), on_attribute, ret_reply);
	return 0;
}

static int ask(int fd, const struct address *destination, const struct address *source,
	       unsigned int flags, struct route_reply *ret_reply)
{
	_Alignas(struct nlmsghdr) char buffer[REPLY_MAX] = { 0 };
	size_t length = build_request(buffer, destination, source, flags);
	ssize_t received;

	if (send(fd, buffer, length, 0) < 0)
		return -errno;
	received = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT); /* answered in send */
	return received < 0 ? -errno : read_reply(buffer, (size_t)received, ret_reply);
}

static int refusal_of_type(unsigned char type)
{
	switch (type) {
	case RTN_UNREACHABLE:
		return -EHOSTUNREACH;
	case RTN_PROHIBIT:
		return -EACCES;
	case RTN_BLACKHOLE:
		return -EINVAL;
	default:
		return 0;
	}
}

/* The index of the device to bind to, or -errno. */
static int find_index(int fd, const struct address *destination, const struct address *source)
{
	const unsigned int loopback = 1; /* LOOPBACK_IFINDEX of every network namespace */
	struct route_reply reply = { 0 };
	int result = ask(fd, destination, source, 0, &reply);

	if (result == 0)
		result = refusal_of_type(reply.type);
	if (result < 0)
		return result;
	/* A packet to oneself goes over lo; the table's entry knows whose address it is. */
	if (reply.device == loopback && !address_is_loopback(destination)) {
		result = ask(fd, destination, source, RTM_F_FIB_MATCH, &reply);
		if (result < 0)
			return result;
		if (reply.device == loopback)
			return -EACCES;
	}
	return reply.device == 0 ? -ENETUNREACH : (int)reply.device;
}

int egress_device_find(const struct address *destination, const struct address *source,
		       char ret_name[static IF_NAMESIZE])
{
	CLEANUP_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	char name[IF_NAMESIZE];
	int index;

	if (fd < 0)
		return -errno;
	index = find_index(fd, destination, source);
	if (index < 0)
		return index;
	if (!if_indextoname((unsigned int)index, name))
		return -errno;
	memcpy(ret_name, name, sizeof(name));
	return 0;
}
