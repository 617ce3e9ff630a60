/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/split: every fragment is right, and together they are the packet again. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/fragments.h"
#include "slirp-glue/split.h"

#define HOST "198.51.100.7"
#define GUEST "10.0.2.100"
#define HOST6 "2001:db8::7"
#define GUEST6 "fd00::100"
#define IDENTIFICATION 0x1234U

static struct packet_bytes whole;
static struct counters counters;
static struct fragments *fragments;
static uint8_t *result;
static uint32_t result_length;

static void setup(void)
{
	memset(&counters, 0, sizeof(counters));
	fragments = fragments_new(&counters);
	result = NULL;
}

static void teardown(void)
{
	fragments_free(fragments);
}

static bool is_v6(void)
{
	return packet_get16(whole.data + 12) == 0x86dd;
}

static void make_udp(bool v6, size_t size)
{
	packet_make_udp(&whole, v6 ? HOST6 : HOST, 53, v6 ? GUEST6 : GUEST, 40000, size);
	if (!v6)
		packet_put16(whole.data + 14 + 4, IDENTIFICATION);
	packet_mend(&whole);
}

/* Where a fragment lies in its packet's data, and whether it is the last. */
struct place {
	uint32_t offset;
	uint32_t size;
	bool more;
};

/* Checks the headers of one fragment against the specifications. */
static struct place read_fragment(const uint8_t *frame, uint32_t length)
{
	const uint8_t *ip = frame + 14;
	uint16_t field = packet_get16(ip + (is_v6() ? 42 : 6));
	struct place place;

	ck_assert_mem_eq(frame, whole.data, 14);
	if (is_v6()) {
		ck_assert_uint_eq(packet_get16(ip + 4), length - 14 - 40);
		ck_assert_uint_eq(ip[6], 44);
		ck_assert_uint_eq(ip[40], whole.data[14 + 6]);
		ck_assert_uint_eq(ip[41], 0);
		ck_assert_uint_eq(packet_get32(ip + 44), IDENTIFICATION);
		ck_assert_uint_eq(field & 6, 0);
		ck_assert_mem_eq(ip + 7, whole.data + 14 + 7, 33);
		place = (struct place){ field & 0xfff8, length - 14 - 48, field & 1 };
	} else {
		ck_assert_uint_eq(packet_get16(ip + 2), length - 14);
		ck_assert_uint_eq(packet_get16(ip + 4), IDENTIFICATION);
		ck_assert_uint_eq(packet_checksum(0, ip, (ip[0] & 15U) * 4), 0);
		ck_assert_uint_eq(field & 0xc000, 0);
		ck_assert_mem_eq(ip + 12, whole.data + 14 + 12, 8);
		place = (struct place){ (field & 0x1fffU) * 8, length - 14 - (ip[0] & 15U) * 4,
					field & 0x2000 };
	}
	if (place.more)
		ck_assert_uint_eq(place.size % 8, 0);
	ck_assert_uint_gt(place.size, 0);
	return place;
}

/* Hands a fragment to the code that puts fragments together. */
static void reassemble(const uint8_t *fragment, uint32_t length)
{
	uint8_t *copy = malloc(length);
	struct frame frame;

	memcpy(copy, fragment, length);
	ck_assert(frame_parse(copy, length, &counters, &frame));
	ck_assert(frame.fragment);
	ck_assert_ptr_null(result);
	result = fragments_add(fragments, &frame, 1, &result_length);
	free(copy);
}

/*
 * Splits length bytes of the frame, both it and the buffer in memory of exactly their size. Returns
 * the number of fragments; their data must follow one another from start to end.
 */
