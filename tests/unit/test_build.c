/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/build: resets, ICMP errors, answers, and when there is none. */

#include "config.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/build.h"

#define GUEST "10.0.2.100"
#define HOST "198.51.100.7"
#define GUEST6 "fd00::100"
#define HOST6 "2001:db8::7"

static struct packet_bytes packet;
static uint8_t answer[PACKET_MAX];
static size_t length;

static struct frame parsed(void)
{
	struct counters counters = { { 0 } };
	struct frame frame;

	ck_assert(frame_parse(packet.data, packet.length, &counters, &frame));
	return frame;
}

/* Builds a refusal in memory of exactly the promised size. */
static void refuse(size_t (*build)(const struct frame *frame, uint8_t *buffer))
{
	uint8_t *buffer = malloc(BUILD_REJECT_MAX);
	struct frame frame = parsed();

	length = build(&frame, buffer);
	ck_assert_uint_le(length, BUILD_REJECT_MAX);
	memcpy(answer, buffer, length);
	free(buffer);
}

static void reject(void)
{
	refuse(build_reject);
}

/* An answer goes back where the packet came from, and libslirp's own checks would take it. */
static void assert_answers(const char *guest, const char *host)
{
	struct counters counters = { { 0 } };
	struct frame frame;

	ck_assert_uint_gt(length, 0);
	ck_assert(packet_is_right(answer, (uint32_t)length));
	ck_assert(packet_has_source(answer, host));
	ck_assert(packet_has_destination(answer, guest));
	ck_assert_mem_eq(answer, packet.data + 6, 6);
	ck_assert_mem_eq(answer + 6, packet.data, 6);
	ck_assert(frame_parse(answer, (uint32_t)length, &counters, &frame));
	ck_assert_uint_eq(frame.length, length);
}

#define SEQUENCE 0x12345678U
#define ACKNOWLEDGED 0x9abcdef0U

static const struct {
	uint8_t flags;
	size_t payload;
	uint8_t answer_flags; /* 0: no answer */
	uint32_t sequence;
	uint32_t acknowledgement;
} reset_rows[] = {
	{ PACKET_SYN, 0, PACKET_RST | PACKET_ACK, 0, SEQUENCE + 1 },
	{ PACKET_SYN, 10, PACKET_RST | PACKET_ACK, 0, SEQUENCE + 11 },
	{ PACKET_FIN, 0, PACKET_RST | PACKET_ACK, 0, SEQUENCE + 1 },
	{ PACKET_SYN | PACKET_FIN, 5, PACKET_RST | PACKET_ACK, 0, SEQUENCE + 7 },
	{ 0, 3, PACKET_RST | PACKET_ACK, 0, SEQUENCE + 3 },
	{ PACKET_ACK, 100, PACKET_RST, ACKNOWLEDGED, 0 },
	{ PACKET_SYN | PACKET_ACK, 0, PACKET_RST, ACKNOWLEDGED, 0 },
	{ PACKET_FIN | PACKET_ACK, 0, PACKET_RST, ACKNOWLEDGED, 0 },
	{ PACKET_RST, 0, 0, 0, 0 },
	{ PACKET_RST | PACKET_ACK, 0, 0, 0, 0 },
	{ PACKET_RST | PACKET_SYN, 0, 0, 0, 0 },
};

START_TEST(resets)
{
	static const char *const addresses[2][2] = { { GUEST, HOST }, { GUEST6, HOST6 } };

	for (size_t i = 0; i < 2; i++) {
		const uint8_t *tcp = answer + (i ? 54 : 34);

		packet_make_tcp(&packet, addresses[i][0], 4000, addresses[i][1], 80,
				reset_rows[_i].flags, reset_rows[_i].payload);
		reject();
		if (!reset_rows[_i].answer_flags) {
			ck_assert_uint_eq(length, 0);
			continue;
		}
		assert_answers(addresses[i][0], addresses[i][1]);
		ck_assert_uint_eq(length, (i ? 54 : 34) + 20);
		ck_assert_uint_eq(packet_get16(tcp), 80);
		ck_assert_uint_eq(packet_get16(tcp + 2), 4000);
		ck_assert_uint_eq(tcp[13], reset_rows[_i].answer_flags);
		ck_assert_uint_eq(packet_get32(tcp + 4), reset_rows[_i].sequence);
		ck_assert_uint_eq(packet_get32(tcp + 8), reset_rows[_i].acknowledgement);
		ck_assert_uint_eq(packet_get16(tcp + 14), 0);
	}
}
END_TEST

START_TEST(tcp_options_are_no_payload)
{
	packet_make_tcp(&packet, GUEST, 4000, HOST, 80, PACKET_SYN, 24);
	packet.data[34 + 12] = 10 << 4; /* 20 bytes of options, 4 of payload */
	packet_mend(&packet);
	reject();
	assert_answers(GUEST, HOST);
	ck_assert_uint_eq(packet_get32(answer + 34 + 8), SEQUENCE + 4 + 1);
}
END_TEST

