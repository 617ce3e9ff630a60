/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the parts of a TCP frame lie. */

#include "config.h"

#include <net/ethernet.h>
#include <netinet/in.h>

#include "slirp-glue/tcp_frame.h"
#include "slirp-glue/wire.h"

static bool find_v4(const uint8_t *frame, size_t length, struct tcp_frame *layout)
{
	const uint8_t *ip = frame + ETHERNET_SIZE;

	if (length < ETHERNET_SIZE + IP4_SIZE + TCP_SIZE || ip[IP4_VERSION_IHL] != 0x45 ||
	    ip[IP4_PROTOCOL] != IPPROTO_TCP ||
	    (wire_get16(ip + IP4_FRAGMENT) & (WIRE_IP4_OFFSET | WIRE_IP4_MORE_FRAGMENTS)) != 0)
		return false;
	*layout = (struct tcp_frame){ .address_size = IP4_ADDRESS_SIZE,
				      .source = ETHERNET_SIZE + IP4_SOURCE,
				      .tcp = ETHERNET_SIZE + IP4_SIZE };
	return true;
}

static bool find_v6(const uint8_t *frame, size_t length, struct tcp_frame *layout)
{
	const uint8_t *ip = frame + ETHERNET_SIZE;

	if (length < ETHERNET_SIZE + IP6_SIZE + TCP_SIZE || ip[IP6_NEXT_HEADER] != IPPROTO_TCP)
		return false;
	*layout = (struct tcp_frame){ .v6 = true,
				      .address_size = IP6_ADDRESS_SIZE,
				      .source = ETHERNET_SIZE + IP6_SOURCE,
				      .tcp = ETHERNET_SIZE + IP6_SIZE };
	return true;
}

bool tcp_frame_find(const uint8_t *frame, size_t length, struct tcp_frame *ret_layout)
{
	struct tcp_frame layout;
	bool found = false;
	size_t header;

	if (length < ETHERNET_SIZE)
		return false;
	if (wire_get16(frame + ETHERNET_TYPE) == ETHERTYPE_IP)
		found = find_v4(frame, length, &layout);
	else if (wire_get16(frame + ETHERNET_TYPE) == ETHERTYPE_IPV6)
		found = find_v6(frame, length, &layout);
	if (!found)
		return false;
	header = (size_t)(frame[layout.tcp + TCP_OFFSET] >> 4) * 4;
	if (header < TCP_SIZE || layout.tcp + header > length)
		return false;
	layout.data = (uint16_t)(layout.tcp + header);
	*ret_layout = layout;
	return true;
}
