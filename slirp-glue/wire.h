/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the fields of the protocol headers lie, and access to them at any alignment. */
#pragma once

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

/* Byte offsets from the start of the header that the name begins with, and sizes in bytes. */
enum {
	ETHERNET_DESTINATION = 0,
	ETHERNET_SOURCE = 6,
	ETHERNET_TYPE = 12,
	ETHERNET_SIZE = 14,
	ETHERNET_ADDRESS_SIZE = 6,

	/* RFC 826 */
	ARP_HARDWARE = 0,
	ARP_PROTOCOL = 2,
	ARP_HARDWARE_SIZE = 4,
	ARP_PROTOCOL_SIZE = 5,
	ARP_OPERATION = 6,
	ARP_SIZE = 28,

	/* RFC 791, section 3.1 */
	IP4_VERSION_IHL = 0,
	IP4_TOS = 1,
	IP4_LENGTH = 2,
	IP4_ID = 4,
	IP4_FRAGMENT = 6,
	IP4_TTL = 8,
	IP4_PROTOCOL = 9,
	IP4_CHECKSUM = 10,
	IP4_SOURCE = 12,
	IP4_DESTINATION = 16,
	IP4_SIZE = 20,
	IP4_ADDRESS_SIZE = 4,

	/* RFC 8200, section 3 */
	IP6_VERSION = 0,
	IP6_LENGTH = 4,
	IP6_NEXT_HEADER = 6,
	IP6_HOP_LIMIT = 7,
	IP6_SOURCE = 8,
	IP6_DESTINATION = 24,
	IP6_SIZE = 40,
	IP6_ADDRESS_SIZE = 16,

	/* RFC 8200, section 4.5 */
	IP6_FRAGMENT_NEXT_HEADER = 0,
	IP6_FRAGMENT_OFFSET = 2,
	IP6_FRAGMENT_ID = 4,
	IP6_FRAGMENT_SIZE = 8,

	/* RFC 9293, section 3.1 */
	TCP_SOURCE = 0,
	TCP_DESTINATION = 2,
	TCP_SEQUENCE = 4,
	TCP_ACKNOWLEDGEMENT = 8,
	TCP_OFFSET = 12, /* in the upper four bits, as 32-bit words */
	TCP_FLAGS = 13,
	TCP_WINDOW = 14,
	TCP_CHECKSUM = 16,
	TCP_URGENT = 18,
	TCP_SIZE = 20,

	/* RFC 768 */
	UDP_SOURCE = 0,
	UDP_DESTINATION = 2,
	UDP_LENGTH = 4,
	UDP_CHECKSUM = 6,
	UDP_SIZE = 8,

	/* RFC 792 and RFC 4443; the identifier is that of echo messages */
	ICMP_KIND = 0,
	ICMP_CODE = 1,
	ICMP_CHECKSUM = 2,
	ICMP_IDENTIFIER = 4,
	ICMP_SEQUENCE = 6,
	ICMP_SIZE = 8,
};

enum {
	WIRE_IP4_DONT_FRAGMENT = 0x4000,
	WIRE_IP4_MORE_FRAGMENTS = 0x2000,
	WIRE_IP4_RESERVED = 0x8000,
	WIRE_IP4_OFFSET = 0x1fff, /* in units of 8 bytes */
	WIRE_IP6_MORE_FRAGMENTS = 0x0001,
	WIRE_IP6_OFFSET = 0xfff8, /* in bytes */
	WIRE_IP6_FRAGMENT_HEADER = 44,

	WIRE_TCP_FIN = 0x01,
	WIRE_TCP_SYN = 0x02,
	WIRE_TCP_RST = 0x04,
	WIRE_TCP_PSH = 0x08,
	WIRE_TCP_ACK = 0x10,
	WIRE_TCP_URG = 0x20,
	WIRE_TCP_CWR = 0x80,
};

/* A 16-bit field in host byte order. */
static inline uint16_t wire_get16(const uint8_t *field)
{
	uint16_t value;

	memcpy(&value, field, sizeof(value));
	return ntohs(value);
}

static inline uint32_t wire_get32(const uint8_t *field)
{
	uint32_t value;

	memcpy(&value, field, sizeof(value));
	return ntohl(value);
}

static inline void wire_put16(uint8_t *field, uint16_t value)
{
	value = htons(value);
	memcpy(field, &value, sizeof(value));
}

static inline void wire_put32(uint8_t *field, uint32_t value)
{
	value = htonl(value);
	memcpy(field, &value, sizeof(value));
}

/* A 16-bit field as it is stored: what the checksum functions take and give. */
static inline uint16_t wire_get_raw16(const uint8_t *field)
{
	uint16_t value;

	memcpy(&value, field, sizeof(value));
	return value;
}

static inline void wire_put_raw16(uint8_t *field, uint16_t value)
{
	memcpy(field, &value, sizeof(value));
}