static unsigned split_frame(const uint8_t *frame, uint32_t length, uint32_t mtu, uint32_t start,
			    bool more)
{
	uint8_t *copy = malloc(length), *buffer = malloc(14 + mtu);
	struct place place = { .more = true };
	struct split split;
	unsigned count = 0;
	size_t size;

	memcpy(copy, frame, length);
	split_start(&split, copy, length, mtu, IDENTIFICATION);
	while ((size = split_next(&split, buffer)) > 0) {
		ck_assert_uint_le(size, 14 + mtu);
		place = read_fragment(buffer, (uint32_t)size);
		ck_assert_uint_eq(place.offset, start);
		start += place.size;
		reassemble(buffer, (uint32_t)size);
		count++;
	}
	ck_assert_uint_eq(split_next(&split, buffer), 0);
	if (count > 0)
		ck_assert(place.more == more);
	free(copy);
	free(buffer);
	return count;
}

static void assert_whole(void)
{
	ck_assert_ptr_nonnull(result);
	ck_assert_uint_eq(result_length, whole.length);
	ck_assert_mem_eq(result, whole.data, whole.length);
	ck_assert_uint_eq(counters.value[COUNTER_fragments_dropped], 0);
}

static const struct {
	bool v6;
	uint32_t mtu;
	size_t size; /* of the UDP data */
	unsigned count;
} rows[] = {
	{ false, 1500, 1473, 2 },   { false, 1500, 1480, 2 },	{ false, 1500, 2952, 2 },
	{ false, 1500, 2953, 3 },   { false, 1500, 65507, 45 }, { false, 1499, 2952, 3 },
	{ false, 1492, 8000, 6 },   { false, 576, 1000, 2 },	{ false, 68, 100, 3 },
	{ false, 68, 65507, 1365 }, { false, 65520, 65507, 2 }, { true, 1500, 1453, 2 },
	{ true, 1500, 2892, 2 },    { true, 1500, 2893, 3 },	{ true, 1500, 65527, 46 },
	{ true, 1280, 1233, 2 },    { true, 1281, 1234, 2 },	{ true, 1287, 4001, 4 },
	{ true, 65520, 65527, 2 },
};

START_TEST(packet_is_split)
{
	make_udp(rows[_i].v6, rows[_i].size);
	ck_assert(split_is_needed(whole.data, whole.length, rows[_i].mtu));
	ck_assert_uint_eq(split_frame(whole.data, whole.length, rows[_i].mtu, 0, false),
			  rows[_i].count);
	assert_whole();
}
END_TEST

/* Sizes around each other: the last fragment is of every length. */
START_TEST(every_size)
{
	for (size_t size = 1300; size < 1340; size++) {
		make_udp(_i, size);
		ck_assert_uint_ge(split_frame(whole.data, whole.length, 1300, 0, false), 2);
		assert_whole();
		teardown();
		setup();
	}
}
END_TEST

START_TEST(every_mtu)
{
	uint32_t smallest = _i ? 1280 : 68;

	for (uint32_t mtu = smallest; mtu < smallest + 40; mtu++) {
		make_udp(_i, 3001);
		ck_assert_uint_ge(split_frame(whole.data, whole.length, mtu, 0, false), 2);
		assert_whole();
		teardown();
		setup();
	}
}
END_TEST

/* libslirp splits at its own MTU; its fragments may be too large for the device. */
START_TEST(fragments_are_split)
{
	struct packet_bytes *piece = calloc(1, sizeof(*piece));
	uint32_t sizes[] = { 8000, 8, 12000, 4 }, offset = 0;

	make_udp(false, 8000 + 8 + 12000 + 4 - 8);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		bool last = i == ARRAY_SIZE(sizes) - 1;

		packet_make_fragment(piece, &whole, IDENTIFICATION, offset, sizes[i]);
		if (split_is_needed(piece->data, piece->length, 1500))
			split_frame(piece->data, piece->length, 1500, offset, !last);
		else
			reassemble(piece->data, piece->length);
		offset += sizes[i];
	}
	assert_whole();
	free(piece);
}
END_TEST

