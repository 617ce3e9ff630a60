/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP segments larger than the device's MTU. */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/segment.h"
#include "slirp-glue/tcp_frame.h"
#include "slirp-glue/wire.h"

/* The data of a segment in a packet of mtu bytes, without TCP options; tcp is where TCP starts. */
static uint16_t segment_size(uint32_t mtu, size_t tcp)
{
	return (uint16_t)(mtu - (tcp + TCP_SIZE - ETHERNET_SIZE));
}

void segment_describe(uint8_t *frame, size_t length, uint32_t mtu,
		      struct virtio_net_hdr *ret_header)
{
	struct tcp_frame layout;
	size_t tcp, headers;
	uint32_t sum;

	memset(ret_header, 0, sizeof(*ret_header));
	if (!tcp_frame_find(frame, length, &layout))
		return;
	tcp = layout.tcp;
	headers = layout.data;
	if (headers == length || headers - ETHERNET_SIZE >= mtu)
		return;
	sum = checksum_pseudo_header(frame + ETHERNET_SIZE, IPPROTO_TCP, (uint32_t)(length - tcp));
	wire_put_raw16(frame + tcp + TCP_CHECKSUM, (uint16_t)~checksum_finish(sum));
	ret_header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	ret_header->csum_start = (uint16_t)tcp;
	ret_header->csum_offset = TCP_CHECKSUM;
	if (length - ETHERNET_SIZE <= mtu)
		return;
	ret_header->gso_type = layout.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	ret_header->hdr_len = (uint16_t)headers;
	ret_header->gso_size = (uint16_t)(mtu - (headers - ETHERNET_SIZE));
}

/* Finds the two bytes of the MSS option's value in a whole TCP header, or NULL. */
static uint8_t *find_mss(uint8_t *header, size_t header_length)
{
	size_t at = TCP_SIZE;

	while (at + 1 < header_length && header[at] != TCPOPT_EOL) {
		size_t size = header[at] == TCPOPT_NOP ? 1 : header[at + 1];

		if (header[at] == TCPOPT_MAXSEG && size == TCPOLEN_MAXSEG &&
		    at + TCPOLEN_MAXSEG <= header_length)
			return header + at + 2;
		if (size == 0)
			return NULL;
		at += size;
	}
	return NULL;
}

/* The MSS option's value in a SYN, or NULL. length is what there is of the TCP header and data. */
static uint8_t *find_syn_mss(uint8_t *tcp, size_t length)
{
	size_t header_length;
	uint8_t *value;

	if (length < TCP_SIZE || !(tcp[TCP_FLAGS] & WIRE_TCP_SYN))
		return NULL;
	header_length = (size_t)(tcp[TCP_OFFSET] >> 4) * 4;
	if (header_length > length)
		return NULL;
	value = find_mss(tcp, header_length);
	/* On an odd offset it spans two words of the checksum; no stack lays it out like that. */
	return value != NULL && (value - tcp) % 2 == 0 ? value : NULL;
}

static void set_mss(uint8_t *tcp, uint8_t *value, uint16_t mss)
{
	uint16_t old_word = wire_get_raw16(value);

	wire_put16(value, mss);
	wire_put_raw16(tcp + TCP_CHECKSUM, checksum_update(wire_get_raw16(tcp + TCP_CHECKSUM),
							   old_word, wire_get_raw16(value)));
}

void segment_raise_mss(uint8_t *frame, size_t length, size_t transport_offset, uint16_t mss)
{
	uint8_t *tcp = frame + transport_offset;
	uint8_t *value =
		length > transport_offset ? find_syn_mss(tcp, length - transport_offset) : NULL;

	if (value != NULL && wire_get16(value) < mss)
		set_mss(tcp, value, mss);
}

void segment_limit_mss(uint8_t *frame, size_t length, uint32_t mtu)
{
	struct tcp_frame layout;
	uint8_t *tcp, *value;

	if (!tcp_frame_find(frame, length, &layout))
		return;
	tcp = frame + layout.tcp;
	value = find_syn_mss(tcp, length - layout.tcp);
	if (value != NULL && wire_get16(value) > segment_size(mtu, layout.tcp))
		set_mss(tcp, value, segment_size(mtu, layout.tcp));
}
