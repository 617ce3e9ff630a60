/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds frames of our own that go to the container: refusals, and answers to DNS and echo. */

#include "config.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "slirp-glue/build.h"
#include "slirp-glue/checksum.h"
#include "slirp-glue/wire.h"

#define TTL 64
#define TOS_INTERNETWORK_CONTROL 0xc0 /* RFC 1812, section 4.3.2.5 */
#define IP4_PACKET_MAX 65535
#define IP6_PAYLOAD_MAX 65535
#define QUOTE4 8 /* bytes behind the IP header: RFC 792 */

static bool is_ip4(const struct frame *frame)
{
	return frame->ethertype == ETHERTYPE_IP;
}

/* Where the transport header of an answer starts. */
static size_t headers_size(const struct frame *frame)
{
	return ETHERNET_SIZE + (is_ip4(frame) ? IP4_SIZE : IP6_SIZE);
}

/* True if an answer with header and length bytes behind its IP header can be, and has room. */
static bool answer_fits(const struct frame *frame, size_t header, size_t length, size_t room)
{
	size_t most = is_ip4(frame) ? IP4_PACKET_MAX - IP4_SIZE : IP6_PAYLOAD_MAX;

	return length <= most - header && headers_size(frame) + header + length <= room;
}

static void write_ip4(uint8_t *ip, const uint8_t *request, uint8_t protocol, uint8_t tos,
		      size_t size)
{
	memset(ip, 0, IP4_SIZE);
	ip[IP4_VERSION_IHL] = 4 << 4 | IP4_SIZE / 4;
	ip[IP4_TOS] = tos;
	wire_put16(ip + IP4_LENGTH, (uint16_t)(IP4_SIZE + size));
	wire_put16(ip + IP4_FRAGMENT, WIRE_IP4_DONT_FRAGMENT);
	ip[IP4_TTL] = TTL;
	ip[IP4_PROTOCOL] = protocol;
	memcpy(ip + IP4_SOURCE, request + IP4_DESTINATION, IP4_ADDRESS_SIZE);
	memcpy(ip + IP4_DESTINATION, request + IP4_SOURCE, IP4_ADDRESS_SIZE);
	wire_put_raw16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, IP4_SIZE)));
}

static void write_ip6(uint8_t *ip, const uint8_t *request, uint8_t protocol, size_t size)
{
	memset(ip, 0, IP6_SIZE);
	ip[IP6_VERSION] = 6 << 4;
	wire_put16(ip + IP6_LENGTH, (uint16_t)size);
	ip[IP6_NEXT_HEADER] = protocol;
	ip[IP6_HOP_LIMIT] = TTL;
	memcpy(ip + IP6_SOURCE, request + IP6_DESTINATION, IP6_ADDRESS_SIZE);
	memcpy(ip + IP6_DESTINATION, request + IP6_SOURCE, IP6_ADDRESS_SIZE);
}

/*
 * Writes the Ethernet and IP headers of an answer to frame that has size bytes behind them. Returns
 * where those start.
 */
static uint8_t *write_headers(uint8_t *buffer, const struct frame *frame, uint8_t protocol,
			      uint8_t tos, size_t size)
{
	const uint8_t *request = frame->data + ETHERNET_SIZE;

	memcpy(buffer + ETHERNET_DESTINATION, frame->data + ETHERNET_SOURCE, ETHERNET_ADDRESS_SIZE);
	memcpy(buffer + ETHERNET_SOURCE, frame->data + ETHERNET_DESTINATION, ETHERNET_ADDRESS_SIZE);
	wire_put16(buffer + ETHERNET_TYPE, frame->ethertype);
	if (is_ip4(frame))
		write_ip4(buffer + ETHERNET_SIZE, request, protocol, tos, size);
	else
		write_ip6(buffer + ETHERNET_SIZE, request, protocol, size);
	return buffer + headers_size(frame);
}

