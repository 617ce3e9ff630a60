/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/fragments: orders, duplicates, overlaps, floods, limits. */

#include "config.h"

#include <check.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/fragments.h"

#define GUEST "10.0.2.100"
#define HOST "198.51.100.7"
#define GUEST6 "fd00::100"
#define HOST6 "2001:db8::7"
#define SECOND 1000000000ULL

static struct packet_bytes whole, piece;
static struct counters counters;
static struct fragments *fragments;
static uint64_t now;
static uint8_t *result;
static uint32_t result_length;

static void setup(void)
{
	memset(&counters, 0, sizeof(counters));
	fragments = fragments_new(&counters);
	now = 1;
}

static void teardown(void)
{
	fragments_free(fragments);
}

/* Adds what is in piece, from memory of exactly its size. */
static bool add_piece(void)
{
	uint8_t *copy = malloc(piece.length);
	struct frame frame;

	memcpy(copy, piece.data, piece.length);
	ck_assert(frame_parse(copy, piece.length, &counters, &frame));
	ck_assert(frame.fragment);
	result = fragments_add(fragments, &frame, now, &result_length);
	free(copy);
	return result != NULL;
}

/* Adds the piece of the whole packet. */
static bool add(uint32_t identification, uint32_t offset, uint32_t size)
{
	packet_make_fragment(&piece, &whole, identification, offset, size);
	return add_piece();
}

/* What came out is the whole packet. IPv4 fragments carry an identification, which stays. */
static void assert_whole(uint32_t identification)
{
	ck_assert_ptr_nonnull(result);
	ck_assert_uint_eq(result_length, whole.length);
	ck_assert(packet_is_right(result, result_length));
	if (packet_get16(whole.data + 12) == 0x0800) {
		packet_put16(whole.data + 14 + 4, (uint16_t)identification);
		packet_mend(&whole);
	}
	ck_assert_mem_eq(result, whole.data, whole.length);
}

static void assert_counted(uint64_t received, uint64_t dropped, uint64_t reassembled)
{
	ck_assert_uint_eq(counters.value[COUNTER_fragments], received);
	ck_assert_uint_eq(counters.value[COUNTER_fragments_dropped], dropped);
	ck_assert_uint_eq(counters.value[COUNTER_reassembled], reassembled);
}

static void make_udp(bool v6, size_t size)
{
	packet_make_udp(&whole, v6 ? GUEST6 : GUEST, 4000, v6 ? HOST6 : HOST, 53, size);
}

START_TEST(in_order)
{
	make_udp(_i, 3000 - 8);
	ck_assert(!add(7, 0, 1480));
	ck_assert(!add(7, 1480, 1480));
	ck_assert(add(7, 2960, 40));
	assert_whole(7);
	assert_counted(3, 0, 1);
}
END_TEST

/* Every order of four pieces, the last of them odd. */
START_TEST(every_order)
{
	static const uint32_t offsets[] = { 0, 24, 40, 1000 };
	static const uint32_t sizes[] = { 24, 16, 960, 3 };
	uint32_t id = 0;

	make_udp(_i, 1003 - 8);
	for (int code = 0; code < 256; code++) {
		int order[] = { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3 };
		unsigned int seen = 0;

		for (size_t i = 0; i < 4; i++)
			seen |= 1U << order[i];
		if (seen != 15)
			continue;
		id++;
		for (size_t i = 0; i < 3; i++)
			ck_assert(!add(id, offsets[order[i]], sizes[order[i]]));
		ck_assert(add(id, offsets[order[3]], sizes[order[3]]));
		assert_whole(id);
	}
	assert_counted(24 * 4, 0, 24);
}
END_TEST

START_TEST(random_cuts)
{
	unsigned int seed = 5;

	for (uint32_t id = 1; id < 300; id++) {
		uint32_t size = 16 + (uint32_t)rand_r(&seed) % 9000;
		uint32_t cuts[64], count = 0, order[64];

		make_udp(_i, size - 8);
		for (uint32_t at = 0; at < size && count < 63; count++) {
			cuts[count] = at;
			at += 8 * (1 + (uint32_t)rand_r(&seed) % (size / 64 + 4));
		}
		cuts[count] = size;
		if (count < 2)
			continue;
		/* The last cut may be far from the end; it takes the rest. */
		for (uint32_t i = 0; i < count; i++)
			order[i] = i;
		for (uint32_t i = count - 1; i > 0; i--) {
			uint32_t j = (uint32_t)rand_r(&seed) % (i + 1);
			uint32_t kept = order[i];

			order[i] = order[j];
			order[j] = kept;
		}
		for (uint32_t i = 0; i < count; i++)
			ck_assert_int_eq(
				add(id, cuts[order[i]], cuts[order[i] + 1] - cuts[order[i]]),
				i + 1 == count);
		assert_whole(id);
	}
	ck_assert_uint_eq(counters.value[COUNTER_fragments_dropped], 0);
}
END_TEST

