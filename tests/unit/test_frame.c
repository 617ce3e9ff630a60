/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/frame: what is parsed, mended and dropped. */

#include "config.h"

#include <check.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/frame.h"

#define GUEST "10.0.2.100"
#define HOST "198.51.100.7"
#define GUEST6 "fd00::100"
#define HOST6 "2001:db8::7"

static struct packet_bytes packet;
static struct counters counters;

static void setup(void)
{
	memset(&packet, 0, sizeof(packet));
	memset(&counters, 0, sizeof(counters));
}

static uint64_t counted(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNTER_COUNT; i++)
		sum += counters.value[i];
	return sum;
}

/*
 * Parses a copy of exactly length bytes, so that a sanitizer sees any read beyond. *ret_frame
 * points to a static copy of what was parsed.
 */
static bool parse(uint32_t length, struct frame *ret_frame)
{
	static uint8_t kept[PACKET_MAX];
	uint8_t *copy = malloc(length ? length : 1);
	bool parsed;

	memcpy(copy, packet.data, length);
	parsed = frame_parse(copy, length, &counters, ret_frame);
	if (parsed) {
		ck_assert(ret_frame->data >= copy);
		ck_assert(ret_frame->data + ret_frame->length <= copy + length);
		memcpy(kept, ret_frame->data, ret_frame->length);
		ret_frame->data = kept;
	}
	free(copy);
	return parsed;
}

static void assert_parsed(struct frame *ret_frame)
{
	ck_assert(parse(packet.length, ret_frame));
	ck_assert_uint_eq(counted(), 0);
}

static void assert_dropped(uint32_t length, enum counter why)
{
	struct frame frame = { .length = 4711 };

	ck_assert(!parse(length, &frame));
	ck_assert_uint_eq(frame.length, 4711);
	ck_assert_msg(counters.value[why] == 1, "%s is %d", counter_name(why),
		      (int)counters.value[why]);
	ck_assert_uint_eq(counted(), 1);
	memset(&counters, 0, sizeof(counters));
}

/* Puts a value of 1 or 2 bytes at offset, sets the checksums again, and expects a drop. */
static void assert_dropped_with(uint32_t offset, size_t size, uint16_t value, enum counter why)
{
	if (size == 1)
		packet.data[offset] = (uint8_t)value;
	else
		packet_put16(packet.data + offset, value);
	packet_mend(&packet);
	assert_dropped(packet.length, why);
}

START_TEST(tcp4)
{
	struct frame frame;

	packet_make_tcp(&packet, GUEST, 4000, HOST, 80, PACKET_ACK, 100);
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 14 + 20 + 20 + 100);
	ck_assert_uint_eq(frame.ethertype, ETHERTYPE_IP);
	ck_assert_uint_eq(frame.transport_offset, 34);
	ck_assert_uint_eq(frame.protocol, IPPROTO_TCP);
	ck_assert(!frame.fragment);
	ck_assert(packet_is_right(frame.data, frame.length));
	ck_assert(frame_has_right_checksum(&frame));
	ck_assert_mem_eq(frame.data, packet.data, packet.length);
}
END_TEST

START_TEST(udp6)
{
	struct frame frame;

	packet_make_udp(&packet, GUEST6, 4000, HOST6, 53, 33);
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 14 + 40 + 8 + 33);
	ck_assert_uint_eq(frame.ethertype, ETHERTYPE_IPV6);
	ck_assert_uint_eq(frame.transport_offset, 54);
	ck_assert_uint_eq(frame.protocol, IPPROTO_UDP);
	ck_assert(frame_has_right_checksum(&frame));
}
END_TEST

START_TEST(icmp_of_both_families)
{
	struct frame frame;

	packet_make_icmp(&packet, GUEST, HOST, 8, 56);
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.protocol, IPPROTO_ICMP);
	ck_assert(frame_has_right_checksum(&frame));
	packet_make_icmp(&packet, GUEST6, HOST6, 128, 56);
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.protocol, IPPROTO_ICMPV6);
	ck_assert(frame_has_right_checksum(&frame));
}
END_TEST

START_TEST(arp)
{
	struct frame frame;

	packet_make_arp(&packet, 1);
	packet.length = 60; /* padded as on a wire */
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 42);
	ck_assert_uint_eq(frame.protocol, 0);
	ck_assert_uint_eq(frame.transport_offset, 0);
	packet_make_arp(&packet, 2);
	assert_parsed(&frame);
}
END_TEST