/* Puts the checksum of the size bytes behind the IP header into the field at offset. */
static void sum_transport(uint8_t *buffer, const struct frame *frame, uint8_t protocol, size_t size,
			  size_t offset)
{
	uint8_t *transport = buffer + headers_size(frame);
	uint32_t sum = 0;
	uint16_t checksum;

	wire_put16(transport + offset, 0);
	if (protocol != IPPROTO_ICMP)
		sum = checksum_pseudo_header(buffer + ETHERNET_SIZE, protocol, (uint32_t)size);
	checksum = checksum_finish(checksum_add(sum, transport, size));
	if (protocol == IPPROTO_UDP && checksum == 0)
		checksum = UINT16_MAX;
	wire_put_raw16(transport + offset, checksum);
}

/* RFC 9293, section 3.10.7.1: the reset of a segment that no connection is there for. */
static size_t build_reset(const struct frame *frame, uint8_t *buffer)
{
	const uint8_t *segment = frame->data + frame->transport_offset;
	uint32_t size = frame->length - frame->transport_offset;
	uint8_t flags = segment[TCP_FLAGS];
	uint32_t length = size - (segment[TCP_OFFSET] >> 4) * 4U;
	uint8_t *reset;

	if (flags & WIRE_TCP_RST)
		return 0;
	length += (flags & WIRE_TCP_SYN ? 1 : 0) + (flags & WIRE_TCP_FIN ? 1 : 0);
	reset = write_headers(buffer, frame, IPPROTO_TCP, 0, TCP_SIZE);
	memset(reset, 0, TCP_SIZE);
	memcpy(reset + TCP_SOURCE, segment + TCP_DESTINATION, sizeof(uint16_t));
	memcpy(reset + TCP_DESTINATION, segment + TCP_SOURCE, sizeof(uint16_t));
	reset[TCP_OFFSET] = TCP_SIZE / 4 << 4;
	reset[TCP_FLAGS] = WIRE_TCP_RST;
	if (flags & WIRE_TCP_ACK) {
		memcpy(reset + TCP_SEQUENCE, segment + TCP_ACKNOWLEDGEMENT, sizeof(uint32_t));
	} else {
		reset[TCP_FLAGS] |= WIRE_TCP_ACK;
		wire_put32(reset + TCP_ACKNOWLEDGEMENT,
			   wire_get32(segment + TCP_SEQUENCE) + length);
	}
	sum_transport(buffer, frame, IPPROTO_TCP, TCP_SIZE, TCP_CHECKSUM);
	return headers_size(frame) + TCP_SIZE;
}

/* "Destination unreachable" of a code, with the start of the packet that it is about. */
static size_t build_icmp_error(const struct frame *frame, uint8_t code, uint8_t *buffer)
{
	bool ip4 = is_ip4(frame);
	uint8_t protocol = ip4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	size_t packet = frame->length - ETHERNET_SIZE;
	size_t most =
		ip4 ? IP4_SIZE + QUOTE4 : BUILD_REJECT_MAX - ETHERNET_SIZE - IP6_SIZE - ICMP_SIZE;
	size_t quote = packet < most ? packet : most;
	uint8_t *icmp;

	icmp = write_headers(buffer, frame, protocol, TOS_INTERNETWORK_CONTROL, ICMP_SIZE + quote);
	memset(icmp, 0, ICMP_SIZE);
	icmp[ICMP_KIND] = ip4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH;
	icmp[ICMP_CODE] = code;
	memcpy(icmp + ICMP_SIZE, frame->data + ETHERNET_SIZE, quote);
	sum_transport(buffer, frame, protocol, ICMP_SIZE + quote, ICMP_CHECKSUM);
	return headers_size(frame) + ICMP_SIZE + quote;
}

/* True for the address of one host, as far as the address itself tells. */
static bool is_unicast4(const uint8_t *address)
{
	return address[0] != 0 && address[0] < 224;
}

static bool is_unicast6(const uint8_t *address)
{
	static const uint8_t unspecified[IP6_ADDRESS_SIZE];

	return address[0] != 0xff && memcmp(address, unspecified, IP6_ADDRESS_SIZE) != 0;
}

/* True if one host sent the frame to one host: only then an answer is allowed. */
static bool is_between_hosts(const struct frame *frame)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;

	if (frame->data[ETHERNET_DESTINATION] & 1 || frame->data[ETHERNET_SOURCE] & 1)
		return false;
	if (is_ip4(frame))
		return is_unicast4(ip + IP4_SOURCE) && is_unicast4(ip + IP4_DESTINATION);
	return is_unicast6(ip + IP6_SOURCE) && is_unicast6(ip + IP6_DESTINATION);
}