START_TEST(smallest_pieces)
{
	make_udp(_i, 60000 - 8);
	ck_assert(!add(9, 0, 8));
	for (uint32_t offset = 60000 - 8; offset > 8; offset -= 8)
		ck_assert(!add(9, offset, 8));
	ck_assert(add(9, 8, 8));
	assert_whole(9);
}
END_TEST

START_TEST(largest_packets)
{
	uint32_t size = _i ? 65535 : 65515;

	make_udp(_i, size - 8);
	for (uint32_t offset = 0; offset < size; offset += 1480)
		add(1, offset, size - offset < 1480 ? size - offset : 1480);
	assert_whole(1);
	/* The memory of that one is used again. */
	make_udp(_i, 100);
	ck_assert(!add(2, 0, 64));
	ck_assert(add(2, 64, 44));
	assert_whole(2);
}
END_TEST

START_TEST(tcp_and_icmp)
{
	packet_make_tcp(&whole, GUEST, 1, HOST, 2, PACKET_ACK, 2000);
	ck_assert(!add(1, 1400, 620));
	ck_assert(add(1, 0, 1400));
	assert_whole(1);
	packet_make_icmp(&whole, GUEST6, HOST6, 128, 2000);
	ck_assert(!add(1, 1400, 608));
	ck_assert(add(1, 0, 1400));
	assert_whole(1);
}
END_TEST

START_TEST(packets_interleave)
{
	static const char *const hosts[] = { "198.51.100.1", "198.51.100.2" };

	/* Told apart by address, by identification, and (IPv4) by protocol. */
	for (uint32_t id = 1; id <= 2; id++)
		for (size_t host = 0; host < 2; host++) {
			packet_make_udp(&whole, GUEST, 4000, hosts[host], 53, 2000 - 8);
			ck_assert(!add(id, 0, 1000));
			packet_make_icmp(&whole, GUEST, hosts[host], 8, 1992);
			ck_assert(!add(id, 0, 1000));
		}
	for (uint32_t id = 1; id <= 2; id++)
		for (size_t host = 0; host < 2; host++) {
			packet_make_udp(&whole, GUEST, 4000, hosts[host], 53, 2000 - 8);
			ck_assert(add(id, 1000, 1000));
			assert_whole(id);
			packet_make_icmp(&whole, GUEST, hosts[host], 8, 1992);
			ck_assert(add(id, 1000, 1000));
			assert_whole(id);
		}
	assert_counted(16, 0, 8);
}
END_TEST

START_TEST(duplicates_are_ignored)
{
	make_udp(_i, 3000 - 8);
	ck_assert(!add(7, 0, 1480));
	ck_assert(!add(7, 0, 1480));
	ck_assert(!add(7, 2960, 40));
	ck_assert(!add(7, 2960, 40));
	ck_assert(!add(7, 0, 1480));
	ck_assert(add(7, 1480, 1480));
	assert_whole(7);
	assert_counted(6, 0, 1);
}
END_TEST

/* A piece that comes after 0..1479 and 2960..2999 of 3000 bytes, perhaps with a bit flipped. */
static const struct {
	uint32_t offset;
	uint32_t size;
	bool true_content;
} overlap_rows[] = {
	{ 0, 1480, false },			  /* other bytes */
	{ 0, 1472, true },			  /* ends before */
	{ 0, 1488, true },			  /* ends behind */
	{ 8, 1472, true },			  /* starts behind */
	{ 8, 16, true },			  /* within */
	{ 1472, 8, true },    { 1472, 16, true }, /* over the end */
	{ 1480, 1488, true },			  /* into the last */
	{ 1472, 1528, true },			  /* all the rest, as another last piece */
	{ 2968, 32, true },			  /* a part of the last */
	{ 2960, 40, false },
};

START_TEST(overlaps_drop_the_packet)
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct counters none = { { 0 } };

		counters = none;
		make_udp(v6, 3000 - 8);
		ck_assert(!add(7, 0, 1480));
		ck_assert(!add(7, 2960, 40));
		packet_make_fragment(&piece, &whole, 7, overlap_rows[_i].offset,
				     overlap_rows[_i].size);
		if (!overlap_rows[_i].true_content)
			piece.data[piece.length - 1] ^= 1;
		ck_assert(!add_piece());
		assert_counted(3, 3, 0);
		/* What still comes of it is dropped as well, even a full set. */
		ck_assert(!add(7, 1480, 1480));
		ck_assert(!add(7, 0, 1480));
		ck_assert(!add(7, 2960, 40));
		assert_counted(6, 6, 0);
		/* Until its time is over. */
		now += 6 * SECOND;
		ck_assert(!add(7, 0, 1480));
		ck_assert(!add(7, 1480, 1480));
		ck_assert(add(7, 2960, 40));
		assert_whole(7);
		assert_counted(9, 6, 1);
	}
}
END_TEST