START_TEST(bad_arp)
{
	static const struct {
		uint32_t offset;
		uint16_t value;
	} rows[] = {
		{ 14, 6 }, { 16, 0x86dd }, { 18, 0x0804 }, { 18, 0x0610 }, { 20, 0 }, { 20, 3 }
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		packet_make_arp(&packet, 1);
		packet_put16(packet.data + rows[i].offset, rows[i].value);
		assert_dropped(packet.length, COUNTER_bad_arp);
	}
	packet_make_arp(&packet, 1);
	for (uint32_t length = 14; length < 42; length++)
		assert_dropped(length, COUNTER_bad_arp);
}
END_TEST

START_TEST(short_frames)
{
	packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 0);
	for (uint32_t length = 0; length < 34; length++)
		assert_dropped(length, COUNTER_short_frames);
	for (uint32_t length = 34; length < packet.length; length++)
		assert_dropped(length, COUNTER_bad_ip);
	packet_make_tcp(&packet, GUEST6, 1, HOST6, 2, PACKET_ACK, 0);
	for (uint32_t length = 0; length < 54; length++)
		assert_dropped(length, COUNTER_short_frames);
	for (uint32_t length = 54; length < packet.length; length++)
		assert_dropped(length, COUNTER_bad_ip);
}
END_TEST

START_TEST(other_ethertypes)
{
	static const uint16_t types[] = { 0x8100, 0x88a8, 0x88f8, 0x8035, 60, 0, 0xffff };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 0);
		packet_put16(packet.data + 12, types[i]);
		assert_dropped(packet.length, COUNTER_bad_ethertype);
	}
}
END_TEST

START_TEST(trailers_are_trimmed)
{
	struct frame frame;

	packet_make_udp(&packet, GUEST, 1, HOST, 2, 3);
	packet.length = 60;
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 14 + 20 + 8 + 3);
	packet_make_udp(&packet, GUEST6, 1, HOST6, 2, 0);
	packet.length = PACKET_MAX;
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 14 + 40 + 8);
}
END_TEST

START_TEST(lying_ip4_headers)
{
	static const struct {
		uint32_t offset;
		size_t size;
		uint16_t value;
	} rows[] = {
		{ 14, 1, 0x44 },		   /* header of 16 bytes */
		{ 14, 1, 0x40 },  { 14, 1, 0x55 }, /* version */
		{ 14, 1, 0x65 },  { 16, 2, 19 },   /* total length */
		{ 16, 2, 0 },	  { 16, 2, 20 + 20 + 101 },
		{ 16, 2, 65535 }, { 20, 2, 0x8000 }, /* the reserved bit */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 100);
		assert_dropped_with(rows[i].offset, rows[i].size, rows[i].value, COUNTER_bad_ip);
	}
}
END_TEST

START_TEST(wrong_header_checksum)
{
	for (uint32_t bit = 0; bit < 160; bit++) {
		packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 100);
		packet.data[14 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_dropped(packet.length, COUNTER_bad_ip);
	}
}
END_TEST

START_TEST(lying_ip6_headers)
{
	packet_make_tcp(&packet, GUEST6, 1, HOST6, 2, PACKET_ACK, 100);
	packet_put16(packet.data + 18, 121);
	assert_dropped(packet.length, COUNTER_bad_ip);
	packet_put16(packet.data + 18, 65535);
	assert_dropped(packet.length, COUNTER_bad_ip);
	packet_put16(packet.data + 18, 0); /* a jumbogram */
	assert_dropped(packet.length, COUNTER_bad_transport);
	packet_make_tcp(&packet, GUEST6, 1, HOST6, 2, PACKET_ACK, 100);
	packet.data[14] = 0x40;
	assert_dropped(packet.length, COUNTER_bad_ip);
}
END_TEST

START_TEST(other_protocols)
{
	static const uint8_t protocols4[] = { 0, 2, 4, 41, 44, 47, 50, 58, 132, 255 };
	static const uint8_t protocols6[] = { 0, 1, 4, 41, 43, 50, 51, 59, 60, 132, 255 };

	for (size_t i = 0; i < ARRAY_SIZE(protocols4); i++) {
		packet_make_ip(&packet, GUEST, HOST, protocols4[i], 40);
		assert_dropped(packet.length, COUNTER_bad_protocol);
	}
	for (size_t i = 0; i < ARRAY_SIZE(protocols6); i++) {
		packet_make_ip(&packet, GUEST6, HOST6, protocols6[i], 40);
		assert_dropped(packet.length, COUNTER_bad_protocol);
	}
}
END_TEST

