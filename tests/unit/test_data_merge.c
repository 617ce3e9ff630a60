/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/data_merge: what is joined, what never, and what comes out. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/data_merge.h"

#define PSH 0x08
#define SIZE 16384

/* A segment to the container. */
struct segment {
	uint32_t sequence;
	uint32_t acknowledged;
	uint16_t port; /* of the host */
	uint16_t window;
	uint16_t size;
	uint8_t flags;
	uint8_t options; /* words of them, taken from the data */
	bool v6;
};

static struct data_merge merge;
static struct packet_bytes packet;

static void setup(void)
{
	memset(&merge, 0, sizeof(merge));
}

static void make(const struct segment *segment)
{
	uint8_t *tcp;

	packet_make_tcp(&packet, segment->v6 ? "2001:db8::7" : "198.51.100.7", segment->port,
			segment->v6 ? "fd00::100" : "10.0.2.100", 40000, segment->flags,
			segment->size);
	tcp = packet.data + packet_transport(packet.data);
	packet_put32(tcp + 4, segment->sequence);
	packet_put32(tcp + 8, segment->acknowledged);
	tcp[12] = (uint8_t)((5 + segment->options) << 4);
	packet_put16(tcp + 14, segment->window);
	/* Its data tell where they belong. */
	for (size_t i = 0; i < segment->size; i++)
		tcp[20 + i] = (uint8_t)((segment->sequence + i) * 31 >> 3);
	packet_mend(&packet);
}

/* The function works on memory of exactly the frame's size. */
static bool give(bool (*function)(struct data_merge *, const uint8_t *, size_t),
		 const struct segment *segment)
{
	uint8_t *frame;
	bool result;

	make(segment);
	frame = malloc(packet.length);
	memcpy(frame, packet.data, packet.length);
	result = function(&merge, frame, packet.length);
	free(frame);
	return result;
}

static struct segment plain(uint32_t sequence, uint16_t size)
{
	return (struct segment){ .sequence = sequence,
				 .acknowledged = 77,
				 .port = 80,
				 .window = 65535,
				 .size = size,
				 .flags = PACKET_ACK };
}

/* What is kept is the segment that the whole would be, but for the TCP checksum. */
static void assert_kept(const struct segment *whole)
{
	make(whole);
	ck_assert_uint_eq(merge.length, packet.length);
	memcpy(merge.frame + packet_transport(merge.frame) + 16,
	       packet.data + packet_transport(packet.data) + 16, 2);
	ck_assert_mem_eq(merge.frame, packet.data, packet.length);
}

static void joins(bool v6)
{
	struct segment segment = plain(UINT32_MAX - SIZE, SIZE);

	segment.v6 = v6;
	ck_assert(!give(data_merge_append, &segment));
	ck_assert(give(data_merge_keep, &segment));
	segment.sequence += SIZE;
	ck_assert(give(data_merge_append, &segment));
	ck_assert(!data_merge_is_full(&merge));
	segment.sequence += SIZE;
	segment.flags |= PSH;
	segment.size = 100;
	ck_assert(give(data_merge_append, &segment));
	segment.sequence -= 2 * SIZE;
	segment.size = 2 * SIZE + 100;
	assert_kept(&segment);
}

START_TEST(what_follows_is_joined)
{
	joins(false);
}
END_TEST

START_TEST(over_ipv6_too)
{
	joins(true);
}
END_TEST

START_TEST(up_to_what_a_packet_holds)
{
	struct segment segment = plain(1000, DATA_MERGE_MAX - SIZE);

	ck_assert(give(data_merge_keep, &segment));
	segment.sequence += segment.size;
	segment.size = SIZE + 1;
	ck_assert(!give(data_merge_append, &segment));
	segment.size = SIZE;
	ck_assert(give(data_merge_append, &segment));
	ck_assert(data_merge_is_full(&merge));
	segment.sequence += SIZE;
	segment.size = 1;
	ck_assert(!give(data_merge_append, &segment));
	segment = plain(1000, DATA_MERGE_MAX);
	assert_kept(&segment);
}
END_TEST

/* Each differs in one thing from the segment that would be joined. */
START_TEST(what_does_not_continue_is_not_joined)
{
	const struct segment right = plain(1000 + SIZE, SIZE);
	struct segment others[10];

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = right;
	others[0].sequence++;
	others[1].sequence -= SIZE;
	others[2].acknowledged++;
	others[3].port++;
	others[4].window--;
	others[5].flags |= PACKET_FIN;
	others[6].flags |= PACKET_RST;
	others[7].flags |= PACKET_URG;
	others[8].options = 3;
	others[9].size = 0;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct segment first = plain(1000, SIZE);

		setup();
		ck_assert(give(data_merge_keep, &first));
		ck_assert_msg(!give(data_merge_append, &others[i]), "row %zu", i);
		assert_kept(&first);
		ck_assert(give(data_merge_append, &right));
	}
}
END_TEST

START_TEST(what_is_small_or_special_is_not_kept)
{
	struct segment segment = plain(1000, 1000);

	ck_assert(!give(data_merge_keep, &segment));
	segment = plain(1000, SIZE);
	segment.flags |= PACKET_FIN;
	ck_assert(!give(data_merge_keep, &segment));
	segment = plain(1000, DATA_MERGE_MAX);
	ck_assert(!give(data_merge_keep, &segment));
	packet_make_udp(&packet, "198.51.100.7", 1, "10.0.2.100", 2, SIZE);
	ck_assert(!data_merge_keep(&merge, packet.data, packet.length));
	ck_assert_uint_eq(merge.length, 0);
	ck_assert(!data_merge_append(&merge, packet.data, packet.length));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("data_merge");
	TCase *tcase = tcase_create("data_merge");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, what_follows_is_joined);
	tcase_add_test(tcase, over_ipv6_too);
	tcase_add_test(tcase, up_to_what_a_packet_holds);
	tcase_add_test(tcase, what_does_not_continue_is_not_joined);
	tcase_add_test(tcase, what_is_small_or_special_is_not_kept);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
