/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames for tests. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

static const uint8_t gateway_mac[6] = { 0x52, 0x55, 0x0a, 0x00, 0x02, 0x02 };
static const uint8_t guest_mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

uint16_t packet_get16(const uint8_t *field)
{
	return (uint16_t)(field[0] << 8 | field[1]);
}

uint32_t packet_get32(const uint8_t *field)
{
	return (uint32_t)packet_get16(field) << 16 | packet_get16(field + 2);
}

void packet_put16(uint8_t *field, uint16_t value)
{
	field[0] = (uint8_t)(value >> 8);
	field[1] = (uint8_t)value;
}

void packet_put32(uint8_t *field, uint32_t value)
{
	packet_put16(field, (uint16_t)(value >> 16));
	packet_put16(field + 2, (uint16_t)value);
}

uint16_t packet_checksum(uint32_t sum, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

static bool is_v6(const uint8_t *frame)
{
	return packet_get16(frame + 12) == 0x86dd;
}

uint32_t packet_transport(const uint8_t *frame)
{
	return is_v6(frame) ? 14 + 40 : 14 + (frame[14] & 15U) * 4;
}

static uint8_t protocol_of(const uint8_t *frame)
{
	return is_v6(frame) ? frame[14 + 6] : frame[14 + 9];
}

/* The sum of the pseudo-header, not complemented. */
static uint32_t pseudo_sum(const uint8_t *frame, uint32_t size)
{
	const uint8_t *addresses = is_v6(frame) ? frame + 14 + 8 : frame + 14 + 12;
	size_t length = is_v6(frame) ? 32 : 8;

	if (protocol_of(frame) == IPPROTO_ICMP)
		return 0;
	return (uint16_t)~packet_checksum(size + protocol_of(frame), addresses, length);
}

/* Where the checksum lies in the transport header; -1 if there is none. */
static int checksum_offset(const uint8_t *frame)
{
	switch (protocol_of(frame)) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return -1;
	}
}

void packet_mend(struct packet_bytes *packet)
{
	uint8_t *frame = packet->data;
	uint32_t start = packet_transport(frame);
	uint32_t size = packet->length - start;
	int offset = checksum_offset(frame);
	uint16_t checksum;

	if (!is_v6(frame)) {
		packet_put16(frame + 14 + 10, 0);
		packet_put16(frame + 14 + 10, packet_checksum(0, frame + 14, start - 14));
	}
	if (offset < 0 || (uint32_t)offset + 2 > size)
		return;
	packet_put16(frame + start + offset, 0);
	checksum = packet_checksum(pseudo_sum(frame, size), frame + start, size);
	if (protocol_of(frame) == IPPROTO_UDP && checksum == 0)
		checksum = 0xffff;
	packet_put16(frame + start + offset, checksum);
}

bool packet_is_right(const uint8_t *frame, uint32_t length)
{
	uint32_t start = packet_transport(frame);
	uint32_t size = length - start;
	uint32_t ip_length =
		is_v6(frame) ? 40U + packet_get16(frame + 14 + 4) : packet_get16(frame + 14 + 2);

	if (length != 14 + ip_length || length < start)
		return false;
	if (!is_v6(frame) && packet_checksum(0, frame + 14, start - 14) != 0)
		return false;
	if (protocol_of(frame) == IPPROTO_UDP && packet_get16(frame + start + 4) != size)
		return false;
	return packet_checksum(pseudo_sum(frame, size), frame + start, size) == 0;
}

static void write_headers(struct packet_bytes *packet, const char *source, const char *destination,
			  uint8_t protocol, size_t size)
{
	uint8_t *frame = packet->data;
	uint8_t *ip = frame + 14;

	memset(frame, 0, 14 + 40);
	memcpy(frame, gateway_mac, 6);
	memcpy(frame + 6, guest_mac, 6);
	if (inet_pton(AF_INET, source, ip + 12) == 1) {
		ck_assert_int_eq(inet_pton(AF_INET, destination, ip + 16), 1);
		ck_assert_uint_le(20 + size, 65535);
		packet_put16(frame + 12, 0x0800);
		ip[0] = 0x45;
		packet_put16(ip + 2, (uint16_t)(20 + size));
		ip[8] = 64;
		ip[9] = protocol;
		packet->length = (uint32_t)(14 + 20 + size);
		return;
	}
	memset(ip, 0, 40);
	ck_assert_int_eq(inet_pton(AF_INET6, source, ip + 8), 1);
	ck_assert_int_eq(inet_pton(AF_INET6, destination, ip + 24), 1);
	ck_assert_uint_le(size, 65535);
	packet_put16(frame + 12, 0x86dd);
	ip[0] = 0x60;
	packet_put16(ip + 4, (uint16_t)size);
	ip[6] = protocol;
	ip[7] = 255;
	packet->length = (uint32_t)(14 + 40 + size);
}

static void fill_payload(uint8_t *payload, size_t size)
{
	for (size_t i = 0; i < size; i++)
		payload[i] = (uint8_t)(i + i / 256);
}

void packet_make_ip(struct packet_bytes *packet, const char *source, const char *destination,
		    uint8_t protocol, size_t size)
{
	write_headers(packet, source, destination, protocol, size);
	fill_payload(packet->data + packet_transport(packet->data), size);
	packet_mend(packet);
}