START_TEST(bad_tcp)
{
	for (size_t size = 0; size < 20; size++) {
		packet_make_ip(&packet, GUEST, HOST, IPPROTO_TCP, size);
		assert_dropped(packet.length, COUNTER_bad_transport);
	}
	packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 4);
	assert_dropped_with(34 + 12, 1, 4 << 4, COUNTER_bad_transport);
	assert_dropped_with(34 + 12, 1, 0, COUNTER_bad_transport);
	assert_dropped_with(34 + 12, 1, 7 << 4, COUNTER_bad_transport);
	assert_dropped_with(34 + 12, 1, 0xff, COUNTER_bad_transport);
}
END_TEST

START_TEST(bad_udp)
{
	for (size_t size = 0; size < 8; size++) {
		packet_make_ip(&packet, GUEST6, HOST6, IPPROTO_UDP, size);
		assert_dropped(packet.length, COUNTER_bad_transport);
	}
	packet_make_udp(&packet, GUEST, 1, HOST, 2, 10);
	assert_dropped_with(34 + 4, 2, 7, COUNTER_bad_transport);
	assert_dropped_with(34 + 4, 2, 0, COUNTER_bad_transport);
	assert_dropped_with(34 + 4, 2, 19, COUNTER_bad_transport);
	assert_dropped_with(34 + 4, 2, 65535, COUNTER_bad_transport);
}
END_TEST

START_TEST(udp_without_checksum)
{
	struct frame frame;

	packet_make_udp(&packet, GUEST, 1, HOST, 2, 10);
	packet_put16(packet.data + 34 + 6, 0);
	assert_parsed(&frame);
	ck_assert(frame_has_right_checksum(&frame));
	packet_make_udp(&packet, GUEST6, 1, HOST6, 2, 10);
	packet_put16(packet.data + 54 + 6, 0);
	assert_dropped(packet.length, COUNTER_bad_transport);
}
END_TEST

START_TEST(bad_icmp)
{
	for (size_t size = 0; size < 8; size++) {
		packet_make_ip(&packet, GUEST, HOST, IPPROTO_ICMP, size);
		assert_dropped(packet.length, COUNTER_bad_transport);
		packet_make_ip(&packet, GUEST6, HOST6, IPPROTO_ICMPV6, size);
		assert_dropped(packet.length, COUNTER_bad_transport);
	}
}
END_TEST

START_TEST(wrong_transport_checksums_are_seen)
{
	struct frame frame;

	packet_make_udp(&packet, GUEST6, 1, HOST6, 2, 10);
	packet.data[packet.length - 1] ^= 1;
	assert_parsed(&frame);
	ck_assert(!frame_has_right_checksum(&frame));
	packet_make_icmp(&packet, GUEST, HOST, 8, 11);
	packet.data[packet.length - 1] ^= 1;
	assert_parsed(&frame);
	ck_assert(!frame_has_right_checksum(&frame));
}
END_TEST

START_TEST(udp_surplus_is_trimmed)
{
	struct frame frame;

	/* The checksum covers the datagram only, so it is made before the surplus is added. */
	packet_make_udp(&packet, GUEST, 1, HOST, 2, 10);
	packet_put16(packet.data + 16, 20 + 18 + 5);
	packet_put16(packet.data + 24, 0);
	packet_put16(packet.data + 24, packet_checksum(0, packet.data + 14, 20));
	packet.length += 5;
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 14 + 20 + 18);
	ck_assert(packet_is_right(frame.data, frame.length));

	packet_make_udp(&packet, GUEST6, 1, HOST6, 2, 10);
	packet_put16(packet.data + 18, 18 + 5);
	packet.length += 5;
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 14 + 40 + 18);
	ck_assert(packet_is_right(frame.data, frame.length));
}
END_TEST

/* flags beside ACK, and the urgent pointer. */
static const struct {
	uint8_t flags;
	uint16_t pointer;
} urgent_rows[] = {
	{ PACKET_URG, 0 },
	{ PACKET_URG, 1 },
	{ PACKET_URG, 65535 },
	{ 0, 1 },
	{ 0, 65535 },
	{ PACKET_URG | PACKET_FIN, 0x8000 },
	{ PACKET_URG | PACKET_SYN, 3 },
};

