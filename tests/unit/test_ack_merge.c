/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/ack_merge: what may be left out, what never, and that order is kept. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/ack_merge.h"

#define HOST "198.51.100.7"
#define GUEST "10.0.2.100"
#define HOST6 "2001:db8::7"
#define GUEST6 "fd00::100"

#define SENT_MAX 64
#define PSH 0x08
#define ECE 0x40

/* A segment to the container, as far as these tests are concerned. */
struct segment {
	uint16_t port; /* of the host */
	uint32_t sequence;
	uint32_t acknowledged;
	uint16_t window;
	uint8_t flags;
	uint16_t size; /* bytes of data */
	bool v6;
};

static struct ack_merge merge;
static struct packet_bytes packet;
static struct segment sent[SENT_MAX];
static size_t sent_count;

static void setup(void)
{
	memset(&merge, 0, sizeof(merge));
	sent_count = 0;
}

static void make(const struct segment *segment)
{
	uint8_t *tcp;

	packet_make_tcp(&packet, segment->v6 ? HOST6 : HOST, segment->port,
			segment->v6 ? GUEST6 : GUEST, 40000, segment->flags, segment->size);
	tcp = packet.data + packet_transport(packet.data);
	packet_put32(tcp + 4, segment->sequence);
	packet_put32(tcp + 8, segment->acknowledged);
	packet_put16(tcp + 14, segment->window);
	packet_mend(&packet);
}

static void note_sent(const uint8_t *frame, size_t length)
{
	const uint8_t *tcp = frame + packet_transport(frame);

	ck_assert_uint_lt(sent_count, SENT_MAX);
	ck_assert(packet_is_right(frame, (uint32_t)length));
	sent[sent_count++] = (struct segment){
		.port = packet_get16(tcp),
		.sequence = packet_get32(tcp + 4),
		.acknowledged = packet_get32(tcp + 8),
		.window = packet_get16(tcp + 14),
		.flags = tcp[13],
		.size = (uint16_t)(length - (size_t)(tcp + 20 - frame)),
		.v6 = packet_get16(frame + 12) == 0x86dd,
	};
}

/* What a link does with the verdicts. The frame lies in memory of exactly its size. */
static enum ack_verdict give_bytes(const uint8_t *bytes, size_t length)
{
	uint8_t *frame = malloc(length);
	struct ack_slot *slot = NULL;
	enum ack_verdict verdict;

	memcpy(frame, bytes, length);
	while ((verdict = ack_merge_add(&merge, frame, length, &slot)) == ACK_FIRST) {
		note_sent(slot->frame, slot->length);
		ack_merge_sent(&merge, slot);
	}
	if (verdict == ACK_SEND)
		note_sent(frame, length);
	free(frame);
	return verdict;
}

static enum ack_verdict give(const struct segment *segment)
{
	make(segment);
	return give_bytes(packet.data, packet.length);
}

static void flush(void)
{
	struct ack_slot *slot;

	while ((slot = ack_merge_next(&merge)) != NULL) {
		note_sent(slot->frame, slot->length);
		ack_merge_sent(&merge, slot);
	}
	ck_assert_uint_eq(merge.waiting, 0);
}

static struct segment ack(uint32_t acknowledged)
{
	return (struct segment){ 80, 1000, acknowledged, 8000, PACKET_ACK, 0, false };
}

static bool is_same(const struct segment *a, const struct segment *b)
{
	return a->port == b->port && a->sequence == b->sequence &&
	       a->acknowledged == b->acknowledged && a->window == b->window &&
	       a->flags == b->flags && a->size == b->size && a->v6 == b->v6;
}

static void assert_same(const struct segment *a, const struct segment *b)
{
	ck_assert_msg(is_same(a, b), "port %u acknowledged %u instead of port %u acknowledged %u",
		      a->port, a->acknowledged, b->port, b->acknowledged);
}

START_TEST(later_one_stands_for_all)
{
	struct segment segment = ack(0);

	segment.v6 = _i;
	/* Over the wrap of the number space. */
	for (uint32_t i = 0; i < 40; i++) {
		segment.acknowledged = 0xfffff000U + i * 1460;
		segment.window = (uint16_t)(8000 - i);
		ck_assert_int_eq(give(&segment), i == 0 ? ACK_KEPT : ACK_MERGED);
	}
	ck_assert_uint_eq(sent_count, 0);
	flush();
	ck_assert_uint_eq(sent_count, 1);
	assert_same(&sent[0], &segment);
}
END_TEST

