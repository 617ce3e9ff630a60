/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/segment: the header for the device, and the container's announced MSS. */

#include "config.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/segment.h"

#define HOST "198.51.100.7"
#define GUEST "10.0.2.100"
#define HOST6 "2001:db8::7"
#define GUEST6 "fd00::100"

static struct packet_bytes packet, original;
static struct virtio_net_hdr header;

static void make_tcp(bool v6, uint8_t flags, size_t size)
{
	packet_make_tcp(&packet, v6 ? HOST6 : HOST, 80, v6 ? GUEST6 : GUEST, 40000, flags, size);
}

/* Puts size bytes, a multiple of 4, of TCP options in front of the data that is there. */
static void add_tcp_options(const uint8_t *options, size_t size)
{
	uint32_t tcp = packet_transport(packet.data);
	uint8_t *end = packet.data + tcp + 20;

	memmove(end + size, end, packet.length - tcp - 20);
	memcpy(end, options, size);
	packet.length += (uint32_t)size;
	packet.data[tcp + 12] = (uint8_t)((5 + size / 4) << 4);
	if (packet_get16(packet.data + 12) == 0x0800)
		packet_put16(packet.data + 14 + 2, (uint16_t)(packet.length - 14));
	else
		packet_put16(packet.data + 14 + 4, (uint16_t)(packet.length - 14 - 40));
	packet_mend(&packet);
}

/* Describes the packet in memory of exactly its size. */
static void describe(uint32_t mtu)
{
	uint8_t *frame = malloc(packet.length);

	original = packet;
	memset(&header, 0xff, sizeof(header));
	memcpy(frame, packet.data, packet.length);
	segment_describe(frame, packet.length, mtu, &header);
	memcpy(packet.data, frame, packet.length);
	free(frame);
}

static void assert_untouched(void)
{
	static const struct virtio_net_hdr empty;

	ck_assert_mem_eq(&header, &empty, sizeof(header));
	ck_assert_mem_eq(packet.data, original.data, packet.length);
}

/*
 * What a device does with VIRTIO_NET_HDR_F_NEEDS_CSUM: sums from csum_start to the end, the field
 * with what it holds included, and puts the complement there.
 */
static void complete_checksum(uint8_t *frame, uint32_t length, uint32_t start)
{
	uint16_t sum = packet_checksum(0, frame + start, length - start);

	packet_put16(frame + start + header.csum_offset, sum);
}

static const struct {
	bool v6;
	size_t size;	/* of the data */
	size_t options; /* bytes of TCP options */
	uint32_t mtu;
	uint16_t gso_size; /* 0: a single one */
} segments[] = {
	{ false, 1, 0, 1500, 0 },	   { false, 1459, 0, 1500, 0 },
	{ false, 1460, 0, 1500, 0 },	   { false, 1461, 0, 1500, 1460 },
	{ false, 1448, 12, 1500, 0 },	   { false, 1449, 12, 1500, 1448 },
	{ false, 21840, 0, 1500, 1460 },   { false, 65495, 0, 1500, 1460 },
	{ false, 65481, 0, 65520, 65480 }, { false, 21840, 0, 65520, 0 },
	{ false, 40, 0, 68, 28 },	   { false, 200, 24, 68, 4 },
	{ true, 1440, 0, 1500, 0 },	   { true, 1441, 0, 1500, 1440 },
	{ true, 1441, 12, 1500, 1428 },	   { true, 21820, 0, 1280, 1220 },
	{ true, 65515, 0, 65520, 65460 },
};

