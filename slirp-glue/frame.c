/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses and checks one Ethernet frame from the container. */

/*
 * Whoever is root in the container can write any bytes to the link. What leaves here is regular:
 * the frame ends where its IP packet ends, an IPv4 header has 20 bytes, an IPv6 header is followed
 * by the transport header, every length field agrees with the others. So the code behind,
 * libslirp's above all, reads no byte that is not there.
 *
 * Little that is valid gets dropped. IPv4 options and bytes behind a UDP datagram (RFC 9868 puts
 * options there) may be ignored by a receiver, so they are taken out. The exception are source
 * routes, for the destination of such a packet is not the one that policy would judge (RFC 7126,
 * section 4.3). Urgent data becomes ordinary data of the stream, as RFC 6093 advises to read it
 * anyway. IPv6 extension headers other than a fragment header are dropped, for libslirp drops them
 * too.
 */

#include "config.h"

#include <net/ethernet.h>
#include <netinet/in.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/frame.h"
#include "slirp-glue/wire.h"

#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_LOOSE_SOURCE_ROUTE 131
#define OPTION_STRICT_SOURCE_ROUTE 137

#define ARP_HARDWARE_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2

static bool drop(struct counters *counters, enum counter why)
{
	counters->value[why]++;
	return false;
}

static bool is_ip4(const struct frame *frame)
{
	return frame->ethertype == ETHERTYPE_IP;
}

static bool parse_arp(struct frame *frame, struct counters *counters)
{
	const uint8_t *arp = frame->data + ETHERNET_SIZE;
	uint16_t operation;

	if (frame->length < ETHERNET_SIZE + ARP_SIZE)
		return drop(counters, COUNTER_bad_arp);
	operation = wire_get16(arp + ARP_OPERATION);
	if (wire_get16(arp + ARP_HARDWARE) != ARP_HARDWARE_ETHERNET ||
	    wire_get16(arp + ARP_PROTOCOL) != ETHERTYPE_IP ||
	    arp[ARP_HARDWARE_SIZE] != ETHERNET_ADDRESS_SIZE ||
	    arp[ARP_PROTOCOL_SIZE] != IP4_ADDRESS_SIZE ||
	    (operation != ARP_REQUEST && operation != ARP_REPLY))
		return drop(counters, COUNTER_bad_arp);
	frame->length = ETHERNET_SIZE + ARP_SIZE;
	return true;
}

static void sum_ip4_header(uint8_t *ip)
{
	wire_put16(ip + IP4_CHECKSUM, 0);
	wire_put_raw16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, IP4_SIZE)));
}

/* True if the options are well-formed and may be ignored. */
static bool options_may_go(const uint8_t *option, const uint8_t *end)
{
	while (option < end && *option != OPTION_END) {
		if (*option == OPTION_NOP) {
			option++;
			continue;
		}
		if (end - option < 2 || option[1] < 2 || option[1] > end - option)
			return false;
		if (*option == OPTION_LOOSE_SOURCE_ROUTE || *option == OPTION_STRICT_SOURCE_ROUTE)
			return false;
		option += option[1];
	}
	return true;
}

/* Takes size bytes of IPv4 options out, by moving the headers before them towards the payload. */
static bool strip_options(struct frame *frame, uint32_t size)
{
	uint8_t *ip = frame->data + ETHERNET_SIZE;

	if (!options_may_go(ip + IP4_SIZE, ip + IP4_SIZE + size))
		return false;
	memmove(frame->data + size, frame->data, ETHERNET_SIZE + IP4_SIZE);
	frame->data += size;
	frame->length -= size;
	ip = frame->data + ETHERNET_SIZE;
	ip[IP4_VERSION_IHL] = 4 << 4 | IP4_SIZE / 4;
	wire_put16(ip + IP4_LENGTH, (uint16_t)(frame->length - ETHERNET_SIZE));
	sum_ip4_header(ip);
	return true;
}

