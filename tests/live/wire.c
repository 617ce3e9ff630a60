/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For live tests: the other side of a device, frame by frame. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <glib.h>
#include <net/ethernet.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/uio.h>

#include "base/descriptor.h"
#include "wire.h"

#define DEADLINE_MS 3000
#define VNET_HEADER_SIZE 10

static const uint8_t our_mac[ETH_ALEN] = { 0x52, 0x55, 0x0a, 0x00, 0x02, 0x02 };

/* Reads a frame; 0 if there is none. */
static ssize_t read_frame(const struct device *device, struct wire_frame *frame)
{
	struct iovec parts[2] = { { &frame->header, device->vnet_header ? VNET_HEADER_SIZE : 0 },
				  { frame->bytes, sizeof(frame->bytes) } };
	ssize_t length;

	frame->header = (struct virtio_net_hdr){ 0 };
	length = readv(device->fd, parts, 2);
	if (length < 0 && errno == EAGAIN)
		return 0;
	ck_assert_int_ge(length, (ssize_t)(parts[0].iov_len + sizeof(struct ether_header)));
	frame->length = (size_t)length - parts[0].iov_len;
	/* A device must not give us back what we have sent. */
	ck_assert_mem_ne(frame->bytes + ETH_ALEN, our_mac, ETH_ALEN);
	return length;
}

bool wire_await(const struct device *device, wire_match *match, const void *argument,
		struct wire_frame *ret_frame)
{
	gint64 deadline = g_get_monotonic_time() + DEADLINE_MS * 1000;
	gint64 left;

	while ((left = deadline - g_get_monotonic_time()) > 0) {
		if (descriptor_wait_readable(device->fd, (int)(left / 1000)) < 0)
			break;
		if (read_frame(device, ret_frame) > 0 && match(ret_frame, argument))
			return true;
	}
	return false;
}

void wire_send(const struct device *device, const struct wire_frame *frame)
{
	struct virtio_net_hdr header = frame->header;
	uint8_t bytes[WIRE_FRAME_MAX];
	struct iovec parts[2] = { { &header, device->vnet_header ? VNET_HEADER_SIZE : 0 },
				  { bytes, frame->length } };

	memcpy(bytes, frame->bytes, frame->length);
	ck_assert_int_eq(writev(device->fd, parts, 2), parts[0].iov_len + parts[1].iov_len);
}

bool wire_is_arp_request(const struct wire_frame *frame, const void *argument)
{
	struct ether_header ethernet;
	struct ether_arp arp;

	if (frame->length < sizeof(ethernet) + sizeof(arp))
		return false;
	memcpy(&ethernet, frame->bytes, sizeof(ethernet));
	memcpy(&arp, frame->bytes + sizeof(ethernet), sizeof(arp));
	return ethernet.ether_type == htons(ETHERTYPE_ARP) && arp.arp_op == htons(ARPOP_REQUEST) &&
	       memcmp(arp.arp_tpa, argument, sizeof(arp.arp_tpa)) == 0;
}

void wire_answer_arp(const struct wire_frame *request, struct wire_frame *ret_reply)
{
	struct ether_header ethernet;
	struct ether_arp question, arp;

	memcpy(&ethernet, request->bytes, sizeof(ethernet));
	memcpy(&question, request->bytes + sizeof(ethernet), sizeof(question));
	memcpy(ethernet.ether_dhost, ethernet.ether_shost, ETH_ALEN);
	memcpy(ethernet.ether_shost, our_mac, ETH_ALEN);
	arp = question;
	arp.arp_op = htons(ARPOP_REPLY);
	memcpy(arp.arp_sha, our_mac, ETH_ALEN);
	memcpy(arp.arp_spa, question.arp_tpa, sizeof(arp.arp_spa));
	memcpy(arp.arp_tha, question.arp_sha, ETH_ALEN);
	memcpy(arp.arp_tpa, question.arp_spa, sizeof(arp.arp_tpa));
	ret_reply->header = (struct virtio_net_hdr){ 0 };
	ret_reply->length = sizeof(ethernet) + sizeof(arp);
	memcpy(ret_reply->bytes, &ethernet, sizeof(ethernet));
	memcpy(ret_reply->bytes + sizeof(ethernet), &arp, sizeof(arp));
}

/* True for an IPv4 packet without options of this protocol to the address. */
static bool is_ip(const struct wire_frame *frame, uint8_t protocol, const void *address)
{
	struct ether_header ethernet;
	struct iphdr ip;

	if (frame->length < WIRE_TRANSPORT + sizeof(struct udphdr))
		return false;
	memcpy(&ethernet, frame->bytes, sizeof(ethernet));
	memcpy(&ip, frame->bytes + sizeof(ethernet), sizeof(ip));
	return ethernet.ether_type == htons(ETHERTYPE_IP) && ip.ihl == 5 &&
	       ip.protocol == protocol && memcmp(&ip.daddr, address, sizeof(ip.daddr)) == 0;
}