START_TEST(segment_is_described)
{
	static const uint8_t options[40] = { 1, 1, 1 };
	bool v6 = segments[_i].v6;
	size_t tcp = v6 ? 54 : 34;

	make_tcp(v6, PACKET_ACK, segments[_i].size);
	add_tcp_options(options, segments[_i].options);
	describe(segments[_i].mtu);
	ck_assert_uint_eq(header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	ck_assert_uint_eq(header.csum_start, tcp);
	ck_assert_uint_eq(header.csum_offset, 16);
	ck_assert_uint_eq(header.gso_size, segments[_i].gso_size);
	if (segments[_i].gso_size == 0) {
		ck_assert_uint_eq(header.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	} else {
		ck_assert_uint_eq(header.gso_type,
				  v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4);
		ck_assert_uint_eq(header.hdr_len, tcp + 20 + segments[_i].options);
		/* Each of them fills the MTU, and there are several. */
		ck_assert_uint_eq(header.hdr_len - 14U + header.gso_size, segments[_i].mtu);
		ck_assert_uint_gt(packet.length - header.hdr_len, header.gso_size);
	}
	complete_checksum(packet.data, packet.length, header.csum_start);
	ck_assert_mem_eq(packet.data, original.data, packet.length);
}
END_TEST

/*
 * What the kernel does with a super-segment: cuts it, and gives each part its own lengths, sequence
 * number and checksum. The sum left in the field is that of the pseudo-header with the whole
 * length, from which it goes on.
 */
START_TEST(parts_of_a_large_one_are_right)
{
	bool v6 = _i;
	uint32_t tcp, data, offset = 0, length_at = v6 ? 14 + 4 : 14 + 2;
	struct packet_bytes *part = calloc(1, sizeof(*part));

	make_tcp(v6, PACKET_ACK, 5001);
	tcp = packet_transport(packet.data);
	data = tcp + 20;
	describe(1500);
	while (offset < 5001) {
		uint32_t size = 5001 - offset < header.gso_size ? 5001 - offset : header.gso_size;
		uint32_t field = packet_get16(packet.data + tcp + 16);

		memcpy(part->data, packet.data, data);
		memcpy(part->data + data, packet.data + data + offset, size);
		part->length = data + size;
		packet_put16(part->data + length_at,
			     (uint16_t)(part->length - (v6 ? 14 + 40 : 14)));
		if (!v6)
			packet_put16(part->data + 14 + 10, 0);
		if (!v6)
			packet_put16(part->data + 14 + 10, packet_checksum(0, part->data + 14, 20));
		/* one's complement: minus the whole length, plus the part's */
		field += (uint16_t) ~(20 + 5001) + 20 + size;
		packet_put16(part->data + tcp + 16, (uint16_t)((field & 0xffff) + (field >> 16)));
		complete_checksum(part->data, part->length, tcp);
		ck_assert(packet_is_right(part->data, part->length));
		offset += size;
	}
	free(part);
}
END_TEST

/* Frames that the kernel gets as they are. */
START_TEST(others_are_left_alone)
{
	make_tcp(_i, PACKET_ACK, 0);
	describe(1500);
	assert_untouched();
	packet_make_udp(&packet, _i ? HOST6 : HOST, 53, _i ? GUEST6 : GUEST, 40000, 3000);
	describe(1500);
	assert_untouched();
	packet_make_icmp(&packet, _i ? HOST6 : HOST, _i ? GUEST6 : GUEST, 0, 100);
	describe(1500);
	assert_untouched();
	packet_make_arp(&packet, 2);
	describe(1500);
	assert_untouched();
}
END_TEST

/* One byte of a large IPv4 segment changed, so that it is none or can't be described. */
static const struct {
	uint8_t offset;
	uint8_t value;
} odd[] = {
	{ 12, 0x86 },	   /* Ethernet type */
	{ 14, 0x46 },	   /* IP options */
	{ 14 + 6, 0x20 },  /* a first fragment */
	{ 14 + 7, 0x05 },  /* a later one */
	{ 14 + 9, 17 },	   /* UDP */
	{ 34 + 12, 0x40 }, /* a TCP header of 16 bytes */
	{ 34 + 12, 0 },
};

START_TEST(odd_ones_are_left_alone)
{
	make_tcp(false, PACKET_ACK, 3000);
	packet.data[odd[_i].offset] = odd[_i].value;
	describe(1500);
	assert_untouched();
}
END_TEST

START_TEST(headers_that_fill_the_mtu)
{
	static const uint8_t options[40] = { 1 };

	/* 80 bytes of headers: no data at all would fit into a segment. */
	make_tcp(false, PACKET_ACK, 200);
	add_tcp_options(options, sizeof(options));
	describe(68);
	assert_untouched();
	describe(80);
	assert_untouched();
	describe(81);
	ck_assert_uint_eq(header.gso_size, 1);
}
END_TEST

START_TEST(every_length)
{
	for (uint32_t length = 0; length < 80; length++) {
		make_tcp(_i, PACKET_ACK, 40);
		packet.length = length;
		describe(1500);
		if (length <= (_i ? 74U : 54U))
			assert_untouched();
	}
}
END_TEST

/* The MSS option. */

#define MSS(value) 2, 4, (value) >> 8, (value)&0xff
#define NOP 1
#define EOL 0

static const struct {
	const char *name;
	uint8_t size;
	uint8_t options[40];
	uint8_t at;	/* of the value in the options, if there is one */
	uint16_t value; /* after the option is raised to 20000 */
} announcements[] = {
	{ "plain", 4, { MSS(1460) }, 2, 20000 },
	{ "equal", 4, { MSS(20000) }, 2, 20000 },
	{ "larger", 4, { MSS(65480) }, 2, 65480 },
	{ "one less", 4, { MSS(19999) }, 2, 20000 },
	{ "zero", 4, { MSS(0) }, 2, 20000 },
	{ "as Linux sends it",
	  20,
	  { MSS(1460), 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, NOP, 3, 3, 7 },
	  2,
	  20000 },
	{ "behind window scaling", 8, { NOP, 3, 3, 7, MSS(536) }, 6, 20000 },
	{ "behind an unknown option", 8, { 254, 4, 1, 2, MSS(536) }, 6, 20000 },
	{ "behind two NOPs", 8, { NOP, NOP, MSS(1460), NOP, EOL }, 4, 20000 },
	{ "at an odd place", 8, { NOP, MSS(1460), EOL }, 3, 1460 },
	{ "last", 40, { 254, 36, [36] = MSS(1460) }, 38, 20000 },
	{ "behind the end", 8, { EOL, NOP, NOP, NOP, MSS(1460) }, 6, 1460 },
	{ "longer than it should be", 8, { 2, 6, 1, 1, 1, 1, NOP, NOP }, 2, 0x0101 },
	{ "shorter than it should be", 4, { 2, 3, 1, 1 }, 2, 0x0101 },
	{ "an option without length", 8, { 9, 0, MSS(1460), NOP, NOP }, 4, 1460 },
	{ "an option beyond the header", 8, { 9, 200, MSS(1460), NOP, NOP }, 4, 1460 },
	{ "cut off", 4, { NOP, NOP, 2, 4 }, 0, 0x0101 },
	{ "cut off in its length", 4, { NOP, NOP, NOP, 2 }, 0, 0x0101 },
};

/* Raises the MSS in memory of exactly the packet's size. */
static void raise_mss(uint16_t mss)
{
	uint8_t *frame = malloc(packet.length);

	original = packet;
	memcpy(frame, packet.data, packet.length);
	segment_raise_mss(frame, packet.length, packet_transport(packet.data), mss);
	memcpy(packet.data, frame, packet.length);
	free(frame);
}

START_TEST(mss_is_raised)
{
	static const uint8_t flags[] = { PACKET_SYN, PACKET_SYN | PACKET_ACK };
	uint8_t *options;

	for (int i = 0; i < 8; i++) {
		/* Both families, both kinds of SYN, with data or not. */
		make_tcp(i & 1, flags[i >> 1 & 1], i & 4 ? 77 : 0);
		add_tcp_options(announcements[_i].options, announcements[_i].size);
		raise_mss(20000);
		ck_assert_msg(packet_is_right(packet.data, packet.length), "%s",
			      announcements[_i].name);
		options = original.data + packet_transport(packet.data) + 20;
		if (announcements[_i].value == 20000) {
			packet_put16(options + announcements[_i].at, 20000);
			packet_mend(&original);
		}
		ck_assert_msg(memcmp(packet.data, original.data, packet.length) == 0, "%s",
			      announcements[_i].name);
	}
}
END_TEST

START_TEST(mss_of_no_syn)
{
	static const uint8_t flags[] = { PACKET_ACK, PACKET_RST, PACKET_FIN | PACKET_ACK, 0 };
	static const uint8_t option[] = { MSS(1460) };

	make_tcp(false, flags[_i], 10);
	add_tcp_options(option, sizeof(option));
	raise_mss(20000);
	ck_assert_mem_eq(packet.data, original.data, packet.length);
}
END_TEST

START_TEST(mss_of_lying_headers)
{
	static const uint8_t option[] = { MSS(1460) };

	for (unsigned words = 0; words < 16; words++) {
		make_tcp(_i, PACKET_SYN, 0);
		add_tcp_options(option, sizeof(option));
		packet.data[packet_transport(packet.data) + 12] = (uint8_t)(words << 4);
		raise_mss(20000);
		if (words != 6)
			ck_assert_mem_eq(packet.data, original.data, packet.length);
	}
	for (uint32_t length = packet_transport(packet.data); length < packet.length; length++) {
		packet = original;
		packet.length = length;
		packet.data[packet_transport(packet.data) + 12] = 6 << 4;
		raise_mss(20000);
		ck_assert_mem_eq(packet.data, original.data, length);
	}
}
END_TEST

/* The sum of the header goes over every carry. */
START_TEST(mss_of_any_value)
{
	for (uint32_t value = 0; value < 65536; value += 251) {
		const uint8_t option[] = { MSS(value) };

		make_tcp(false, PACKET_SYN, 0);
		add_tcp_options(option, sizeof(option));
		raise_mss(65535);
		ck_assert(packet_is_right(packet.data, packet.length));
		ck_assert_uint_eq(packet_get16(packet.data + 34 + 22), 65535);
	}
}
END_TEST

/* Limits the MSS in memory of exactly the packet's size. */
static void limit_mss(uint32_t mtu)
{
	uint8_t *frame = malloc(packet.length);

	original = packet;
	memcpy(frame, packet.data, packet.length);
	segment_limit_mss(frame, packet.length, mtu);
	memcpy(packet.data, frame, packet.length);
	free(frame);
}

static const struct {
	bool v6;
	uint8_t flags;
	uint16_t announced;
	uint32_t mtu;
	uint16_t limited;
} limits[] = {
	{ false, PACKET_SYN | PACKET_ACK, 16384, 1500, 1460 },
	{ false, PACKET_SYN, 16384, 1500, 1460 },
	{ false, PACKET_SYN, 1461, 1500, 1460 },
	{ false, PACKET_SYN, 1460, 1500, 1460 },
	{ false, PACKET_SYN, 536, 1500, 536 },
	{ false, PACKET_SYN, 65535, 68, 28 },
	{ false, PACKET_ACK, 16384, 1500, 16384 },
	{ false, PACKET_RST, 16384, 1500, 16384 },
	{ true, PACKET_SYN | PACKET_ACK, 16384, 1500, 1440 },
	{ true, PACKET_SYN, 1440, 1500, 1440 },
	{ true, PACKET_SYN, 1441, 1280, 1220 },
};

START_TEST(mss_is_limited)
{
	const uint8_t option[] = { MSS(limits[_i].announced) };

	make_tcp(limits[_i].v6, limits[_i].flags, 0);
	add_tcp_options(option, sizeof(option));
	limit_mss(limits[_i].mtu);
	ck_assert(packet_is_right(packet.data, packet.length));
	packet_put16(original.data + packet_transport(original.data) + 22, limits[_i].limited);
	packet_mend(&original);
	ck_assert_mem_eq(packet.data, original.data, packet.length);
}
END_TEST

START_TEST(mss_of_cut_off_frames)
{
	static const uint8_t option[] = { MSS(16384) };

	make_tcp(_i, PACKET_SYN, 0);
	add_tcp_options(option, sizeof(option));
	limit_mss(1500);
	packet = original;
	while (--packet.length > 0) {
		limit_mss(1500);
		ck_assert_mem_eq(packet.data, original.data, packet.length);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("segment");
	TCase *cases = tcase_create("segment");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, segment_is_described, 0, ARRAY_SIZE(segments));
	tcase_add_loop_test(cases, parts_of_a_large_one_are_right, 0, 2);
	tcase_add_loop_test(cases, others_are_left_alone, 0, 2);
	tcase_add_loop_test(cases, odd_ones_are_left_alone, 0, ARRAY_SIZE(odd));
	tcase_add_test(cases, headers_that_fill_the_mtu);
	tcase_add_loop_test(cases, every_length, 0, 2);
	tcase_add_loop_test(cases, mss_is_raised, 0, ARRAY_SIZE(announcements));
	tcase_add_loop_test(cases, mss_of_no_syn, 0, 4);
	tcase_add_loop_test(cases, mss_of_lying_headers, 0, 2);
	tcase_add_test(cases, mss_of_any_value);
	tcase_add_loop_test(cases, mss_is_limited, 0, ARRAY_SIZE(limits));
	tcase_add_loop_test(cases, mss_of_cut_off_frames, 0, 2);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