void packet_make_tcp(struct packet_bytes *packet, const char *source, uint16_t source_port,
		     const char *destination, uint16_t destination_port, uint8_t flags, size_t size)
{
	uint8_t *tcp;

	write_headers(packet, source, destination, IPPROTO_TCP, 20 + size);
	tcp = packet->data + packet_transport(packet->data);
	memset(tcp, 0, 20);
	packet_put16(tcp, source_port);
	packet_put16(tcp + 2, destination_port);
	packet_put32(tcp + 4, 0x12345678);
	if (flags & PACKET_ACK)
		packet_put32(tcp + 8, 0x9abcdef0);
	tcp[12] = 5 << 4;
	tcp[13] = flags;
	packet_put16(tcp + 14, 0xfaf0);
	fill_payload(tcp + 20, size);
	packet_mend(packet);
}

void packet_make_udp(struct packet_bytes *packet, const char *source, uint16_t source_port,
		     const char *destination, uint16_t destination_port, size_t size)
{
	uint8_t *udp;

	write_headers(packet, source, destination, IPPROTO_UDP, 8 + size);
	udp = packet->data + packet_transport(packet->data);
	packet_put16(udp, source_port);
	packet_put16(udp + 2, destination_port);
	packet_put16(udp + 4, (uint16_t)(8 + size));
	fill_payload(udp + 8, size);
	packet_mend(packet);
}

void packet_make_icmp(struct packet_bytes *packet, const char *source, const char *destination,
		      uint8_t kind, size_t size)
{
	bool v6 = strchr(source, ':') != NULL;
	uint8_t *icmp;

	write_headers(packet, source, destination, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 8 + size);
	icmp = packet->data + packet_transport(packet->data);
	memset(icmp, 0, 8);
	icmp[0] = kind;
	packet_put16(icmp + 4, 0xbeef);
	packet_put16(icmp + 6, 7);
	fill_payload(icmp + 8, size);
	packet_mend(packet);
}

void packet_make_arp(struct packet_bytes *packet, uint16_t operation)
{
	static const uint8_t start[] = { 0, 1, 8, 0, 6, 4 };
	uint8_t *arp = packet->data + 14;

	memset(packet->data, 0xff, 6);
	memcpy(packet->data + 6, guest_mac, 6);
	packet_put16(packet->data + 12, 0x0806);
	memset(arp, 0, 28);
	memcpy(arp, start, sizeof(start));
	packet_put16(arp + 6, operation);
	memcpy(arp + 8, guest_mac, 6);
	inet_pton(AF_INET, "10.0.2.100", arp + 14);
	inet_pton(AF_INET, "10.0.2.2", arp + 24);
	packet->length = 14 + 28;
}

void packet_add_options(struct packet_bytes *packet, const void *options, size_t size)
{
	uint8_t *ip = packet->data + 14;

	memmove(ip + 20 + size, ip + 20, packet->length - 14 - 20);
	memcpy(ip + 20, options, size);
	packet->length += (uint32_t)size;
	ip[0] = (uint8_t)(0x45 + size / 4);
	packet_put16(ip + 2, (uint16_t)(packet->length - 14));
	packet_mend(packet);
}

static void make_fragment4(struct packet_bytes *fragment, uint32_t identification, uint32_t offset,
			   uint32_t size, bool last)
{
	uint8_t *ip = fragment->data + 14;

	packet_put16(ip + 2, (uint16_t)(20 + size));
	packet_put16(ip + 4, (uint16_t)identification);
	packet_put16(ip + 6, (uint16_t)((last ? 0 : 0x2000) | offset / 8));
	packet_put16(ip + 10, 0);
	packet_put16(ip + 10, packet_checksum(0, ip, 20));
}

static void make_fragment6(struct packet_bytes *fragment, uint32_t identification, uint32_t offset,
			   uint32_t size, bool last)
{
	uint8_t *ip = fragment->data + 14;

	packet_put16(ip + 4, (uint16_t)(8 + size));
	ip[40] = ip[6];
	ip[41] = 0;
	packet_put16(ip + 42, (uint16_t)(offset | (last ? 0 : 1)));
	packet_put32(ip + 44, identification);
	ip[6] = 44;
}

void packet_make_fragment(struct packet_bytes *fragment, const struct packet_bytes *whole,
			  uint32_t identification, uint32_t offset, uint32_t size)
{
	uint32_t start = packet_transport(whole->data);
	uint32_t header = is_v6(whole->data) ? 8 : 0;
	bool last = start + offset + size == whole->length;

	memcpy(fragment->data, whole->data, start);
	memcpy(fragment->data + start + header, whole->data + start + offset, size);
	fragment->length = start + header + size;
	if (is_v6(whole->data))
		make_fragment6(fragment, identification, offset, size, last);
	else
		make_fragment4(fragment, identification, offset, size, last);
}

static bool has_address(const uint8_t *frame, uint32_t offset4, uint32_t offset6, const char *text)
{
	int family = is_v6(frame) ? AF_INET6 : AF_INET;
	uint8_t bytes[16];

	if (inet_pton(family, text, bytes) != 1)
		return false;
	return memcmp(frame + 14 + (is_v6(frame) ? offset6 : offset4), bytes,
		      is_v6(frame) ? 16 : 4) == 0;
}

bool packet_has_source(const uint8_t *frame, const char *text)
{
	return has_address(frame, 12, 8, text);
}

bool packet_has_destination(const uint8_t *frame, const char *text)
{
	return has_address(frame, 16, 24, text);
}