bool wire_is_udp(const struct wire_frame *frame, const void *argument)
{
	return is_ip(frame, IPPROTO_UDP, argument);
}

bool wire_is_tcp(const struct wire_frame *frame, const void *argument)
{
	return is_ip(frame, IPPROTO_TCP, argument);
}

bool wire_is_tcp_data(const struct wire_frame *frame, const void *argument)
{
	return is_ip(frame, IPPROTO_TCP, argument) && frame->length > WIRE_TRANSPORT + 60;
}

const uint8_t *wire_payload(const struct wire_frame *frame, size_t *ret_length)
{
	*ret_length = frame->length - WIRE_TRANSPORT - sizeof(struct udphdr);
	return frame->bytes + WIRE_TRANSPORT + sizeof(struct udphdr);
}

/* The sum of 16-bit words of RFC 1071, not yet folded. */
static uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return length % 2 ? sum + ((uint32_t)bytes[length - 1] << 8) : sum;
}

/* Where the checksum is in the frame. */
static size_t checksum_place(const struct wire_frame *frame)
{
	uint8_t protocol = frame->bytes[sizeof(struct ether_header) + 9];

	return WIRE_TRANSPORT + (protocol == IPPROTO_TCP ? WIRE_TCP_CHECKSUM : WIRE_UDP_CHECKSUM);
}

uint16_t wire_checksum_given(const struct wire_frame *frame)
{
	uint16_t checksum;

	memcpy(&checksum, frame->bytes + checksum_place(frame), sizeof(checksum));
	return checksum;
}

uint16_t wire_checksum(const struct wire_frame *frame)
{
	const uint8_t *ip = frame->bytes + sizeof(struct ether_header);
	size_t place = checksum_place(frame), length = frame->length - WIRE_TRANSPORT;
	uint32_t sum = ip[9] + (uint32_t)length;

	sum = add_words(sum, ip + 12, 8);
	sum = add_words(sum, frame->bytes + WIRE_TRANSPORT, place - WIRE_TRANSPORT);
	sum = add_words(sum, frame->bytes + place + 2, frame->length - place - 2);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	return htons(sum ? (uint16_t)sum : 0xffff);
}

void wire_complete(struct wire_frame *frame)
{
	uint16_t checksum = wire_checksum(frame);

	memcpy(frame->bytes + checksum_place(frame), &checksum, sizeof(checksum));
}

/* Copies a packet with its addresses and ports swapped, as an answer has them. */
static void turn_round(const struct wire_frame *packet, struct wire_frame *ret_reply)
{
	const uint8_t *bytes = packet->bytes;
	const size_t source = sizeof(struct ether_header) + 12;

	*ret_reply = *packet;
	ret_reply->header = (struct virtio_net_hdr){ 0 };
	memcpy(ret_reply->bytes, bytes + ETH_ALEN, ETH_ALEN);
	memcpy(ret_reply->bytes + ETH_ALEN, bytes, ETH_ALEN);
	/* Swapped words leave the checksum of the IP header as it is. */
	memcpy(ret_reply->bytes + source, bytes + source + 4, 4);
	memcpy(ret_reply->bytes + source + 4, bytes + source, 4);
	memcpy(ret_reply->bytes + WIRE_TRANSPORT, bytes + WIRE_TRANSPORT + 2, 2);
	memcpy(ret_reply->bytes + WIRE_TRANSPORT + 2, bytes + WIRE_TRANSPORT, 2);
}

void wire_answer_udp(const struct wire_frame *packet, struct wire_frame *ret_reply)
{
	turn_round(packet, ret_reply);
	wire_complete(ret_reply);
}

void wire_answer_syn(const struct wire_frame *syn, struct wire_frame *ret_reply)
{
	struct tcphdr tcp;

	/* The options go back as they came: the segment size and what else the peer can do. */
	turn_round(syn, ret_reply);
	memcpy(&tcp, ret_reply->bytes + WIRE_TRANSPORT, sizeof(tcp));
	ck_assert_int_eq(tcp.syn, 1);
	tcp.ack = 1;
	tcp.ack_seq = htonl(ntohl(tcp.seq) + 1);
	tcp.window = htons(60000);
	memcpy(ret_reply->bytes + WIRE_TRANSPORT, &tcp, sizeof(tcp));
	wire_complete(ret_reply);
}
