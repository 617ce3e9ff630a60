/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts up IPv6 TCP segments that are longer than libslirp's MTU. */

#include "config.h"

#include <net/ethernet.h>
#include <netinet/in.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/tcp_segments.h"
#include "slirp-glue/wire.h"

bool tcp_segments_are_needed(const struct frame *frame, uint32_t mtu)
{
	return frame->length - ETHERNET_SIZE > mtu && frame->ethertype == ETHERTYPE_IPV6 &&
	       frame->protocol == IPPROTO_TCP && !frame->fragment;
}

bool tcp_segments_start(struct tcp_segments *segments, const struct frame *frame, uint32_t mtu)
{
	const uint8_t *tcp = frame->data + frame->transport_offset;
	size_t headers = frame->transport_offset + (tcp[TCP_OFFSET] >> 4) * 4U;

	if (!frame_has_right_checksum(frame))
		return false;
	*segments = (struct tcp_segments){ .frame = frame->data,
					   .length = frame->length,
					   .headers = headers,
					   .size = ETHERNET_SIZE + mtu - headers,
					   .offset = headers };
	return true;
}

/*
 * The flags of a piece: the start of a connection, and the answer to congestion (RFC 3168), belong
 * to the first; what ends one, and the push, to the last.
 */
static uint8_t piece_flags(uint8_t flags, bool first, bool last)
{
	if (!first)
		flags &= (uint8_t) ~(WIRE_TCP_SYN | WIRE_TCP_CWR);
	if (!last)
		flags &= (uint8_t) ~(WIRE_TCP_FIN | WIRE_TCP_RST | WIRE_TCP_PSH);
	return flags;
}

/* Makes the headers in buffer those of a piece with size bytes of data. */
static void write_piece(const struct tcp_segments *segments, uint8_t *buffer, size_t size)
{
	uint8_t *ip = buffer + ETHERNET_SIZE;
	uint8_t *tcp = ip + IP6_SIZE;
	uint16_t length = (uint16_t)(segments->headers - ETHERNET_SIZE - IP6_SIZE + size);
	uint32_t before = (uint32_t)(segments->offset - segments->headers);
	bool last = segments->offset + size == segments->length;
	uint32_t sum;

	/* A SYN counts in sequence space as one before the data. */
	if (before > 0 && tcp[TCP_FLAGS] & WIRE_TCP_SYN)
		wire_put32(tcp + TCP_SEQUENCE, wire_get32(tcp + TCP_SEQUENCE) + 1);
	wire_put32(tcp + TCP_SEQUENCE, wire_get32(tcp + TCP_SEQUENCE) + before);
	tcp[TCP_FLAGS] = piece_flags(tcp[TCP_FLAGS], before == 0, last);
	wire_put16(ip + IP6_LENGTH, length);
	wire_put16(tcp + TCP_CHECKSUM, 0);
	sum = checksum_pseudo_header(ip, IPPROTO_TCP, length);
	wire_put_raw16(tcp + TCP_CHECKSUM, checksum_finish(checksum_add(sum, tcp, length)));
}

size_t tcp_segments_next(struct tcp_segments *segments, uint8_t *buffer)
{
	size_t rest = segments->length - segments->offset;
	size_t size = rest < segments->size ? rest : segments->size;

	if (rest == 0)
		return 0;
	memcpy(buffer, segments->frame, segments->headers);
	memcpy(buffer + segments->headers, segments->frame + segments->offset, size);
	write_piece(segments, buffer, size);
	segments->offset += size;
	return segments->headers + size;
}
