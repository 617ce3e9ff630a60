/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of explain/frame_text and dns_text: what frames carry, in words. */

#include "config.h"

#include <check.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/dns_text.h"
#include "explain/frame_text.h"
#include "packets.h"

#define GUEST "10.0.2.100"
#define OUTSIDE "198.51.100.1"
#define GUEST6 "fd00::64"
#define OUTSIDE6 "2001:db8:1::1"

static struct packet_bytes packet;
static struct frame_note note;

static void describe(void)
{
	/* A copy of its own size, so that a sanitizer sees each byte too many. */
	uint8_t *copy = malloc(packet.length);

	memcpy(copy, packet.data, packet.length);
	frame_describe(copy, packet.length, packet.length, &note);
	free(copy);
}

static void expect_ends(const char *from, const char *to)
{
	char text[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(endpoint_format(&note.from, text), from);
	ck_assert_str_eq(endpoint_format(&note.to, text), to);
}

static const struct {
	uint8_t flags;
	size_t size;
	enum topic topic;
} segments[] = {
	{ PACKET_SYN, 0, TOPIC_syn },
	{ PACKET_SYN | PACKET_ACK, 0, TOPIC_syn_ack },
	{ PACKET_ACK, 0, TOPIC_ack },
	{ PACKET_ACK, 1, TOPIC_data },
	{ PACKET_ACK | PACKET_FIN, 0, TOPIC_fin },
	{ PACKET_ACK | PACKET_FIN, 9, TOPIC_fin },
	{ PACKET_RST, 0, TOPIC_rst },
	{ PACKET_RST | PACKET_ACK, 0, TOPIC_rst },
	{ PACKET_ACK, 60000, TOPIC_data },
};

START_TEST(tcp)
{
	packet_make_tcp(&packet, GUEST, 40000, OUTSIDE, 80, segments[_i].flags, segments[_i].size);
	describe();
	ck_assert_int_eq(note.topic, segments[_i].topic);
	ck_assert_uint_eq(note.payload, segments[_i].size);
	ck_assert_int_eq(note.direction, DIRECTION_OUT);
	ck_assert_str_eq(note.text, segments[_i].size == 9 ? "with 9 bytes of data" : "");
	expect_ends("10.0.2.100:40000", "198.51.100.1:80");
	packet_make_tcp(&packet, GUEST6, 40000, OUTSIDE6, 80, segments[_i].flags,
			segments[_i].size);
	describe();
	ck_assert_int_eq(note.topic, segments[_i].topic);
	ck_assert_uint_eq(note.payload, segments[_i].size);
	expect_ends("[fd00::64]:40000", "[2001:db8:1::1]:80");
}
END_TEST

/* Ethernet pads short frames; the padding is no data. */
START_TEST(padding_is_no_data)
{
	packet_make_tcp(&packet, GUEST, 40000, OUTSIDE, 80, PACKET_ACK, 0);
	packet.length = 60;
	describe();
	ck_assert_int_eq(note.topic, TOPIC_ack);
	ck_assert_uint_eq(note.payload, 0);
	ck_assert_uint_eq(note.length, 60);
}
END_TEST

START_TEST(direction_by_ethernet_address)
{
	static const uint8_t libslirp[] = { 0x52, 0x55, 0x0a, 0x00, 0x02, 0x02 };

	packet_make_tcp(&packet, OUTSIDE, 80, GUEST, 40000, PACKET_ACK, 10);
	memcpy(packet.data + 6, libslirp, sizeof(libslirp));
	describe();
	ck_assert_int_eq(note.direction, DIRECTION_IN);
}
END_TEST

/* Only the headers are there; what the segment had is told by its lengths. */
START_TEST(cut_by_the_snapshot)
{
	packet_make_tcp(&packet, GUEST, 40000, OUTSIDE, 80, PACKET_ACK, 1000);
	frame_describe(packet.data, 54, packet.length, &note);
	ck_assert_int_eq(note.topic, TOPIC_data);
	ck_assert_uint_eq(note.payload, 1000);
	ck_assert_uint_eq(note.length, 1054);
}
END_TEST

START_TEST(each_prefix_of_a_frame)
{
	packet_make_udp(&packet, GUEST6, 40000, OUTSIDE6, 53, 100);
	for (uint32_t length = 0; length <= packet.length; length++) {
		uint8_t *copy = malloc(length ? length : 1);

		memcpy(copy, packet.data, length);
		frame_describe(copy, length, packet.length, &note);
		ck_assert_uint_eq(note.length, packet.length);
		free(copy);
	}
}
END_TEST

START_TEST(arp)
{
	packet_make_arp(&packet, 1);
	describe();
	ck_assert_int_eq(note.topic, TOPIC_arp);
	ck_assert_ptr_nonnull(strstr(note.text, "who has "));
	packet_make_arp(&packet, 2);
	describe();
	ck_assert_ptr_nonnull(strstr(note.text, " is at "));
}
END_TEST

static const struct {
	const char *from;
	const char *to;
	uint8_t kind;
	enum topic topic;
	const char *words;
} messages[] = {
	{ GUEST, OUTSIDE, 8, TOPIC_ping, "request" },
	{ GUEST, OUTSIDE, 0, TOPIC_ping, "reply" },
	{ GUEST, OUTSIDE, 3, TOPIC_icmp, "destination unreachable" },
	{ GUEST, OUTSIDE, 99, TOPIC_icmp, "kind 99" },
	{ GUEST6, OUTSIDE6, 128, TOPIC_ping, "request" },
	{ GUEST6, "ff02::2", 133, TOPIC_ndp, "is there a router?" },
	{ GUEST6, "ff02::1:ff00:2", 135, TOPIC_ndp, "who has " },
	{ GUEST6, "ff02::16", 143, TOPIC_mld, "report" },
	{ GUEST6, OUTSIDE6, 2, TOPIC_icmp, "packet too big" },
};

START_TEST(icmp)
{
	packet_make_icmp(&packet, messages[_i].from, messages[_i].to, messages[_i].kind, 24);
	describe();
	ck_assert_int_eq(note.topic, messages[_i].topic);
	ck_assert_msg(strstr(note.text, messages[_i].words) != NULL, "%s", note.text);
}
END_TEST

START_TEST(datagrams)
{
	packet_make_udp(&packet, GUEST, 5000, OUTSIDE, 6000, 77);
	describe();
	ck_assert_int_eq(note.topic, TOPIC_udp);
	ck_assert_uint_eq(note.payload, 77);
	packet_make_udp(&packet, "0.0.0.0", 68, "255.255.255.255", 67, 240);
	describe();
	ck_assert_int_eq(note.topic, TOPIC_dhcp);
	packet_make_udp(&packet, GUEST, 5000, "10.0.2.3", 53, 40);
	describe();
	ck_assert_int_eq(note.topic, TOPIC_dns);
}
END_TEST

START_TEST(fragments)
{
	struct packet_bytes fragment = { .length = 0 };

	packet_make_udp(&packet, GUEST, 5000, OUTSIDE, 6000, 3000);
	packet_make_fragment(&fragment, &packet, 7, 1480, 1000);
	frame_describe(fragment.data, fragment.length, fragment.length, &note);
	ck_assert_int_eq(note.topic, TOPIC_fragment);
	packet_make_udp(&packet, GUEST6, 5000, OUTSIDE6, 6000, 3000);
	packet_make_fragment(&fragment, &packet, 7, 0, 1448);
	frame_describe(fragment.data, fragment.length, fragment.length, &note);
	ck_assert_int_eq(note.topic, TOPIC_fragment);
}
END_TEST

START_TEST(strange_ethernet_type)
{
	packet_make_arp(&packet, 1);
	packet_put16(packet.data + 12, 0x88cc);
	describe();
	ck_assert_int_eq(note.topic, TOPIC_frame);
	ck_assert_str_eq(note.text, "Ethernet type 88cc");
}
END_TEST

/* clang-format off */
/* Messages as they are on the wire, RFC 1035. */
#define QUESTION(counts)                                                                           \
	"\x12\x34\x01\x00" counts "\x07"                                                           \
	"example\x03"                                                                              \
	"org\x00\x00\x01\x00\x01"
#define ANSWER(code, count)                                                                        \
	"\x12\x34\x81" code "\x00\x01\x00" count "\x00\x00\x00\x00"                                \
	"\x07"                                                                                     \
	"example\x03"                                                                              \
	"org\x00\x00\x01\x00\x01"
#define RECORD(type, length) "\xc0\x0c\x00" type "\x00\x01\x00\x00\x0e\x10\x00" length
#define ONE_QUESTION "\x00\x01\x00\x00\x00\x00\x00\x00"

static const struct {
	const char *message;
	size_t length;
	const char *text;
} dns_rows[] = {
#define ROW(message, text)                                                                         \
	{                                                                                          \
		message, sizeof(message) - 1, text                                                 \
	}
	ROW(QUESTION(ONE_QUESTION), "A example.org?"),
	ROW(ANSWER("\x80", "\x01") RECORD("\x01", "\x04") "\xc0\x00\x02\x01",
	    "A example.org is 192.0.2.1"),
	ROW(ANSWER("\x80", "\x02") RECORD("\x05", "\x04") "\x01w\xc0\x0c" RECORD(
		    "\x01", "\x04") "\xc0\x00\x02\x01",
	    "A example.org is alias of w.example.org, 192.0.2.1"),
	ROW(ANSWER("\x80", "\x01") RECORD("\x10", "\x02") "\x01x", "A example.org is TXT"),
	ROW(ANSWER("\x83", "\x00"), "A example.org: no such name"),
	ROW(ANSWER("\x82", "\x00"), "A example.org: server failure"),
	ROW(ANSWER("\x8f", "\x00"), "A example.org: failure"),
	ROW(ANSWER("\x80", "\x00"), "A example.org: no such record"),
	ROW(ANSWER("\x80", "\x01"), "A example.org is (cut short)"),
	/* A length that leads beyond the message. */
	ROW(ANSWER("\x80", "\x01") RECORD("\x01", "\xff") "\xc0", "A example.org is (cut short)"),
	/* A name that points at itself, forward, or in a circle. */
	ROW("\x12\x34\x01\x00" ONE_QUESTION "\xc0\x0c\x00\x01\x00\x01", "a question"),
	ROW("\x12\x34\x01\x00" ONE_QUESTION "\xc0\x20\x00\x01\x00\x01", "a question"),
	ROW("\x12\x34\x01\x00" ONE_QUESTION "\x01"
	    "a\xc0\x0c\x00\x01\x00\x01",
	    "a question"),
	/* Bytes that a terminal would obey, and a dot within a label. */
	ROW("\x12\x34\x01\x00" ONE_QUESTION "\x03\x1b[m\x02.x\x00\x00\x1c\x00\x01",
	    "AAAA \\027\\091m.\\046x?"),
	ROW("\x12\x34\x01\x00" ONE_QUESTION "\x00\x00\x02\x00\x01", "NS .?"),
	ROW("\x12\x34\x01\x00" ONE_QUESTION "\x00\x12\x34\x00\x01", "type 4660 .?"),
	ROW("\x12\x34\x01\x00\x00\x02\x00\x00\x00\x00\x00\x00", "a question"),
	ROW("\x12\x34\x81\x00\x00\x00\x00\x00\x00\x00\x00\x00", "an answer"),
	ROW("\x12\x34\x81", "cut short"),
#undef ROW
};
/* clang-format on */

START_TEST(dns)
{
	uint8_t *copy = malloc(dns_rows[_i].length);
	char text[FRAME_TEXT_MAX];
	char small[12];

	memcpy(copy, dns_rows[_i].message, dns_rows[_i].length);
	dns_describe(copy, dns_rows[_i].length, text, sizeof(text));
	ck_assert_str_eq(text, dns_rows[_i].text);
	dns_describe(copy, dns_rows[_i].length, small, sizeof(small));
	ck_assert_int_eq(strncmp(small, dns_rows[_i].text, sizeof(small) - 1), 0);
	free(copy);
}
END_TEST

START_TEST(dns_with_many_answers)
{
	/* clang-format off */
	static const char message[] =
		ANSWER("\x80", "\x05") RECORD("\x01", "\x04") "\xc0\x00\x02\x01" RECORD("\x01", "\x04") "\xc0\x00\x02\x02" RECORD(
			"\x01",
			"\x04") "\xc0\x00\x02\x03" RECORD("\x01",
							  "\x04") "\xc0\x00\x02"
								  "\x04" RECORD("\x01",
										"\x04") "\xc0\x00"
											"\x02\x05";
	/* clang-format on */
	char text[FRAME_TEXT_MAX];

	dns_describe((const uint8_t *)message, sizeof(message) - 1, text, sizeof(text));
	ck_assert_str_eq(text, "A example.org is 192.0.2.1, 192.0.2.2, 192.0.2.3 and 2 more");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("frame_text");
	TCase *tests = tcase_create("frame_text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, tcp, 0, sizeof(segments) / sizeof(*segments));
	tcase_add_test(tests, padding_is_no_data);
	tcase_add_test(tests, direction_by_ethernet_address);
	tcase_add_test(tests, cut_by_the_snapshot);
	tcase_add_test(tests, each_prefix_of_a_frame);
	tcase_add_test(tests, arp);
	tcase_add_loop_test(tests, icmp, 0, sizeof(messages) / sizeof(*messages));
	tcase_add_test(tests, datagrams);
	tcase_add_test(tests, fragments);
	tcase_add_test(tests, strange_ethernet_type);
	tcase_add_loop_test(tests, dns, 0, sizeof(dns_rows) / sizeof(*dns_rows));
	tcase_add_test(tests, dns_with_many_answers);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