START_TEST(urgent_pointers_are_stripped)
{
	const char *const addresses[2][2] = { { GUEST, HOST }, { GUEST6, HOST6 } };
	uint8_t flags = urgent_rows[_i].flags;
	struct frame frame;

	for (size_t i = 0; i < 2; i++) {
		uint8_t *tcp;

		packet_make_tcp(&packet, addresses[i][0], 4000, addresses[i][1], 80,
				PACKET_ACK | flags, 77);
		tcp = packet.data + packet_transport(packet.data);
		packet_put16(tcp + 18, urgent_rows[_i].pointer);
		packet_mend(&packet);
		ck_assert(parse(packet.length, &frame));
		ck_assert_uint_eq(counters.value[COUNTER_urgent_stripped], i + 1);
		ck_assert_uint_eq(counted(), i + 1);
		tcp = frame.data + frame.transport_offset;
		ck_assert_uint_eq(tcp[13], (PACKET_ACK | flags) & ~PACKET_URG);
		ck_assert_uint_eq(packet_get16(tcp + 18), 0);
		ck_assert(packet_is_right(frame.data, frame.length));
		/* Exactly what the sender would have sent without it. */
		packet_make_tcp(&packet, addresses[i][0], 4000, addresses[i][1], 80,
				(PACKET_ACK | flags) & ~PACKET_URG, 77);
		ck_assert_uint_eq(frame.length, packet.length);
		ck_assert_mem_eq(frame.data, packet.data, packet.length);
	}
}
END_TEST

START_TEST(a_wrong_checksum_stays_wrong)
{
	struct frame frame;

	packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK | PACKET_URG, 10);
	packet.data[packet.length - 1] ^= 0x10;
	ck_assert(parse(packet.length, &frame));
	ck_assert(!frame_has_right_checksum(&frame));
}
END_TEST

static const struct {
	uint8_t size;
	uint8_t bytes[40];
	bool parsed;
} option_rows[] = {
	{ 4, { 1, 1, 1, 0 }, true },
	{ 4, { 0, 255, 255, 255 }, true },
	{ 4, { 148, 4, 0, 0 }, true },	/* router alert */
	{ 40, { 7, 39, 4 }, true },	/* record route */
	{ 12, { 68, 12, 5, 0 }, true }, /* timestamp */
	{ 4, { 1, 1, 1, 1 }, true },
	{ 4, { 131, 3, 4, 0 }, false },		      /* loose source route */
	{ 8, { 1, 137, 7, 4, 127, 0, 0, 1 }, false }, /* strict source route */
	{ 4, { 148, 5, 0, 0 }, false },		      /* longer than there is room */
	{ 4, { 148, 1, 0, 0 }, false },
	{ 4, { 148, 0, 0, 0 }, false },
	{ 4, { 1, 1, 1, 148 }, false }, /* no length */
};

START_TEST(ip4_options)
{
	struct packet_bytes plain = { 0 };
	struct frame frame;

	packet_make_tcp(&packet, GUEST, 4000, HOST, 80, PACKET_ACK, 50);
	plain = packet;
	packet_add_options(&packet, option_rows[_i].bytes, option_rows[_i].size);
	if (!option_rows[_i].parsed) {
		assert_dropped(packet.length, COUNTER_bad_ip);
		return;
	}
	packet.length += 3; /* a trailer beside */
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, plain.length);
	ck_assert_mem_eq(frame.data, plain.data, plain.length);
}
END_TEST

START_TEST(fragments_are_parsed_to_the_ip_layer)
{
	static struct packet_bytes whole;
	struct endpoint endpoint;
	struct frame frame;

	packet_make_udp(&whole, GUEST, 4000, HOST, 80, 3000);
	packet_make_fragment(&packet, &whole, 77, 0, 1480);
	assert_parsed(&frame);
	ck_assert(frame.fragment);
	ck_assert_uint_eq(frame.transport_offset, 0);
	ck_assert_uint_eq(frame.protocol, IPPROTO_UDP);
	frame_source(&frame, &endpoint);
	ck_assert_uint_eq(endpoint.port, 0);
	ck_assert(!frame_starts_tcp(&frame));
	packet_make_fragment(&packet, &whole, 77, 2960, 48);
	assert_parsed(&frame);
	ck_assert(frame.fragment);

	packet_make_udp(&whole, GUEST6, 4000, HOST6, 80, 3000);
	packet_make_fragment(&packet, &whole, 77, 0, 1480);
	assert_parsed(&frame);
	ck_assert(frame.fragment);
	ck_assert_uint_eq(frame.protocol, IPPROTO_UDP);
	packet.data[54] = 132;
	assert_dropped(packet.length, COUNTER_bad_protocol);
	packet.data[54] = 44; /* a fragment header behind a fragment header */
	assert_dropped(packet.length, COUNTER_bad_protocol);
	packet_put16(packet.data + 18, 7);
	assert_dropped(packet.length, COUNTER_bad_ip);
}
END_TEST