START_TEST(two_ends)
{
	static struct packet_bytes longer;

	make_udp(_i, 4000 - 8);
	longer = whole;
	make_udp(_i, 3000 - 8);
	ck_assert(!add(7, 2960, 40)); /* ends at 3000 */
	packet_make_fragment(&piece, &longer, 7, 3960, 40);
	ck_assert(!add_piece()); /* ends at 4000 */
	assert_counted(2, 2, 0);
	/* A piece behind the end, which comes first. */
	packet_make_fragment(&piece, &longer, 8, 3000, 800);
	ck_assert(!add_piece());
	ck_assert(!add(8, 2960, 40));
	assert_counted(4, 4, 0);
	/* A piece behind the end, which comes last. */
	ck_assert(!add(9, 2960, 40));
	packet_make_fragment(&piece, &longer, 9, 3000, 800);
	ck_assert(!add_piece());
	assert_counted(6, 6, 0);
}
END_TEST

START_TEST(unsound_pieces)
{
	uint32_t start = _i ? 62 : 34;

	/* Not a multiple of 8 bytes, and not the last. */
	make_udp(_i, 3000 - 8);
	ck_assert(!add(1, 0, 1001));
	assert_counted(1, 1, 0);
	/* No payload. */
	ck_assert(!add(1, 1000, 0));
	ck_assert(!add(1, 0, 0));
	assert_counted(3, 3, 0);
	/* Too little of a transport header in the first. */
	packet_make_tcp(&whole, _i ? GUEST6 : GUEST, 1, _i ? HOST6 : HOST, 2, PACKET_ACK, 100);
	ck_assert(!add(1, 0, 16));
	assert_counted(4, 4, 0);
	ck_assert(!add(1, 0, 24));
	assert_counted(5, 4, 0);
	/* Beyond the largest packet: the last block starts at 65528. */
	make_udp(_i, 100);
	packet_make_fragment(&piece, &whole, 2, 0, 64);
	packet_put16(piece.data + (_i ? 14 + 42 : 14 + 6), _i ? 65528 | 1 : 0x2000 | 8191);
	packet_put16(piece.data + 14 + 10, _i ? packet_get16(piece.data + 24) : 0);
	if (!_i)
		packet_put16(piece.data + 24, packet_checksum(0, piece.data + 14, 20));
	ck_assert_uint_ge(piece.length, start + 64);
	ck_assert(!add_piece());
	assert_counted(6, 5, 0);
}
END_TEST

START_TEST(time_runs_out)
{
	make_udp(_i, 3000 - 8);
	ck_assert(!add(7, 0, 1480));
	now += 5 * SECOND;
	ck_assert(!add(7, 1480, 1480));
	now += 1;
	ck_assert(!add(7, 2960, 40));
	assert_counted(3, 2, 0);
	ck_assert(!add(7, 0, 1480));
	ck_assert(add(7, 1480, 1480));
	assert_counted(5, 2, 1);
}
END_TEST

START_TEST(the_oldest_gives_way)
{
	make_udp(_i, 3000 - 8);
	for (uint32_t id = 0; id < FRAGMENTS_PACKETS; id++, now++)
		ck_assert(!add(id, 0, 1480));
	assert_counted(FRAGMENTS_PACKETS, 0, 0);
	ck_assert(!add(1000, 0, 1480));
	assert_counted(FRAGMENTS_PACKETS + 1, 1, 0);
	/* All but the first can be completed. */
	for (uint32_t id = 1; id < FRAGMENTS_PACKETS; id++) {
		ck_assert(!add(id, 1480, 1480));
		ck_assert(add(id, 2960, 40));
	}
	ck_assert(!add(0, 1480, 1480));
	ck_assert(!add(0, 2960, 40));
	ck_assert_uint_eq(counters.value[COUNTER_reassembled], FRAGMENTS_PACKETS - 1);
}
END_TEST