static bool parse_ip4(struct frame *frame, struct counters *counters)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;
	uint32_t header_size, total;
	uint16_t fragment;

	if (frame->length < ETHERNET_SIZE + IP4_SIZE)
		return drop(counters, COUNTER_short_frames);
	header_size = (ip[IP4_VERSION_IHL] & 0xfU) * 4;
	total = wire_get16(ip + IP4_LENGTH);
	if (ip[IP4_VERSION_IHL] >> 4 != 4 || header_size < IP4_SIZE || total < header_size ||
	    ETHERNET_SIZE + total > frame->length)
		return drop(counters, COUNTER_bad_ip);
	if (checksum_finish(checksum_add(0, ip, header_size)) != 0)
		return drop(counters, COUNTER_bad_ip);
	frame->length = ETHERNET_SIZE + total;
	if (header_size > IP4_SIZE && !strip_options(frame, header_size - IP4_SIZE))
		return drop(counters, COUNTER_bad_ip);

	ip = frame->data + ETHERNET_SIZE;
	fragment = wire_get16(ip + IP4_FRAGMENT);
	if (fragment & WIRE_IP4_RESERVED)
		return drop(counters, COUNTER_bad_ip);
	frame->fragment = fragment & (WIRE_IP4_MORE_FRAGMENTS | WIRE_IP4_OFFSET);
	frame->protocol = ip[IP4_PROTOCOL];
	frame->transport_offset = ETHERNET_SIZE + IP4_SIZE;
	return true;
}

static bool parse_ip6(struct frame *frame, struct counters *counters)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;
	uint32_t payload;

	if (frame->length < ETHERNET_SIZE + IP6_SIZE)
		return drop(counters, COUNTER_short_frames);
	payload = wire_get16(ip + IP6_LENGTH);
	if (ip[IP6_VERSION] >> 4 != 6 || ETHERNET_SIZE + IP6_SIZE + payload > frame->length)
		return drop(counters, COUNTER_bad_ip);
	frame->length = ETHERNET_SIZE + IP6_SIZE + payload;
	frame->protocol = ip[IP6_NEXT_HEADER];
	frame->transport_offset = ETHERNET_SIZE + IP6_SIZE;
	if (frame->protocol != WIRE_IP6_FRAGMENT_HEADER)
		return true;
	if (payload < IP6_FRAGMENT_SIZE)
		return drop(counters, COUNTER_bad_ip);
	frame->fragment = true;
	frame->protocol = ip[IP6_SIZE + IP6_FRAGMENT_NEXT_HEADER];
	return true;
}

/* Writes a 16-bit field of what the checksum covers, and mends the checksum. */
static void change_word(uint8_t *word, uint16_t value, uint8_t *checksum)
{
	uint16_t old = wire_get_raw16(word);

	wire_put16(word, value);
	wire_put_raw16(checksum,
		       checksum_update(wire_get_raw16(checksum), old, wire_get_raw16(word)));
}

static bool parse_tcp(struct frame *frame, struct counters *counters)
{
	uint8_t *tcp = frame->data + frame->transport_offset;
	uint32_t size = frame->length - frame->transport_offset;
	uint32_t header_size;

	if (size < TCP_SIZE)
		return drop(counters, COUNTER_bad_transport);
	header_size = (tcp[TCP_OFFSET] >> 4) * 4U;
	if (header_size < TCP_SIZE || header_size > size)
		return drop(counters, COUNTER_bad_transport);
	if (tcp[TCP_FLAGS] & WIRE_TCP_URG || wire_get_raw16(tcp + TCP_URGENT)) {
		uint16_t offset_and_flags = wire_get16(tcp + TCP_OFFSET);

		change_word(tcp + TCP_OFFSET, offset_and_flags & (uint16_t)~WIRE_TCP_URG,
			    tcp + TCP_CHECKSUM);
		change_word(tcp + TCP_URGENT, 0, tcp + TCP_CHECKSUM);
		counter_add(counters, urgent_stripped);
	}
	return true;
}

static bool parse_udp(struct frame *frame, struct counters *counters)
{
	uint8_t *ip = frame->data + ETHERNET_SIZE;
	const uint8_t *udp = frame->data + frame->transport_offset;
	uint32_t size = frame->length - frame->transport_offset;
	uint16_t length;

	if (size < UDP_SIZE)
		return drop(counters, COUNTER_bad_transport);
	length = wire_get16(udp + UDP_LENGTH);
	if (length < UDP_SIZE || length > size)
		return drop(counters, COUNTER_bad_transport);
	/* RFC 8200, section 8.1: over IPv6 there is no UDP without a checksum. */
	if (!is_ip4(frame) && wire_get_raw16(udp + UDP_CHECKSUM) == 0)
		return drop(counters, COUNTER_bad_transport);
	if (length == size)
		return true;
	frame->length = frame->transport_offset + length;
	if (is_ip4(frame))
		change_word(ip + IP4_LENGTH, (uint16_t)(IP4_SIZE + length), ip + IP4_CHECKSUM);
	else
		wire_put16(ip + IP6_LENGTH, length);
	return true;
}

static bool parse_icmp(struct frame *frame, struct counters *counters)
{
	if (frame->length - frame->transport_offset < ICMP_SIZE)
		return drop(counters, COUNTER_bad_transport);
	return true;
}