START_TEST(sequence_numbers_wrap)
{
	packet_make_tcp(&packet, GUEST6, 4000, HOST6, 80, PACKET_SYN, 0);
	packet_put32(packet.data + 54 + 4, UINT32_MAX);
	packet_mend(&packet);
	reject();
	assert_answers(GUEST6, HOST6);
	ck_assert_uint_eq(packet_get32(answer + 54 + 8), 0);
}
END_TEST

START_TEST(udp4_is_prohibited)
{
	packet_make_udp(&packet, GUEST, 4000, HOST, 53, 1000);
	reject();
	assert_answers(GUEST, HOST);
	ck_assert_uint_eq(length, 34 + 8 + 20 + 8);
	ck_assert_uint_eq(answer[14 + 9], IPPROTO_ICMP);
	ck_assert_uint_eq(answer[34], 3);
	ck_assert_uint_eq(answer[35], 13);
	ck_assert_uint_eq(packet_get32(answer + 38), 0);
	ck_assert_mem_eq(answer + 42, packet.data + 14, 28);
}
END_TEST

START_TEST(udp6_is_prohibited)
{
	static const size_t sizes[] = { 0, 1000, 1184, 1185, 65000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t quote = 40 + 8 + sizes[i];

		packet_make_udp(&packet, GUEST6, 4000, HOST6, 53, sizes[i]);
		reject();
		assert_answers(GUEST6, HOST6);
		if (quote > 1280 - 40 - 8)
			quote = 1280 - 40 - 8;
		ck_assert_uint_eq(length, 54 + 8 + quote);
		ck_assert_uint_eq(answer[14 + 6], IPPROTO_ICMPV6);
		ck_assert_uint_eq(answer[54], 1);
		ck_assert_uint_eq(answer[55], 1);
		ck_assert_mem_eq(answer + 62, packet.data + 14, quote);
	}
}
END_TEST

START_TEST(ports_without_program)
{
	packet_make_udp(&packet, GUEST, 4000, HOST, 9, 1000);
	refuse(build_port_unreachable);
	assert_answers(GUEST, HOST);
	ck_assert_uint_eq(answer[34], 3);
	ck_assert_uint_eq(answer[35], 3);
	ck_assert_mem_eq(answer + 42, packet.data + 14, 28);
	packet_make_udp(&packet, GUEST6, 4000, HOST6, 9, 10);
	refuse(build_port_unreachable);
	assert_answers(GUEST6, HOST6);
	ck_assert_uint_eq(answer[54], 1);
	ck_assert_uint_eq(answer[55], 4);
}
END_TEST

START_TEST(echo_is_prohibited)
{
	packet_make_icmp(&packet, GUEST, HOST, 8, 56);
	reject();
	assert_answers(GUEST, HOST);
	ck_assert_uint_eq(answer[34], 3);
	ck_assert_mem_eq(answer + 42, packet.data + 14, 28);
	packet_make_icmp(&packet, GUEST6, HOST6, 128, 56);
	reject();
	assert_answers(GUEST6, HOST6);
	ck_assert_uint_eq(answer[54], 1);
}
END_TEST

