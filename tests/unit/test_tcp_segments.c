/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/tcp_segments: together the pieces say what the whole said. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/tcp_segments.h"

#define GUEST6 "fd00::100"
#define HOST6 "2001:db8::7"
#define PSH 0x08
#define ECE 0x40
#define CWR 0x80
#define SEQUENCE 0x12345678U

static struct packet_bytes packet;

static struct frame parsed(void)
{
	struct counters counters = { { 0 } };
	struct frame frame;

	ck_assert(frame_parse(packet.data, packet.length, &counters, &frame));
	return frame;
}

START_TEST(what_is_cut)
{
	struct frame frame;

	packet_make_tcp(&packet, GUEST6, 1, HOST6, 2, PACKET_ACK, 1500 - 60);
	frame = parsed();
	ck_assert(!tcp_segments_are_needed(&frame, 1500));
	ck_assert(tcp_segments_are_needed(&frame, 1499));
	packet_make_udp(&packet, GUEST6, 1, HOST6, 2, 5000);
	frame = parsed();
	ck_assert(!tcp_segments_are_needed(&frame, 1500));
	packet_make_tcp(&packet, "10.0.2.100", 1, "198.51.100.7", 2, PACKET_ACK, 5000);
	frame = parsed();
	ck_assert(!tcp_segments_are_needed(&frame, 1500));
}
END_TEST

static const struct {
	uint32_t mtu;
	size_t options; /* bytes of TCP options */
	size_t size;
	size_t pieces;
	uint8_t flags;
	uint8_t first_flags;
	uint8_t middle_flags;
	uint8_t last_flags;
} rows[] = {
	{ 1500, 0, 1440 * 3, 3, PACKET_ACK, PACKET_ACK, PACKET_ACK, PACKET_ACK },
	{ 1500, 0, 1440 * 3 + 1, 4, PACKET_ACK | PSH, PACKET_ACK, PACKET_ACK, PACKET_ACK | PSH },
	{ 1500, 12, 1440 * 3, 4, PACKET_ACK, PACKET_ACK, PACKET_ACK, PACKET_ACK },
	{ 1500, 40, 2801, 3, PACKET_ACK, PACKET_ACK, PACKET_ACK, PACKET_ACK },
	{ 21880, 12, 65424, 3, PACKET_ACK | PACKET_FIN, PACKET_ACK, PACKET_ACK,
	  PACKET_ACK | PACKET_FIN },
	{ 1280, 0, 65515, 54, PACKET_ACK | CWR, PACKET_ACK | CWR, PACKET_ACK, PACKET_ACK },
	{ 1280, 0, 5000, 5, PACKET_ACK | ECE, PACKET_ACK | ECE, PACKET_ACK | ECE,
	  PACKET_ACK | ECE },
	{ 1280, 0, 5000, 5, PACKET_SYN, PACKET_SYN, 0, 0 },
	{ 1280, 0, 5000, 5, PACKET_RST | PACKET_ACK, PACKET_ACK, PACKET_ACK,
	  PACKET_ACK | PACKET_RST },
};

START_TEST(pieces)
{
	size_t headers = 54 + 20 + rows[_i].options;
	uint8_t *buffer = malloc(14 + rows[_i].mtu);
	struct tcp_segments segments;
	size_t count = 0, gathered = 0;
	struct frame frame;
	size_t length;

	packet_make_tcp(&packet, GUEST6, 4000, HOST6, 80, rows[_i].flags,
			rows[_i].options + rows[_i].size);
	packet.data[54 + 12] = (uint8_t)((20 + rows[_i].options) / 4 << 4);
	packet_mend(&packet);
	frame = parsed();
	ck_assert(tcp_segments_are_needed(&frame, rows[_i].mtu));
	ck_assert(tcp_segments_start(&segments, &frame, rows[_i].mtu));
	while ((length = tcp_segments_next(&segments, buffer)) > 0) {
		size_t size = length - headers;
		bool last = gathered + size == rows[_i].size;
		uint32_t shift = count > 0 && rows[_i].flags & PACKET_SYN ? 1 : 0;

		ck_assert_uint_le(length, 14 + rows[_i].mtu);
		ck_assert(packet_is_right(buffer, (uint32_t)length));
		ck_assert_mem_eq(buffer + headers, packet.data + headers + gathered, size);
		ck_assert_uint_eq(packet_get32(buffer + 58), SEQUENCE + gathered + shift);
		ck_assert_uint_eq(buffer[67], count == 0 ? rows[_i].first_flags
					      : last	 ? rows[_i].last_flags
							 : rows[_i].middle_flags);
		/* All the rest of the TCP header is the same: ports, acknowledgement, options. */
		ck_assert_mem_eq(buffer + 54, packet.data + 54, 4);
		ck_assert_mem_eq(buffer + 62, packet.data + 62, 5);
		ck_assert_mem_eq(buffer + 68, packet.data + 68, 2);
		ck_assert_mem_eq(buffer + 74, packet.data + 74, rows[_i].options);
		gathered += size;
		count++;
	}
	ck_assert_uint_eq(gathered, rows[_i].size);
	ck_assert_uint_eq(count, rows[_i].pieces);
	ck_assert_uint_eq(tcp_segments_next(&segments, buffer), 0);
	free(buffer);
}
END_TEST

START_TEST(sequence_numbers_wrap)
{
	struct tcp_segments segments;
	uint8_t buffer[1514];
	struct frame frame;

	packet_make_tcp(&packet, GUEST6, 1, HOST6, 2, PACKET_ACK, 2000);
	packet_put32(packet.data + 58, UINT32_MAX);
	packet_mend(&packet);
	frame = parsed();
	ck_assert(tcp_segments_start(&segments, &frame, 1500));
	ck_assert_uint_gt(tcp_segments_next(&segments, buffer), 0);
	ck_assert_uint_gt(tcp_segments_next(&segments, buffer), 0);
	ck_assert_uint_eq(packet_get32(buffer + 58), 1439);
}
END_TEST

START_TEST(a_wrong_checksum_is_not_made_good)
{
	struct tcp_segments segments;
	struct frame frame;

	packet_make_tcp(&packet, GUEST6, 1, HOST6, 2, PACKET_ACK, 5000);
	packet.data[100] ^= 1;
	frame = parsed();
	ck_assert(!tcp_segments_start(&segments, &frame, 1500));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tcp_segments");
	TCase *cases = tcase_create("tcp_segments");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, what_is_cut);
	tcase_add_loop_test(cases, pieces, 0, ARRAY_SIZE(rows));
	tcase_add_test(cases, sequence_numbers_wrap);
	tcase_add_test(cases, a_wrong_checksum_is_not_made_good);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
