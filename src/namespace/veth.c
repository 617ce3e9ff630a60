/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A veth pair with a packet socket on its far end.
 *
 * The far end can't be in the host's network namespace, where an ordinary user may make nothing,
 * and would be in the container's way in its own. So it gets a namespace that holds nothing else,
 * and that no process is in: the packet socket alone keeps it. Frames of the container come up in
 * that namespace's stack too, which has no address, so it neither answers nor sends.
 *
 * Frames come with the checksum still to be filled in (VIRTIO_NET_HDR_F_NEEDS_CSUM), and TCP
 * segments not yet cut to the MTU, as they do on any veth pair; the packet socket tells so in the
 * header that PACKET_VNET_HDR puts before them. What that header has no words for is switched off
 * (offload.h).
 *
 * The far end is up before the container's end. That one is then ready as soon as it is up; the
 * far end's queue is made ready by the kernel a moment later, and drops frames until then, so the
 * socket goes past it (PACKET_QDISC_BYPASS).
 */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/netlink.h"
#include "namespace/offload.h"
#include "namespace/veth.h"

#define FAR_END_NAME "slirpway0"

/* Room for a hundred and more of the longest frames, as the queue of a tap has. */
#define RECEIVE_BUFFER (16 * 1024 * 1024)

/* Makes the pair, the near end of which (our "far end") is in the hidden namespace. */
static bool make_pair(const char *name, uint32_t mtu, int home, GError **error)
{
	struct netlink_veth veth = {
		.near_name = FAR_END_NAME, .far_name = name, .far_netns = home, .mtu = mtu
	};
	int result = netlink_veth_add(&veth);

	if (result == 0)
		return true;
	if (result == -EEXIST)
		error_set(error, SLIRPWAY_ERROR_IN_USE,
			  "can't make the veth interface %s: one of that name exists", name);
	else if (result == -EOPNOTSUPP)
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "can't make the veth interface %s: load the module veth (modprobe veth)",
			  name);
	else
		error_set_errno(error, -result, "can't make the veth interface %s", name);
	return false;
}

static int set_option(int fd, int option, int value)
{
	return setsockopt(fd, SOL_PACKET, option, &value, sizeof(value));
}

/* As large as may be: past the limit of the system where the kernel lets us. */
static void enlarge_buffer(int fd)
{
	const int size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* Opens the packet socket; only bind(2) lets frames in, after the options that shape them. */
static int open_socket(unsigned int index)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)index };
	CLEANUP_CLOSE int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || set_option(fd, PACKET_VNET_HDR, 1) < 0 ||
	    set_option(fd, PACKET_QDISC_BYPASS, 1) < 0)
		return -errno;
	enlarge_buffer(fd);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

/* In the hidden namespace: makes the pair and returns the socket, or -1 with error set. */
static int open_far_end(const char *name, uint32_t mtu, int home, GError **error)
{
	unsigned int index;
	int result;

	if (!make_pair(name, mtu, home, error))
		return -1;
	index = if_nametoindex(FAR_END_NAME);
	/* Where there is no IPv6 this fails, and isn't needed. */
	(void)netlink_link_set_no_autoconf(index);
	result = netlink_link_set_up(index);
	if (result == 0)
		result = open_socket(index);
	if (result < 0) {
		error_set_errno(error, -result, "can't open a packet socket for %s", name);
		return -1;
	}
	return result;
}

bool veth_open(const char *name, uint32_t mtu, struct device *ret_device, GError **error)
{
	CLEANUP_CLOSE int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP_CLOSE int fd = -1;
	int result;

	if (home < 0 || unshare(CLONE_NEWNET) < 0) {
		error_set_errno(error, errno,
				"can't make the hidden network namespace for the veth interface %s",
				name);
		return false;
	}
	fd = open_far_end(name, mtu, home, error);
	if (setns(home, CLONE_NEWNET) < 0) {
		int number = errno;

		g_clear_error(error);
		error_set_errno(error, number, "can't return to the container's network namespace");
		return false;
	}
	if (fd < 0)
		return false;
	result = offload_limit(name);
	if (result < 0) {
		error_set_errno(error, -result, "can't limit the offload of %s", name);
		(void)netlink_link_delete(if_nametoindex(name));
		return false;
	}
	*ret_device = (struct device){ .kind = DEVICE_VETH, .vnet_header = true };
	strncpy(ret_device->name, name, sizeof(ret_device->name) - 1);
	ret_device->fd = descriptor_steal(&fd);
	return true;
}