START_TEST(no_answer_to_errors)
{
	static const uint8_t errors4[] = { 3, 4, 5, 11, 12 };
	static const uint8_t errors6[] = { 0, 1, 2, 3, 4, 100, 127, 137 };

	for (size_t i = 0; i < ARRAY_SIZE(errors4); i++) {
		packet_make_icmp(&packet, GUEST, HOST, errors4[i], 28);
		reject();
		ck_assert_uint_eq(length, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(errors6); i++) {
		packet_make_icmp(&packet, GUEST6, HOST6, errors6[i], 48);
		reject();
		ck_assert_uint_eq(length, 0);
	}
}
END_TEST

START_TEST(no_answer_to_many)
{
	static const char *const rows[][2] = {
		{ GUEST, "224.0.0.251" }, { GUEST, "255.255.255.255" },
		{ GUEST, "0.0.0.0" },	  { "0.0.0.0", HOST },
		{ "224.0.0.1", HOST },	  { "255.255.255.255", HOST },
		{ GUEST6, "ff02::fb" },	  { "::", HOST6 },
		{ "ff02::1", HOST6 },	  { GUEST6, "::" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		packet_make_udp(&packet, rows[i][0], 4000, rows[i][1], 53, 10);
		reject();
		ck_assert_uint_eq(length, 0);
		packet_make_tcp(&packet, rows[i][0], 4000, rows[i][1], 53, PACKET_SYN, 0);
		reject();
		ck_assert_uint_eq(length, 0);
	}
	/* One host's address, but all of the link. */
	packet_make_udp(&packet, GUEST, 4000, HOST, 53, 10);
	memset(packet.data, 0xff, 6);
	reject();
	ck_assert_uint_eq(length, 0);
}
END_TEST

START_TEST(no_answer_to_fragments_and_arp)
{
	static struct packet_bytes whole;

	packet_make_udp(&whole, GUEST, 4000, HOST, 53, 2000);
	packet_make_fragment(&packet, &whole, 1, 0, 1000);
	reject();
	ck_assert_uint_eq(length, 0);
	packet_make_arp(&packet, 1);
	packet.data[0] = 0x52;
	reject();
	ck_assert_uint_eq(length, 0);
}
END_TEST

START_TEST(udp_answers)
{
	static const char *const addresses[2][2] = { { GUEST, HOST }, { GUEST6, HOST6 } };
	static const size_t sizes[] = { 0, 1, 511, 1400, 65507 };
	static uint8_t payload[65536];

	memset(payload, 0xa5, sizeof(payload));
	for (size_t i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		const char *const *pair = addresses[i % 2];
		size_t size = sizes[i / 2];
		size_t start = (i % 2 ? 54 : 34) + 8;
		struct frame frame;

		packet_make_udp(&packet, pair[0], 4000, pair[1], 53, 30);
		frame = parsed();
		ck_assert_uint_eq(build_udp_answer(&frame, payload, size, answer, start + size - 1),
				  0);
		length = build_udp_answer(&frame, payload, size, answer, start + size);
		ck_assert_uint_eq(length, start + size);
		assert_answers(pair[0], pair[1]);
		ck_assert_uint_eq(packet_get16(answer + start - 8), 53);
		ck_assert_uint_eq(packet_get16(answer + start - 6), 4000);
		ck_assert_mem_eq(answer + start, payload, size);
	}
}
END_TEST

START_TEST(udp_answers_too_large)
{
	static uint8_t payload[65536];
	struct frame frame;

	packet_make_udp(&packet, GUEST, 4000, HOST, 53, 30);
	frame = parsed();
	ck_assert_uint_eq(build_udp_answer(&frame, payload, 65508, answer, sizeof(answer)), 0);
	ck_assert_uint_eq(build_udp_answer(&frame, payload, SIZE_MAX, answer, sizeof(answer)), 0);
	packet_make_udp(&packet, GUEST6, 4000, HOST6, 53, 30);
	frame = parsed();
	ck_assert_uint_eq(build_udp_answer(&frame, payload, 65527, answer, sizeof(answer)),
			  54 + 65535);
	ck_assert_uint_eq(build_udp_answer(&frame, payload, 65528, answer, sizeof(answer)), 0);
}
END_TEST

START_TEST(a_udp_checksum_is_never_zero)
{
	struct frame frame;

	packet_make_udp(&packet, GUEST, 4000, HOST, 53, 30);
	frame = parsed();
	/* Two bytes that make the sum of all else come out as zero. */
	for (uint32_t word = 0; word < 65536; word++) {
		uint8_t payload[2] = { (uint8_t)(word >> 8), (uint8_t)word };

		length = build_udp_answer(&frame, payload, 2, answer, sizeof(answer));
		ck_assert_uint_ne(packet_get16(answer + 34 + 6), 0);
	}
}
END_TEST

START_TEST(echo6_answers)
{
	static const uint8_t message[] = { 0, 7, 'p', 'a', 'y', 'l', 'o', 'a', 'd' };
	struct frame frame;

	packet_make_icmp(&packet, GUEST6, HOST6, 128, 56);
	frame = parsed();
	ck_assert_uint_eq(build_echo6_answer(&frame, message, sizeof(message), answer, 54 + 14), 0);
	length = build_echo6_answer(&frame, message, sizeof(message), answer, 54 + 15);
	ck_assert_uint_eq(length, 54 + 15);
	assert_answers(GUEST6, HOST6);
	ck_assert_uint_eq(answer[54], 129);
	ck_assert_uint_eq(answer[55], 0);
	ck_assert_uint_eq(packet_get16(answer + 58), 0xbeef);
	ck_assert_mem_eq(answer + 60, message, sizeof(message));
	packet_make_icmp(&packet, GUEST, HOST, 8, 56);
	frame = parsed();
	ck_assert_uint_eq(build_echo6_answer(&frame, message, 9, answer, sizeof(answer)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("build");
	TCase *cases = tcase_create("build");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, resets, 0, ARRAY_SIZE(reset_rows));
	tcase_add_test(cases, tcp_options_are_no_payload);
	tcase_add_test(cases, sequence_numbers_wrap);
	tcase_add_test(cases, udp4_is_prohibited);
	tcase_add_test(cases, udp6_is_prohibited);
	tcase_add_test(cases, ports_without_program);
	tcase_add_test(cases, echo_is_prohibited);
	tcase_add_test(cases, no_answer_to_errors);
	tcase_add_test(cases, no_answer_to_many);
	tcase_add_test(cases, no_answer_to_fragments_and_arp);
	tcase_add_test(cases, udp_answers);
	tcase_add_test(cases, udp_answers_too_large);
	tcase_add_test(cases, a_udp_checksum_is_never_zero);
	tcase_add_test(cases, echo6_answers);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