START_TEST(a_flood_is_bounded)
{
	size_t before = mallinfo2().uordblks;
	size_t after;

	make_udp(_i, 60000 - 8);
	for (uint32_t id = 0; id < 20000; id++, now += 1000)
		ck_assert(!add(id, id % 2 ? 0 : 59200, 800));
	assert_counted(20000, 20000 - FRAGMENTS_PACKETS, 0);
	after = mallinfo2().uordblks;
	ck_assert_uint_lt(after - before, (size_t)FRAGMENTS_PACKETS * 70000);
	/* And it still works. */
	ck_assert(!add(99999, 0, 30000));
	ck_assert(add(99999, 30000, 30000));
	assert_whole(99999);
}
END_TEST

START_TEST(atomic_fragments)
{
	make_udp(true, 1200 - 8);
	/* Others with the same identification are under way, and don't meet it. */
	ck_assert(!add(7, 0, 400));
	ck_assert(add(7, 0, 1200));
	assert_whole(7);
	ck_assert(!add(7, 400, 400));
	ck_assert(add(7, 800, 400));
	assert_whole(7);
	assert_counted(4, 0, 2);
	make_udp(true, 65535 - 8 - 8);
	ck_assert(add(7, 0, 65535 - 8));
	assert_whole(7);
}
END_TEST

START_TEST(ip6_takes_the_first_next_header)
{
	make_udp(true, 2000 - 8);
	packet_make_fragment(&piece, &whole, 7, 1000, 1000);
	piece.data[54] = IPPROTO_TCP; /* RFC 8200: that of the first counts */
	ck_assert(!add_piece());
	ck_assert(add(7, 0, 1000));
	assert_whole(7);
}
END_TEST

START_TEST(ip4_flags_go)
{
	make_udp(false, 2000 - 8);
	ck_assert(!add(7, 1000, 1000));
	packet_make_fragment(&piece, &whole, 7, 0, 1000);
	packet_put16(piece.data + 20, 0x6000); /* "don't fragment" beside "more fragments" */
	packet_put16(piece.data + 24, 0);
	packet_put16(piece.data + 24, packet_checksum(0, piece.data + 14, 20));
	ck_assert(add_piece());
	assert_whole(7);
	ck_assert_uint_eq(packet_get16(result + 20), 0);
}
END_TEST

START_TEST(random_fragments)
{
	unsigned int seed = 9;
	uint64_t whole_packets = 0;

	make_udp(_i, 512 - 8);
	for (int round = 0; round < 200000; round++) {
		uint32_t offset = (uint32_t)rand_r(&seed) % 8 * 64;
		uint32_t size = rand_r(&seed) % 50 ? 64 : 128;
		uint32_t id;

		if (offset + size > 512)
			size = 512 - offset;
		now += (uint64_t)rand_r(&seed) % (SECOND / 1000);
		id = (uint32_t)rand_r(&seed) % (rand_r(&seed) % 20 ? 20 : 500);
		packet_make_fragment(&piece, &whole, id, offset, size);
		if (rand_r(&seed) % 200 == 0)
			piece.data[piece.length - 1] ^= 1;
		if (add_piece()) {
			ck_assert_uint_eq(result_length, whole.length);
			whole_packets++;
		}
	}
	ck_assert_uint_eq(counters.value[COUNTER_reassembled], whole_packets);
	ck_assert_uint_gt(whole_packets, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fragments");
	TCase *both = tcase_create("both families"); /* _i: IPv6 */
	TCase *one = tcase_create("one family");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(both, setup, teardown);
	tcase_add_checked_fixture(one, setup, teardown);
	tcase_set_timeout(both, 60);
	tcase_add_loop_test(both, in_order, 0, 2);
	tcase_add_loop_test(both, every_order, 0, 2);
	tcase_add_loop_test(both, random_cuts, 0, 2);
	tcase_add_loop_test(both, smallest_pieces, 0, 2);
	tcase_add_loop_test(both, largest_packets, 0, 2);
	tcase_add_loop_test(both, duplicates_are_ignored, 0, 2);
	tcase_add_loop_test(both, two_ends, 0, 2);
	tcase_add_loop_test(both, unsound_pieces, 0, 2);
	tcase_add_loop_test(both, time_runs_out, 0, 2);
	tcase_add_loop_test(both, the_oldest_gives_way, 0, 2);
	tcase_add_loop_test(both, a_flood_is_bounded, 0, 2);
	tcase_add_loop_test(both, random_fragments, 0, 2);
	tcase_add_loop_test(one, overlaps_drop_the_packet, 0, ARRAY_SIZE(overlap_rows));
	tcase_add_test(one, tcp_and_icmp);
	tcase_add_test(one, packets_interleave);
	tcase_add_test(one, atomic_fragments);
	tcase_add_test(one, ip6_takes_the_first_next_header);
	tcase_add_test(one, ip4_flags_go);
	suite_add_tcase(suite, both);
	suite_add_tcase(suite, one);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