static bool parse_transport(struct frame *frame, struct counters *counters)
{
	uint8_t icmp = is_ip4(frame) ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (frame->protocol != IPPROTO_TCP && frame->protocol != IPPROTO_UDP &&
	    frame->protocol != icmp)
		return drop(counters, COUNTER_bad_protocol);
	if (frame->fragment) {
		frame->transport_offset = 0;
		return true;
	}
	if (frame->protocol == IPPROTO_TCP)
		return parse_tcp(frame, counters);
	if (frame->protocol == IPPROTO_UDP)
		return parse_udp(frame, counters);
	return parse_icmp(frame, counters);
}

static bool parse_network(struct frame *frame, struct counters *counters)
{
	switch (frame->ethertype) {
	case ETHERTYPE_ARP:
		return parse_arp(frame, counters);
	case ETHERTYPE_IP:
		return parse_ip4(frame, counters) && parse_transport(frame, counters);
	case ETHERTYPE_IPV6:
		return parse_ip6(frame, counters) && parse_transport(frame, counters);
	default:
		return drop(counters, COUNTER_bad_ethertype);
	}
}

bool frame_parse(uint8_t *data, uint32_t length, struct counters *counters, struct frame *ret_frame)
{
	struct frame frame = { .data = data, .length = length };

	if (length < ETHERNET_SIZE)
		return drop(counters, COUNTER_short_frames);
	frame.ethertype = wire_get16(data + ETHERNET_TYPE);
	if (!parse_network(&frame, counters))
		return false;
	*ret_frame = frame;
	return true;
}

bool frame_complete_checksum(uint8_t *data, uint32_t length, const struct frame_offload *offload,
			     struct counters *counters)
{
	uint32_t start = offload->checksum_start;
	uint32_t field = start + offload->checksum_offset;
	uint16_t checksum;

	if (field + sizeof(checksum) > length)
		return drop(counters, COUNTER_bad_offload);
	/* The field holds the sum of the pseudo-header. */
	checksum = checksum_finish(checksum_add(0, data + start, length - start));
	/* For UDP zero means that there is none (RFC 768); for TCP both mean the same. */
	wire_put_raw16(data + field, checksum ? checksum : UINT16_MAX);
	return true;
}

bool frame_has_right_checksum(const struct frame *frame)
{
	const uint8_t *transport = frame->data + frame->transport_offset;
	uint32_t size = frame->length - frame->transport_offset;
	uint32_t sum = 0;

	if (frame->protocol == IPPROTO_UDP && wire_get_raw16(transport + UDP_CHECKSUM) == 0)
		return is_ip4(frame);
	if (frame->protocol != IPPROTO_ICMP)
		sum = checksum_pseudo_header(frame->data + ETHERNET_SIZE, frame->protocol, size);
	return checksum_finish(checksum_add(sum, transport, size)) == 0;
}

/* The address at one of two offsets, for IPv4 and IPv6, in the IP header. */
static struct address address_at(const struct frame *frame, uint32_t offset4, uint32_t offset6)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;
	struct in6_addr v6;
	struct in_addr v4;

	if (is_ip4(frame)) {
		memcpy(&v4, ip + offset4, sizeof(v4));
		return address_from_v4(v4);
	}
	memcpy(&v6, ip + offset6, sizeof(v6));
	return address_from_v6(&v6);
}

/* The ports of TCP and UDP lie at the same offsets. */
static uint16_t port_at(const struct frame *frame, uint32_t offset)
{
	if (frame->fragment || (frame->protocol != IPPROTO_TCP && frame->protocol != IPPROTO_UDP))
		return 0;
	return wire_get16(frame->data + frame->transport_offset + offset);
}

void frame_source(const struct frame *frame, struct endpoint *ret_source)
{
	*ret_source = (struct endpoint){ .address = address_at(frame, IP4_SOURCE, IP6_SOURCE),
					 .port = port_at(frame, TCP_SOURCE) };
}

void frame_destination(const struct frame *frame, struct endpoint *ret_destination)
{
	*ret_destination =
		(struct endpoint){ .address = address_at(frame, IP4_DESTINATION, IP6_DESTINATION),
				   .port = port_at(frame, TCP_DESTINATION) };
}

bool frame_starts_tcp(const struct frame *frame)
{
	uint8_t flags;

	if (frame->protocol != IPPROTO_TCP || frame->fragment)
		return false;
	flags = frame->data[frame->transport_offset + TCP_FLAGS];
	return (flags & (WIRE_TCP_SYN | WIRE_TCP_ACK)) == WIRE_TCP_SYN;
}