static bool is_icmp_error(const struct frame *frame)
{
	uint8_t kind = frame->data[frame->transport_offset + ICMP_KIND];

	if (frame->protocol == IPPROTO_ICMPV6)
		return kind < ICMP6_ECHO_REQUEST || kind == ND_REDIRECT;
	return frame->protocol == IPPROTO_ICMP &&
	       (kind == ICMP_DEST_UNREACH || kind == ICMP_SOURCE_QUENCH || kind == ICMP_REDIRECT ||
		kind == ICMP_TIME_EXCEEDED || kind == ICMP_PARAMETERPROB);
}

/* True if the sender of the frame may be told of an error. */
static bool may_answer(const struct frame *frame)
{
	return !frame->fragment && frame->transport_offset != 0 && is_between_hosts(frame) &&
	       !is_icmp_error(frame);
}

size_t build_reject(const struct frame *frame, uint8_t buffer[static BUILD_REJECT_MAX])
{
	if (!may_answer(frame))
		return 0;
	if (frame->protocol == IPPROTO_TCP)
		return build_reset(frame, buffer);
	return build_icmp_error(frame, is_ip4(frame) ? ICMP_PKT_FILTERED : ICMP6_DST_UNREACH_ADMIN,
				buffer);
}

size_t build_unreachable(const struct frame *frame, uint8_t buffer[static BUILD_REJECT_MAX])
{
	if (!may_answer(frame))
		return 0;
	return build_icmp_error(frame, is_ip4(frame) ? ICMP_NET_UNREACH : ICMP6_DST_UNREACH_NOROUTE,
				buffer);
}

size_t build_port_unreachable(const struct frame *frame, uint8_t buffer[static BUILD_REJECT_MAX])
{
	if (!may_answer(frame))
		return 0;
	return build_icmp_error(frame, is_ip4(frame) ? ICMP_PORT_UNREACH : ICMP6_DST_UNREACH_NOPORT,
				buffer);
}

size_t build_udp_answer(const struct frame *frame, const void *payload, size_t length,
			uint8_t *buffer, size_t size)
{
	const uint8_t *request = frame->data + frame->transport_offset;
	uint8_t *udp;

	if (!answer_fits(frame, UDP_SIZE, length, size))
		return 0;
	udp = write_headers(buffer, frame, IPPROTO_UDP, 0, UDP_SIZE + length);
	memcpy(udp + UDP_SOURCE, request + UDP_DESTINATION, sizeof(uint16_t));
	memcpy(udp + UDP_DESTINATION, request + UDP_SOURCE, sizeof(uint16_t));
	wire_put16(udp + UDP_LENGTH, (uint16_t)(UDP_SIZE + length));
	memcpy(udp + UDP_SIZE, payload, length);
	sum_transport(buffer, frame, IPPROTO_UDP, UDP_SIZE + length, UDP_CHECKSUM);
	return headers_size(frame) + UDP_SIZE + length;
}

size_t build_echo6_answer(const struct frame *frame, const void *message, size_t length,
			  uint8_t *buffer, size_t size)
{
	const uint8_t *request = frame->data + frame->transport_offset;
	uint8_t *icmp;

	if (is_ip4(frame) || !answer_fits(frame, ICMP_SEQUENCE, length, size))
		return 0;
	icmp = write_headers(buffer, frame, IPPROTO_ICMPV6, 0, ICMP_SEQUENCE + length);
	icmp[ICMP_KIND] = ICMP6_ECHO_REPLY;
	icmp[ICMP_CODE] = 0;
	memcpy(icmp + ICMP_IDENTIFIER, request + ICMP_IDENTIFIER, sizeof(uint16_t));
	memcpy(icmp + ICMP_SEQUENCE, message, length);
	sum_transport(buffer, frame, IPPROTO_ICMPV6, ICMP_SEQUENCE + length, ICMP_CHECKSUM);
	return headers_size(frame) + ICMP_SEQUENCE + length;
}