/* Two segments of one flow, of which neither may be lost. */
static const struct {
	struct segment first;
	struct segment second;
} pairs[] = {
	/* the same acknowledgement: a duplicate */
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false }, { 80, 1, 100, 500, PACKET_ACK, 0, false } },
	/* a window that opens, or closes */
	{ { 80, 1, 100, 0, PACKET_ACK, 0, false }, { 80, 1, 100, 500, PACKET_ACK, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false }, { 80, 1, 100, 0, PACKET_ACK, 0, false } },
	/* an older one that comes later */
	{ { 80, 1, 200, 500, PACKET_ACK, 0, false }, { 80, 1, 100, 500, PACKET_ACK, 0, false } },
	/* another place in the stream */
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false }, { 80, 2, 200, 500, PACKET_ACK, 0, false } },
	/* data, before or after */
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false }, { 80, 1, 200, 500, PACKET_ACK, 1, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 1, false }, { 80, 1, 200, 500, PACKET_ACK, 0, false } },
	/* flags */
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false },
	  { 80, 1, 200, 500, PACKET_ACK | PACKET_FIN, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK | PACKET_FIN, 0, false },
	  { 80, 1, 200, 500, PACKET_ACK, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false },
	  { 80, 1, 200, 500, PACKET_ACK | PACKET_RST, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false }, { 80, 1, 200, 500, PACKET_RST, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false },
	  { 80, 1, 200, 500, PACKET_ACK | PACKET_SYN, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false },
	  { 80, 1, 200, 500, PACKET_ACK | PSH, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK | ECE, 0, false },
	  { 80, 1, 200, 500, PACKET_ACK, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false },
	  { 80, 1, 200, 500, PACKET_ACK | PACKET_URG, 0, false } },
	/* half the number space ahead: nobody knows which is later */
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false },
	  { 80, 1, 0x80000064U, 500, PACKET_ACK, 0, false } },
	/* another flow with the same numbers */
	{ { 80, 1, 100, 500, PACKET_ACK, 0, false }, { 81, 1, 200, 500, PACKET_ACK, 0, false } },
	{ { 80, 1, 100, 500, PACKET_ACK, 0, true }, { 80, 1, 200, 500, PACKET_ACK, 0, false } },
};

START_TEST(neither_is_lost)
{
	struct segment first = pairs[_i].first, second = pairs[_i].second;

	give(&first);
	ck_assert_int_ne(give(&second), ACK_MERGED);
	flush();
	ck_assert_uint_eq(sent_count, 2);
	if (first.port != second.port || first.v6 != second.v6) {
		/* Only within a flow there is an order. */
		bool swapped = sent[0].port != first.port || sent[0].v6 != first.v6;

		assert_same(&sent[swapped], &first);
		assert_same(&sent[!swapped], &second);
		return;
	}
	assert_same(&sent[0], &first);
	assert_same(&sent[1], &second);
}
END_TEST

START_TEST(duplicates_all_go_out)
{
	struct segment segment = ack(5000), later = ack(9000);

	for (int i = 0; i < 5; i++)
		give(&segment);
	/* The last of them must not wait for this one to cover it. */
	give(&later);
	flush();
	ck_assert_uint_eq(sent_count, 6);
	for (int i = 0; i < 5; i++)
		assert_same(&sent[i], &segment);
	assert_same(&sent[5], &later);
}
END_TEST

START_TEST(duplicate_of_what_was_flushed)
{
	struct segment segment = ack(5000), later = ack(9000);

	give(&segment);
	flush();
	ck_assert_int_eq(give(&segment), ACK_SEND);
	ck_assert_int_eq(give(&later), ACK_KEPT);
	flush();
	ck_assert_uint_eq(sent_count, 3);
}
END_TEST

START_TEST(other_addresses_are_another_flow)
{
	static const char *const hosts[] = { "198.51.100.7", "198.51.100.8" };
	uint8_t *tcp;

	for (int i = 0; i < 4; i++) {
		packet_make_tcp(&packet, hosts[i % 2], 80, GUEST, 40000, PACKET_ACK, 0);
		tcp = packet.data + packet_transport(packet.data);
		packet_put32(tcp + 8, (uint32_t)i);
		packet_mend(&packet);
		ck_assert_int_eq(give_bytes(packet.data, packet.length), ACK_KEPT);
	}
	flush();
	ck_assert_uint_eq(sent_count, 4);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(sent[i].acknowledged, i);
}
END_TEST

/* More flows than slots: some go out early, none is lost. */
START_TEST(many_flows)
{
	uint32_t last[48] = { 0 };
	struct segment segment = ack(0);

	for (uint16_t port = 0; port < 48; port++) {
		segment.port = (uint16_t)(1000 + port * 7);
		segment.acknowledged = port + 1U;
		ck_assert_int_eq(give(&segment), ACK_KEPT);
		ck_assert_uint_le(merge.waiting, ACK_MERGE_SLOTS);
	}
	flush();
	ck_assert_uint_eq(sent_count, 48);
	for (size_t i = 0; i < 48; i++)
		last[(sent[i].port - 1000) / 7] += sent[i].acknowledged;
	for (uint32_t i = 0; i < 48; i++)
		ck_assert_uint_eq(last[i], i + 1);
}
END_TEST

