/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts up frames that stand for many UDP datagrams. */

#include "config.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/udp_segments.h"
#include "slirp-glue/wire.h"

bool udp_segments_start(struct udp_segments *segments, const uint8_t *frame, size_t length,
			uint16_t size)
{
	const uint8_t *ip = frame + ETHERNET_SIZE;
	size_t headers = 0, packet_max = UINT16_MAX;
	uint16_t type;

	if (size == 0 || length < ETHERNET_SIZE + IP4_SIZE + UDP_SIZE)
		return false;
	type = wire_get16(frame + ETHERNET_TYPE);
	if (type == ETHERTYPE_IP && ip[IP4_VERSION_IHL] == 0x45 && ip[IP4_PROTOCOL] == IPPROTO_UDP)
		headers = ETHERNET_SIZE + IP4_SIZE + UDP_SIZE;
	else if (type == ETHERTYPE_IPV6 && ip[IP6_NEXT_HEADER] == IPPROTO_UDP)
		headers = ETHERNET_SIZE + IP6_SIZE + UDP_SIZE;
	if (type == ETHERTYPE_IPV6)
		packet_max += IP6_SIZE;
	if (headers == 0 || length < headers || length - ETHERNET_SIZE > packet_max ||
	    length - headers > (size_t)size * UDP_SEGMENTS_MAX)
		return false;
	*segments = (struct udp_segments){ .frame = frame,
					   .length = length,
					   .headers = headers,
					   .size = size,
					   .offset = headers };
	return true;
}

/* Lengths and checksums of a frame whose UDP datagram is udp_length bytes. */
static void finish_headers(uint8_t *frame, size_t headers, uint16_t udp_length)
{
	uint8_t *ip = frame + ETHERNET_SIZE, *udp = frame + headers - UDP_SIZE;
	uint16_t checksum;
	uint32_t sum;

	if (wire_get16(frame + ETHERNET_TYPE) == ETHERTYPE_IP) {
		wire_put16(ip + IP4_LENGTH, (uint16_t)(IP4_SIZE + udp_length));
		wire_put16(ip + IP4_CHECKSUM, 0);
		wire_put_raw16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, IP4_SIZE)));
	} else {
		wire_put16(ip + IP6_LENGTH, udp_length);
	}
	wire_put16(udp + UDP_LENGTH, udp_length);
	wire_put16(udp + UDP_CHECKSUM, 0);
	sum = checksum_pseudo_header(ip, IPPROTO_UDP, udp_length);
	checksum = checksum_finish(checksum_add(sum, udp, udp_length));
	/* A zero would mean "none" (RFC 768). */
	wire_put_raw16(udp + UDP_CHECKSUM, checksum == 0 ? UINT16_MAX : checksum);
}

size_t udp_segments_next(struct udp_segments *segments, uint8_t *buffer)
{
	size_t rest = segments->length - segments->offset;
	size_t size = rest < segments->size ? rest : segments->size;

	if (rest == 0)
		return 0;
	memcpy(buffer, segments->frame, segments->headers);
	memcpy(buffer + segments->headers, segments->frame + segments->offset, size);
	finish_headers(buffer, segments->headers, (uint16_t)(UDP_SIZE + size));
	segments->offset += size;
	return segments->headers + size;
}