START_TEST(largest_packets)
{
	struct frame frame;

	packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 65535 - 40);
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, 14 + 65535);
	packet_make_tcp(&packet, GUEST6, 1, HOST6, 2, PACKET_ACK, 65535 - 20);
	assert_parsed(&frame);
	ck_assert_uint_eq(frame.length, FRAME_MAX);
}
END_TEST

START_TEST(endpoints)
{
	struct endpoint source, destination;
	char text[ADDRESS_TEXT_MAX];
	struct frame frame;

	packet_make_udp(&packet, GUEST, 4000, HOST, 53, 0);
	assert_parsed(&frame);
	frame_source(&frame, &source);
	frame_destination(&frame, &destination);
	ck_assert_str_eq(endpoint_format(&source, text), GUEST ":4000");
	ck_assert_str_eq(endpoint_format(&destination, text), HOST ":53");
	packet_make_tcp(&packet, GUEST6, 4000, HOST6, 443, PACKET_SYN, 0);
	assert_parsed(&frame);
	frame_source(&frame, &source);
	frame_destination(&frame, &destination);
	ck_assert_str_eq(endpoint_format(&source, text), "[" GUEST6 "]:4000");
	ck_assert_str_eq(endpoint_format(&destination, text), "[" HOST6 "]:443");
	packet_make_icmp(&packet, GUEST, HOST, 8, 0);
	assert_parsed(&frame);
	frame_source(&frame, &source);
	frame_destination(&frame, &destination);
	ck_assert_str_eq(endpoint_format(&source, text), GUEST ":0");
	ck_assert_str_eq(endpoint_format(&destination, text), HOST ":0");
}
END_TEST

START_TEST(starts_of_tcp)
{
	for (unsigned int flags = 0; flags < 256; flags++) {
		struct frame frame;

		packet_make_tcp(&packet, GUEST, 1, HOST, 2, (uint8_t)flags, 0);
		ck_assert(parse(packet.length, &frame));
		ck_assert_int_eq(frame_starts_tcp(&frame),
				 (flags & PACKET_SYN) && !(flags & PACKET_ACK));
	}
	packet_make_udp(&packet, GUEST, 1, HOST, 2, 100);
	memset(packet.data + 34 + 8, PACKET_SYN, 100);
	packet_mend(&packet);
	struct frame frame;

	ck_assert(parse(packet.length, &frame));
	ck_assert(!frame_starts_tcp(&frame));
}
END_TEST

/* Leaves the checksum to the device, as a kernel does: the field holds the pseudo-header's sum. */
static struct frame_offload offload_checksum(uint16_t field)
{
	struct frame_offload offload = { .needs_checksum = true, .checksum_offset = field };
	uint32_t start = packet_transport(packet.data);
	uint8_t *transport = packet.data + start;
	uint32_t size = packet.length - start;
	uint16_t whole = packet_get16(transport + field);
	uint32_t pseudo;

	/* What the whole has, less what the transport has: in one's complement. */
	packet_put16(transport + field, 0);
	pseudo = (uint32_t)(uint16_t)~whole + packet_checksum(0, transport, size);
	packet_put16(transport + field, (uint16_t)((pseudo & 0xffff) + (pseudo >> 16)));
	offload.checksum_start = (uint16_t)start;
	return offload;
}

START_TEST(checksums_left_to_the_device)
{
	struct frame_offload offload;

	packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 5001);
	offload = offload_checksum(16);
	ck_assert(!packet_is_right(packet.data, packet.length));
	ck_assert(frame_complete_checksum(packet.data, packet.length, &offload, &counters));
	ck_assert(packet_is_right(packet.data, packet.length));
	packet_make_udp(&packet, GUEST6, 1, HOST6, 2, 5001);
	offload = offload_checksum(6);
	ck_assert(!packet_is_right(packet.data, packet.length));
	ck_assert(frame_complete_checksum(packet.data, packet.length, &offload, &counters));
	ck_assert(packet_is_right(packet.data, packet.length));
	ck_assert_uint_eq(counted(), 0);
}
END_TEST

