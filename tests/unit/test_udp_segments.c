/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/udp_segments: each datagram that a frame stands for is a right one. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/udp_segments.h"

#define GUEST "10.0.2.100"
#define HOST "198.51.100.7"
#define GUEST6 "fd00::100"
#define HOST6 "2001:db8::7"

static struct packet_bytes packet;
static struct udp_segments segments;
static uint8_t *frame; /* of exactly the packet's size */

static void setup(void)
{
	frame = NULL;
}

static void teardown(void)
{
	free(frame);
}

static void make_udp(bool v6, size_t size)
{
	packet_make_udp(&packet, v6 ? GUEST6 : GUEST, 40000, v6 ? HOST6 : HOST, 443, size);
}

static bool start(uint32_t length, uint16_t size)
{
	free(frame);
	frame = malloc(length);
	memcpy(frame, packet.data, length);
	return udp_segments_start(&segments, frame, length, size);
}

static const struct {
	bool v6;
	size_t total; /* bytes of data in the frame */
	uint16_t size;
	unsigned count;
} rows[] = {
	{ false, 1, 1, 1 },	    { false, 1, 65535, 1 },	{ false, 128, 1, 128 },
	{ false, 1200, 1200, 1 },   { false, 1201, 1200, 2 },	{ false, 12000, 1200, 10 },
	{ false, 11999, 1200, 10 }, { false, 65507, 1472, 45 }, { false, 65507, 65506, 2 },
	{ false, 65507, 65507, 1 }, { false, 65507, 512, 128 }, { true, 1, 1, 1 },
	{ true, 3001, 1000, 4 },    { true, 65527, 1452, 46 },	{ true, 65527, 65527, 1 },
	{ true, 65527, 65535, 1 },  { true, 65527, 513, 128 },
};

START_TEST(frame_is_cut_up)
{
	bool v6 = rows[_i].v6;
	size_t headers = v6 ? 62 : 42, done = 0, length;
	uint8_t *buffer;
	unsigned count = 0;

	make_udp(v6, rows[_i].total);
	buffer = malloc(packet.length);
	/* The sender left the checksum to the device. */
	packet_put16(packet.data + headers - 2, 0x1234);
	ck_assert(start(packet.length, rows[_i].size));
	while ((length = udp_segments_next(&segments, buffer)) > 0) {
		size_t size = length - headers;

		ck_assert(packet_is_right(buffer, (uint32_t)length));
		ck_assert_mem_eq(buffer, packet.data, 14);
		/* addresses and ports */
		ck_assert_mem_eq(buffer + headers - 8 - (v6 ? 32 : 8),
				 packet.data + headers - 8 - (v6 ? 32 : 8), (v6 ? 32 : 8) + 4);
		ck_assert_mem_eq(buffer + headers, packet.data + headers + done, size);
		done += size;
		ck_assert(size == rows[_i].size || done == rows[_i].total);
		count++;
	}
	ck_assert_uint_eq(done, rows[_i].total);
	ck_assert_uint_eq(count, rows[_i].count);
	ck_assert_uint_eq(udp_segments_next(&segments, buffer), 0);
	ck_assert_mem_eq(frame, packet.data, packet.length);
	free(buffer);
}
END_TEST

/* A sum of zero is sent as its other form: zero means that there is no checksum (RFC 768). */
START_TEST(checksum_is_never_zero)
{
	uint8_t buffer[200];
	size_t length;

	make_udp(_i, 20);
	/* The last word of the first datagram's data takes what is left of the sum. */
	ck_assert(start(packet.length, 10));
	length = udp_segments_next(&segments, buffer);
	packet_put16(packet.data + length - 2, (uint16_t)(packet_get16(packet.data + length - 2) +
							  packet_get16(buffer + length - 12)));
	for (uint32_t more = 0; more < 2; more++) {
		ck_assert(start(packet.length, 10));
		length = udp_segments_next(&segments, buffer);
		if (packet_get16(buffer + length - 12) == 0xffff)
			break;
		/* The sum wrapped around. */
		packet_put16(packet.data + length - 2,
			     (uint16_t)(packet_get16(packet.data + length - 2) + 1));
	}
	ck_assert_uint_eq(packet_get16(buffer + length - 12), 0xffff);
	ck_assert(packet_is_right(buffer, (uint32_t)length));
}
END_TEST

START_TEST(too_many)
{
	make_udp(_i, 1281);
	ck_assert(!start(packet.length, 10));
	ck_assert(!start(packet.length, 1));
	ck_assert(!start(packet.length, 0));
	ck_assert(start(packet.length, 11));
	make_udp(_i, 1280);
	ck_assert(start(packet.length, 10));
}
END_TEST

START_TEST(no_udp)
{
	static const struct {
		bool v6;
		uint8_t offset;
		uint8_t value;
	} changes[] = { { false, 12, 9 },     { false, 14, 0x46 }, { false, 14, 0x55 },
			{ false, 14 + 9, 6 }, { true, 12, 9 },	   { true, 14 + 6, 0 },
			{ true, 14 + 6, 44 } };

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		make_udp(changes[i].v6, 2000);
		packet.data[changes[i].offset] = changes[i].value;
		ck_assert(!start(packet.length, 1000));
	}
	packet_make_arp(&packet, 1);
	ck_assert(!start(packet.length, 10));
}
END_TEST

START_TEST(short_frames)
{
	uint32_t headers = _i ? 62 : 42;
	uint8_t buffer[100];

	make_udp(_i, 20);
	for (uint32_t length = 0; length < headers; length++)
		ck_assert(!start(length, 10));
	/* Headers alone stand for nothing. */
	ck_assert(start(headers, 10));
	ck_assert_uint_eq(udp_segments_next(&segments, buffer), 0);
}
END_TEST

/* More bytes than an IPv4 packet has: no datagram could say its own length. */
START_TEST(frame_beyond_ip)
{
	make_udp(false, 65507);
	ck_assert(start(packet.length, 65535));
	ck_assert(!start(packet.length + 1, 65535));
	ck_assert(!start(packet.length + 1, 1000));
	make_udp(true, 65527);
	ck_assert(start(packet.length, 65535));
	ck_assert(!start(packet.length + 1, 65535));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("udp_segments");
	TCase *cases = tcase_create("udp_segments");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_add_loop_test(cases, frame_is_cut_up, 0, ARRAY_SIZE(rows));
	tcase_add_loop_test(cases, checksum_is_never_zero, 0, 2);
	tcase_add_loop_test(cases, too_many, 0, 2);
	tcase_add_test(cases, no_udp);
	tcase_add_loop_test(cases, short_frames, 0, 2);
	tcase_add_test(cases, frame_beyond_ip);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
