/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tries the interfaces of a container, each in namespaces of its own.
 *
 * Whether large segments come through is seen by sending one: a TCP segment of several times the
 * MTU leaves the interface by a packet socket, as the container's kernel would send it, and has to
 * come out at our end in one piece.
 */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "namespace/device.h"
#include "namespace/join.h"
#include "namespace/netlink.h"
#include "probe/attempts.h"
#include "probe/child.h"

#define DEVICE_NAME "probe0"
#define DEVICE_MTU 1500
#define PAYLOAD 8000 /* bytes of the large segment */
#define SEGMENT 1400 /* what it may be cut into */
#define TIMEOUT_MS 2000

/* A frame as packet sockets and our end have it, PACKET_VNET_HDR and IFF_VNET_HDR. */
struct large_frame {
	struct virtio_net_hdr header;
	struct ethhdr ethernet;
	struct iphdr ip;
	struct tcphdr tcp;
	uint8_t payload[PAYLOAD];
} __attribute__((packed));

static bool open_device(int kind, struct device *device, GError **error)
{
	return namespaces_unshare(error) &&
	       device_open((enum device_kind)kind, DEVICE_NAME, DEVICE_MTU, device, error);
}

/* In the child. */
static bool make_device(int kind, GString *detail, GError **error)
{
	struct device device;

	if (!open_device(kind, &device, error))
		return false;
	if (kind == DEVICE_AUTO)
		g_string_append(detail, device_kind_name(device.kind));
	return true;
}

bool attempt_device(const struct feature_trial *trial, int argument, char **ret_detail,
		    GError **error)
{
	(void)trial;
	return child_try(make_device, argument, ret_detail, error);
}

/* To an address that nobody has; the checksums of TCP are left to the device. */
static void fill_frame(struct large_frame *frame)
{
	const size_t headers = offsetof(struct large_frame, payload) - sizeof(frame->header);

	memset(frame, 0, sizeof(*frame));
	frame->header = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = (uint16_t)headers,
		.gso_size = SEGMENT,
		.csum_start = sizeof(frame->ethernet) + sizeof(frame->ip),
		.csum_offset = offsetof(struct tcphdr, check),
	};
	memset(frame->ethernet.h_dest, 0x02, sizeof(frame->ethernet.h_dest));
	memset(frame->ethernet.h_source, 0x06, sizeof(frame->ethernet.h_source));
	frame->ethernet.h_proto = htons(ETH_P_IP);
	frame->ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(frame->ip) / 4,
		.tot_len = htons(sizeof(frame->ip) + sizeof(frame->tcp) + PAYLOAD),
		.ttl = 64,
		.protocol = IPPROTO_TCP,
		.saddr = htonl(0xc0000201), /* 192.0.2.1 and 192.0.2.2: RFC 5737 */
		.daddr = htonl(0xc0000202),
	};
	frame->tcp = (struct tcphdr){ .source = htons(1), .dest = htons(1), .doff = 5, .ack = 1 };
}

/* Sends the frame out of the interface; returns 0 or -errno. */
static int send_frame(unsigned int index, const struct large_frame *frame)
{
	CLEANUP_CLOSE int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
					     .sll_protocol = htons(ETH_P_IP),
					     .sll_ifindex = (int)index,
					     .sll_halen = ETH_ALEN };
	const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0 ||
	    sendto(fd, frame, sizeof(*frame), 0, (const struct sockaddr *)&address,
		   sizeof(address)) < 0)
		return -errno;
	return 0;
}

/*
 * Reads the IPv4 frames that come out of fd up to the first; others are the kernel's own. Returns
 * its length or -errno.
 */
static ssize_t read_frame(int fd, struct large_frame *frame)
{
	ssize_t length;

	do {
		int result = descriptor_wait_readable(fd, TIMEOUT_MS);

		if (result < 0)
			return result;
		length = read(fd, frame, sizeof(*frame));
		if (length < 0 && errno != EAGAIN)
			return -errno;
	} while (length < (ssize_t)offsetof(struct large_frame, ip) ||
		 frame->ethernet.h_proto != htons(ETH_P_IP));
	return length;
}

/* In the child. */
static bool pass_large_segment(int kind, GString *detail, GError **error)
{
	struct large_frame sent, arrived;
	struct device device;
	unsigned int index;
	ssize_t length;
	int result;

	(void)detail;
	if (!open_device(kind, &device, error))
		return false;
	if (!device.vnet_header) {
		error_set(error, SLIRPWAY_ERROR_DENIED, "frames come without a virtio header");
		return false;
	}
	index = if_nametoindex(device.name);
	result = netlink_link_set_up(index);
	fill_frame(&sent);
	if (result == 0)
		result = send_frame(index, &sent);
	length = result < 0 ? result : read_frame(device.fd, &arrived);
	if (length < 0)
		error_set_errno(error, (int)-length, "a large TCP segment does not come through");
	else if (length < (ssize_t)sizeof(arrived))
		error_set(error, SLIRPWAY_ERROR_DENIED, "a large TCP segment comes in pieces");
	return length == (ssize_t)sizeof(arrived);
}

bool attempt_large_segments(const struct feature_trial *trial, int argument, char **ret_detail,
			    GError **error)
{
	(void)trial;
	return child_try(pass_large_segment, argument, ret_detail, error);
}