/* Frames that look like an acknowledgement in one place or another, and aren't. */
START_TEST(not_tcp)
{
	struct segment segment = ack(100);

	for (size_t length = 0; length < 54; length++) {
		struct ack_slot *slot;
		uint8_t *frame = malloc(length + 1);

		make(&segment);
		memcpy(frame + 1, packet.data, length);
		ck_assert_int_eq(ack_merge_add(&merge, frame + 1, length, &slot), ACK_SEND);
		free(frame);
	}
	/* A fragment, a header with options, another protocol, another Ethernet type. */
	static const struct {
		uint8_t offset;
		uint8_t value;
	} changes[] = { { 14 + 6, 0x20 }, { 14 + 7, 1 }, { 14, 0x46 }, { 14 + 9, 17 }, { 12, 9 } };

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct ack_slot *slot;

		make(&segment);
		packet.data[changes[i].offset] = changes[i].value;
		ck_assert_int_eq(ack_merge_add(&merge, packet.data, packet.length, &slot),
				 ACK_SEND);
	}
	ck_assert_uint_eq(merge.waiting, 0);
}
END_TEST

START_TEST(padded_or_with_options_is_no_pure_ack)
{
	struct segment segment = ack(100);

	make(&segment);
	/* Six bytes behind the segment, as an Ethernet device pads. */
	ck_assert_int_eq(ack_merge_add(&merge, packet.data, packet.length + 6, NULL), ACK_SEND);
	segment.size = 12;
	make(&segment);
	packet.data[14 + 20 + 12] = 8 << 4;
	ck_assert_int_eq(ack_merge_add(&merge, packet.data, packet.length, NULL), ACK_SEND);
}
END_TEST

/* True if frame i of those given may be missing: pure, and the next of its flow covers it. */
static bool may_miss(const struct segment *given, size_t count, size_t i)
{
	for (size_t j = i + 1; j < count; j++) {
		if (given[j].port != given[i].port)
			continue;
		return given[i].flags == PACKET_ACK && given[i].size == 0 &&
		       given[j].flags == PACKET_ACK && given[j].size == 0 &&
		       given[j].sequence == given[i].sequence &&
		       given[j].acknowledged > given[i].acknowledged;
	}
	return false;
}

/* What went out of one flow is what came in, in order, but for what may be missing. */
static void check_flow(const struct segment *given, size_t count, uint16_t port)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		if (given[i].port != port)
			continue;
		while (at < sent_count && sent[at].port != port)
			at++;
		if (at < sent_count && is_same(&sent[at], &given[i]))
			at++;
		else
			ck_assert(may_miss(given, count, i));
	}
	while (at < sent_count)
		ck_assert_uint_ne(sent[at++].port, port);
}

START_TEST(any_order_of_anything)
{
	static const uint8_t flags[] = { PACKET_ACK, PACKET_ACK, PACKET_ACK,
					 PACKET_ACK | PACKET_FIN, PACKET_RST };
	static const uint16_t ports[] = { 80, 443, 16 * 80, 8080 };
	struct segment given[24];

	srand((unsigned)_i);
	memset(given, 0, sizeof(given));
	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		given[i].port = ports[rand() % 4];
		given[i].sequence = rand() % 8 == 0;
		given[i].acknowledged = (uint32_t)(rand() % 4);
		given[i].window = (uint16_t)(rand() % 2);
		given[i].flags = flags[rand() % 5];
		given[i].size = rand() % 6 == 0;
		give(&given[i]);
		if (rand() % 8 == 0)
			flush();
	}
	flush();
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		check_flow(given, ARRAY_SIZE(given), ports[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ack_merge");
	TCase *cases = tcase_create("ack_merge");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, setup, NULL);
	tcase_add_loop_test(cases, later_one_stands_for_all, 0, 2);
	tcase_add_loop_test(cases, neither_is_lost, 0, ARRAY_SIZE(pairs));
	tcase_add_test(cases, duplicates_all_go_out);
	tcase_add_test(cases, duplicate_of_what_was_flushed);
	tcase_add_test(cases, other_addresses_are_another_flow);
	tcase_add_test(cases, many_flows);
	tcase_add_test(cases, not_tcp);
	tcase_add_test(cases, padded_or_with_options_is_no_pure_ack);
	tcase_add_loop_test(cases, any_order_of_anything, 0, 500);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