/* No fragment may be split further where fragments must not be; but we made the packet. */
START_TEST(dont_fragment_is_ours_to_clear)
{
	make_udp(false, 3000);
	whole.data[14 + 6] = 0x40;
	packet_mend(&whole);
	ck_assert_uint_eq(split_frame(whole.data, whole.length, 1500, 0, false), 3);
	whole.data[14 + 6] = 0;
	packet_mend(&whole);
	assert_whole();
}
END_TEST

START_TEST(options_are_in_every_fragment)
{
	static const uint8_t options[40] = { 1, 1, 1 };
	uint32_t place = 0;
	uint8_t buffer[14 + 68];
	struct split split;
	size_t size;

	make_udp(false, 100);
	packet_add_options(&whole, options, sizeof(options));
	split_start(&split, whole.data, whole.length, 68, 0);
	while ((size = split_next(&split, buffer)) > 0) {
		struct place fragment = read_fragment(buffer, (uint32_t)size);

		ck_assert_uint_eq(buffer[14], 0x4f);
		ck_assert_uint_eq(fragment.offset, place);
		ck_assert_mem_eq(buffer + 14 + 60, whole.data + 14 + 60 + place, fragment.size);
		place += fragment.size;
	}
	ck_assert_uint_eq(place, 108);
}
END_TEST

START_TEST(need)
{
	make_udp(_i, 1000);
	ck_assert(!split_is_needed(whole.data, whole.length, whole.length - 14));
	ck_assert(split_is_needed(whole.data, whole.length, whole.length - 15));
	packet_make_arp(&whole, 1);
	ck_assert(!split_is_needed(whole.data, whole.length, 20));
	for (size_t length = 0; length < 15; length++) {
		uint8_t *frame = calloc(1, length + 1);

		(void)split_is_needed(frame + 1, length, 0);
		free(frame);
	}
}
END_TEST

/* What can't be split gives nothing, whatever its headers say. */
START_TEST(lies)
{
	static const struct {
		bool v6;
		uint8_t offset;
		uint8_t value;
	} changes[] = {
		{ false, 14, 0x44 },	 /* a header of 16 bytes */
		{ false, 14, 0x40 },	 /* of none */
		{ false, 14 + 2, 1 },	 /* a packet that is shorter than the frame */
		{ false, 14 + 2, 0xff }, /* longer */
		{ false, 14 + 6, 0x1f }, /* a fragment that ends beyond 64 KiB */
		{ true, 14 + 4, 1 },	 { true, 14 + 4, 0xff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		make_udp(changes[i].v6, 3000);
		whole.data[changes[i].offset] = changes[i].value;
		ck_assert_uint_eq(split_frame(whole.data, whole.length, 1500, 0, false), 0);
	}
}
END_TEST

START_TEST(small_mtu)
{
	make_udp(_i, 3000);
	for (uint32_t mtu = 0; mtu < (_i ? 56 : 28); mtu++)
		ck_assert_uint_eq(split_frame(whole.data, whole.length, mtu, 0, false), 0);
	ck_assert_uint_gt(split_frame(whole.data, whole.length, _i ? 56 : 28, 0, false), 0);
}
END_TEST

START_TEST(short_frames)
{
	make_udp(_i, 100);
	for (uint32_t length = 14; length < 14 + 40; length++)
		ck_assert_uint_eq(split_frame(whole.data, length, 0, 0, false), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("split");
	TCase *cases = tcase_create("split");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_add_loop_test(cases, packet_is_split, 0, ARRAY_SIZE(rows));
	tcase_add_loop_test(cases, every_size, 0, 2);
	tcase_add_loop_test(cases, every_mtu, 0, 2);
	tcase_add_test(cases, fragments_are_split);
	tcase_add_test(cases, dont_fragment_is_ours_to_clear);
	tcase_add_test(cases, options_are_in_every_fragment);
	tcase_add_loop_test(cases, need, 0, 2);
	tcase_add_test(cases, lies);
	tcase_add_loop_test(cases, small_mtu, 0, 2);
	tcase_add_loop_test(cases, short_frames, 0, 2);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