START_TEST(a_completed_checksum_is_never_zero)
{
	struct frame_offload offload = { true, 34, 6, 0 };

	packet_make_udp(&packet, GUEST, 1, HOST, 2, 2);
	memset(packet.data + 34, 0, 10);
	packet_put16(packet.data + 34 + 8, 0xffff);
	ck_assert(frame_complete_checksum(packet.data, packet.length, &offload, &counters));
	ck_assert_uint_eq(packet_get16(packet.data + 34 + 6), 0xffff);
}
END_TEST

START_TEST(offload_outside_of_the_frame)
{
	static const struct frame_offload rows[] = {
		{ true, 34, 7, 0 },	   { true, 41, 0, 0 },	   { true, 42, 0, 0 },
		{ true, 0, 41, 0 },	   { true, 65535, 0, 0 },  { true, 0, 65535, 0 },
		{ true, 65535, 65535, 0 }, { true, 34, 65500, 0 }, { true, 65500, 100, 0 },
	};
	static const struct frame_offload fits = { true, 34, 6, 0 };
	uint8_t *copy;

	packet_make_udp(&packet, GUEST, 1, HOST, 2, 0);
	copy = malloc(packet.length);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(copy, packet.data, packet.length);
		ck_assert(!frame_complete_checksum(copy, packet.length, &rows[i], &counters));
		ck_assert_uint_eq(counters.value[COUNTER_bad_offload], i + 1);
		ck_assert_mem_eq(copy, packet.data, packet.length);
	}
	ck_assert(!frame_complete_checksum(copy, 0, &fits, &counters));
	ck_assert(frame_complete_checksum(copy, packet.length, &fits, &counters));
	free(copy);
}
END_TEST

START_TEST(random_bytes)
{
	unsigned int seed = 1;

	for (int round = 0; round < 200000; round++) {
		uint32_t length = (uint32_t)rand_r(&seed) % 120;
		struct frame frame;

		if (round % 2)
			packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 60);
		else
			packet_make_udp(&packet, GUEST6, 1, HOST6, 2, 60);
		for (int i = 0; i < 3; i++)
			packet.data[(uint32_t)rand_r(&seed) % 80] = (uint8_t)rand_r(&seed);
		if (round % 4 < 2)
			packet_put16(packet.data + 24, 0);
		if (round % 4 < 2)
			packet_put16(packet.data + 24, packet_checksum(0, packet.data + 14, 20));
		if (parse(length, &frame))
			ck_assert_uint_le(frame.length, length);
	}
}
END_TEST

static void add_tests(TCase *cases)
{
	tcase_add_test(cases, tcp4);
	tcase_add_test(cases, udp6);
	tcase_add_test(cases, icmp_of_both_families);
	tcase_add_test(cases, arp);
	tcase_add_test(cases, bad_arp);
	tcase_add_test(cases, short_frames);
	tcase_add_test(cases, other_ethertypes);
	tcase_add_test(cases, trailers_are_trimmed);
	tcase_add_test(cases, lying_ip4_headers);
	tcase_add_test(cases, wrong_header_checksum);
	tcase_add_test(cases, lying_ip6_headers);
	tcase_add_test(cases, other_protocols);
	tcase_add_test(cases, bad_tcp);
	tcase_add_test(cases, bad_udp);
	tcase_add_test(cases, udp_without_checksum);
	tcase_add_test(cases, bad_icmp);
	tcase_add_test(cases, wrong_transport_checksums_are_seen);
	tcase_add_test(cases, udp_surplus_is_trimmed);
	tcase_add_loop_test(cases, urgent_pointers_are_stripped, 0, ARRAY_SIZE(urgent_rows));
	tcase_add_test(cases, a_wrong_checksum_stays_wrong);
	tcase_add_loop_test(cases, ip4_options, 0, ARRAY_SIZE(option_rows));
	tcase_add_test(cases, fragments_are_parsed_to_the_ip_layer);
	tcase_add_test(cases, largest_packets);
	tcase_add_test(cases, endpoints);
	tcase_add_test(cases, starts_of_tcp);
	tcase_add_test(cases, checksums_left_to_the_device);
	tcase_add_test(cases, a_completed_checksum_is_never_zero);
	tcase_add_test(cases, offload_outside_of_the_frame);
	tcase_add_test(cases, random_bytes);
}

int main(void)
{
	Suite *suite = suite_create("frame");
	TCase *cases = tcase_create("frame");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, setup, NULL);
	tcase_set_timeout(cases, 30);
	add_tests(cases);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
