/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/checksum against the plain algorithm of RFC 1071. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"
#include "slirp-glue/checksum.h"

#define MOST 70000

static uint8_t data[MOST + 16];

static void fill_random(unsigned int seed)
{
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(rand_r(&seed) >> 8);
}

static uint16_t sum_of(const uint8_t *bytes, size_t length)
{
	return ntohs(checksum_finish(checksum_add(0, bytes, length)));
}

START_TEST(example_of_the_rfc)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	ck_assert_uint_eq(sum_of(bytes, sizeof(bytes)), (uint16_t)~0xddf2U);
}
END_TEST

START_TEST(every_short_length_at_every_alignment)
{
	fill_random(1);
	for (size_t offset = 0; offset < 16; offset++)
		for (size_t length = 0; length <= 300; length++)
			ck_assert_uint_eq(sum_of(data + offset, length),
					  packet_checksum(0, data + offset, length));
}
END_TEST

START_TEST(long_runs)
{
	static const size_t lengths[] = { 1460, 1499, 16384, 65515, 65535, 65536, MOST };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		fill_random((unsigned int)i);
		ck_assert_uint_eq(sum_of(data, lengths[i]), packet_checksum(0, data, lengths[i]));
		ck_assert_uint_eq(sum_of(data + 3, lengths[i]),
				  packet_checksum(0, data + 3, lengths[i]));
	}
}
END_TEST

START_TEST(carries_are_kept)
{
	memset(data, 0xff, sizeof(data));
	for (size_t length = 0; length <= MOST; length += 997)
		ck_assert_uint_eq(sum_of(data, length), packet_checksum(0, data, length));
	ck_assert_uint_eq(checksum_finish(checksum_add(UINT32_MAX, data, MOST)), 0);
	ck_assert_uint_eq(checksum_finish(checksum_add(UINT32_MAX, data, 0)), 0);
}
END_TEST

START_TEST(zeros_make_all_ones)
{
	memset(data, 0, sizeof(data));
	ck_assert_uint_eq(sum_of(data, 1000), 0xffff);
	ck_assert_uint_eq(sum_of(data, 0), 0xffff);
}
END_TEST

START_TEST(pieces_add_up)
{
	fill_random(2);
	for (size_t cut = 0; cut <= 1500; cut += 2) {
		uint32_t sum = checksum_add(0, data, cut);

		sum = checksum_add(sum, data + cut, 1501 - cut);
		ck_assert_uint_eq(ntohs(checksum_finish(sum)), packet_checksum(0, data, 1501));
	}
}
END_TEST

START_TEST(update_equals_a_new_sum)
{
	unsigned int seed = 3;

	for (int round = 0; round < 100000; round++) {
		uint16_t words[4], old, checksum, updated;

		for (size_t i = 0; i < 4; i++)
			words[i] = (uint16_t)(rand_r(&seed) >> (rand_r(&seed) % 16));
		words[3] |= 1; /* a packet that is all zeros has no checksum to speak of */
		old = words[1];
		checksum = checksum_finish(checksum_add(0, words, sizeof(words)));
		words[1] = round % 3 ? (uint16_t)rand_r(&seed) : (uint16_t)(round % 2 ? 0 : 0xffff);
		updated = checksum_update(checksum, old, words[1]);
		ck_assert_uint_eq(updated, checksum_finish(checksum_add(0, words, sizeof(words))));
	}
}
END_TEST

START_TEST(pseudo_headers)
{
	static struct packet_bytes packet;
	uint32_t start, size, sum;

	packet_make_udp(&packet, "192.0.2.1", 5, "198.51.100.7", 6, 333);
	start = packet_transport(packet.data);
	size = packet.length - start;
	sum = checksum_pseudo_header(packet.data + 14, 17, size);
	ck_assert_uint_eq(checksum_finish(checksum_add(sum, packet.data + start, size)), 0);

	packet_make_tcp(&packet, "2001:db8::1", 5, "2001:db8:1::9", 6, PACKET_SYN, 40000);
	start = packet_transport(packet.data);
	size = packet.length - start;
	sum = checksum_pseudo_header(packet.data + 14, 6, size);
	ck_assert_uint_eq(checksum_finish(checksum_add(sum, packet.data + start, size)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("checksum");
	TCase *cases = tcase_create("checksum");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, example_of_the_rfc);
	tcase_add_test(cases, every_short_length_at_every_alignment);
	tcase_add_test(cases, long_runs);
	tcase_add_test(cases, carries_are_kept);
	tcase_add_test(cases, zeros_make_all_ones);
	tcase_add_test(cases, pieces_add_up);
	tcase_add_test(cases, update_equals_a_new_sum);
	tcase_add_test(cases, pseudo_headers);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
