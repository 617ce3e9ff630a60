/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rewrites the address of DNS over TCP in segments to and from the relay. */

#include "config.h"

#include "slirp-glue/checksum.h"
#include "slirp-glue/dns_address.h"
#include "slirp-glue/wire.h"

#define PORT_DNS 53

/* Writes an IPv4 address of a TCP segment and mends the checksums of both headers. */
static void rewrite_address(struct frame *frame, uint32_t offset, struct in_addr address)
{
	uint8_t *field = frame->data + ETHERNET_SIZE + offset;
	uint8_t *ip_checksum = frame->data + ETHERNET_SIZE + IP4_CHECKSUM;
	uint8_t *tcp_checksum = frame->data + frame->transport_offset + TCP_CHECKSUM;
	uint16_t ip_sum = wire_get_raw16(ip_checksum);
	uint16_t tcp_sum = wire_get_raw16(tcp_checksum);
	uint8_t bytes[IP4_ADDRESS_SIZE];

	memcpy(bytes, &address, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i += 2) {
		uint16_t old_word = wire_get_raw16(field + i);
		uint16_t new_word = wire_get_raw16(bytes + i);

		ip_sum = checksum_update(ip_sum, old_word, new_word);
		tcp_sum = checksum_update(tcp_sum, old_word, new_word);
	}
	memcpy(field, bytes, sizeof(bytes));
	wire_put_raw16(ip_checksum, ip_sum);
	wire_put_raw16(tcp_checksum, tcp_sum);
}

void dns_address_redirect(struct frame *frame, const struct network *network)
{
	rewrite_address(frame, IP4_DESTINATION, network->v4_dns_stream);
}

void dns_address_restore(struct frame *frame, const struct network *network)
{
	const uint8_t *source = frame->data + ETHERNET_SIZE + IP4_SOURCE;

	if (memcmp(source, &network->v4_dns_stream, IP4_ADDRESS_SIZE) != 0 ||
	    frame->length < (uint32_t)frame->transport_offset + TCP_SIZE ||
	    wire_get16(frame->data + frame->transport_offset + TCP_SOURCE) != PORT_DNS)
		return;
	rewrite_address(frame, IP4_SOURCE, network->v4_dns);
}
