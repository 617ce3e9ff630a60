/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of explain/timeline: what is told as one, in which order, and what is only counted. */

#include "config.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/copies.h"
#include "explain/timeline.h"

static struct timeline *timeline;
static struct timeline_limits limits;
static int64_t now;

static void setup(void)
{
	limits = (struct timeline_limits){ .events = 100 };
	timeline = timeline_new(&limits);
	now = 1000000;
}

static void teardown(void)
{
	timeline_free(timeline);
}

static void use_limits(uint64_t events, bool each_frame)
{
	timeline_free(timeline);
	limits = (struct timeline_limits){ .events = events, .each_frame = each_frame };
	timeline = timeline_new(&limits);
}

static struct endpoint endpoint_of(const char *address, uint16_t port)
{
	struct endpoint endpoint = { .port = port };

	ck_assert(address_parse(address, &endpoint.address));
	return endpoint;
}

/* A segment of the flow between the container's port and the server, a microsecond after the last.
 */
static void segment(uint16_t port, bool out, enum topic topic, uint64_t payload)
{
	struct endpoint guest = endpoint_of("10.0.2.100", port);
	struct endpoint server = endpoint_of("198.51.100.1", 80);
	struct frame_note note = { .topic = topic,
				   .direction = out ? DIRECTION_OUT : DIRECTION_IN,
				   .protocol = IPPROTO_TCP,
				   .from = out ? guest : server,
				   .to = out ? server : guest,
				   .length = 54 + payload,
				   .payload = payload };

	timeline_add_frame(timeline, now++, &note);
}

static void handshake(uint16_t port)
{
	segment(port, true, TOPIC_syn, 0);
	segment(port, false, TOPIC_syn_ack, 0);
	segment(port, true, TOPIC_ack, 0);
}

static void call(const char *name, const char *verdict, const char *address, int64_t time)
{
	struct trace_note note = { .time = time,
				   .pid = 5,
				   .microseconds = 10,
				   .call = g_strdup(name),
				   .address = g_strdup(address),
				   .verdict = g_strdup(verdict) };

	timeline_add_call(timeline, &note);
	ck_assert_ptr_null(note.call);
}

/* The timeline as lines of "LABEL TEXT". */
static char *tell(void)
{
	GString *lines = g_string_new(NULL);

	timeline_sort(timeline);
	for (guint i = 0; i < timeline_events(timeline)->len; i++) {
		const struct event *event = timeline_events(timeline)->pdata[i];
		g_autofree char *text = event_describe(event);

		g_string_append_printf(lines, "%s %s\n", event_label(event), text);
	}
	return g_string_free(lines, FALSE);
}

static void expect(const char *wanted)
{
	g_autofree char *told = tell();

	ck_assert_str_eq(told, wanted);
}

START_TEST(a_small_conversation)
{
	handshake(40000);
	segment(40000, true, TOPIC_data, 78);
	segment(40000, false, TOPIC_ack, 0);
	segment(40000, false, TOPIC_data, 207);
	segment(40000, false, TOPIC_fin, 0);
	segment(40000, true, TOPIC_ack, 0);
	expect("SYN #1 10.0.2.100:40000 > 198.51.100.1:80\n"
	       "SYN-ACK #1\n"
	       "ACK #1\n"
	       "data #1 78 bytes, 1 ACK; copied: 450 bytes\n"
	       "data #1 207 bytes; copied: 936 bytes\n"
	       "FIN #1\n"
	       "ACK #1\n");
}
END_TEST

/* Data in one direction with acknowledgements in the other is one event, however long. */
START_TEST(a_transfer)
{
	const struct event *event;

	handshake(40000);
	for (int i = 0; i < 1000; i++) {
		segment(40000, false, TOPIC_data, 1000);
		segment(40000, true, TOPIC_ack, 0);
	}
	segment(40000, false, TOPIC_fin, 0);
	ck_assert_uint_eq(timeline_events(timeline)->len, 5);
	event = timeline_events(timeline)->pdata[3];
	ck_assert_uint_eq(event->count, 2000);
	ck_assert_uint_eq(event->data_frames, 1000);
	ck_assert_uint_eq(event->bytes_in, 1000000);
	ck_assert_uint_eq(event->bytes_out, 0);
	ck_assert_int_eq(event->end - event->time, 1999);
	ck_assert_uint_eq(timeline_sums(timeline)->bytes_in, 1000000);
	ck_assert_uint_eq(timeline_sums(timeline)->frames_in, 1002);
	ck_assert_uint_eq(timeline_sums(timeline)->frames_out, 1002);
}
END_TEST

START_TEST(each_frame_when_asked)
{
	use_limits(100, true);
	for (int i = 0; i < 10; i++) {
		segment(40000, false, TOPIC_data, 1000);
		segment(40000, true, TOPIC_ack, 0);
	}
	ck_assert_uint_eq(timeline_events(timeline)->len, 20);
}
END_TEST

/* A dialogue is told turn by turn at first, and then as a whole. */
START_TEST(a_long_dialogue)
{
	const struct event *event;
	guint length;

	for (int i = 0; i < 100; i++) {
		segment(40000, true, TOPIC_data, 1);
		segment(40000, false, TOPIC_data, 2);
	}
	length = timeline_events(timeline)->len;
	ck_assert_uint_ge(length, 5);
	ck_assert_uint_le(length, 12);
	event = timeline_events(timeline)->pdata[length - 1];
	ck_assert_int_eq(event->direction, DIRECTION_NONE);
	ck_assert_uint_eq(event->count + length - 1, 200);
	ck_assert_uint_eq(timeline_sums(timeline)->bytes_out, 100);
	ck_assert_uint_eq(timeline_sums(timeline)->bytes_in, 200);
}
END_TEST

/* Frames of two transfers that run at once don't break each other up. */
START_TEST(two_transfers_at_once)
{
	for (int i = 0; i < 50; i++) {
		segment(40000, true, TOPIC_data, 10);
		segment(40001, true, TOPIC_data, 20);
	}
	expect("data #1 50 frames, 500 bytes, 98 us; copied: 6900 bytes\n"
	       "data #2 50 frames, 1000 bytes, 98 us; copied: 8400 bytes\n");
}
END_TEST

/* Clients of a published port have a port each: what is alike about them is where they came. */
START_TEST(clients_of_a_published_port)
{
	struct socket_note socket = { .local = endpoint_of("198.51.100.2", 8080),
				      .accepted = true,
				      .ended = true };

	for (uint16_t i = 0; i < 6; i++) {
		socket.remote = endpoint_of("198.51.100.1", 40000 + i);
		socket.time = i;
		timeline_add_socket(timeline, &socket);
	}
	ck_assert_uint_eq(timeline_events(timeline)->len, 5);
	g_ptr_array_set_size((GPtrArray *)timeline_events(timeline), 1);
	expect("socket 198.51.100.2:8080 < 198.51.100.1:40000 closed: 0 bytes sent, 0 received\n");
}
END_TEST

/* From the fifth on, connections to one server, calls alike and sockets alike are told together. */
START_TEST(a_thousand_connections)
{
	struct socket_note socket = { .local = endpoint_of("198.51.100.2", 1),
				      .remote = endpoint_of("198.51.100.1", 80),
				      .ended = true,
				      .bytes_sent = 7 };
	const struct event *event;

	for (uint16_t i = 0; i < 1000; i++) {
		segment(10000 + i, true, TOPIC_syn, 0);
		segment(10000 + i, false, TOPIC_syn_ack, 0);
		segment(10000 + i, true, TOPIC_data, 5);
		call("connect", "host", "198.51.100.1:80", now);
		socket.time = now;
		timeline_add_socket(timeline, &socket);
	}
	ck_assert_uint_eq(timeline_events(timeline)->len, 4 * 3 + 1 + 4 + 1 + 4 + 1);
	ck_assert_uint_eq(timeline_sums(timeline)->left_out, 0);
	ck_assert_uint_eq(timeline_sums(timeline)->frames_out, 2000);
	ck_assert_uint_eq(timeline_sums(timeline)->socket_bytes_out, 7000);
	event = timeline_events(timeline)->pdata[timeline_events(timeline)->len - 3];
	ck_assert_int_eq(event->topic, TOPIC_more);
	ck_assert_uint_eq(event->count, 996);
	ck_assert_uint_eq(event->frames, 3 * 996);
	ck_assert_uint_eq(event->bytes_out, 5 * 996);
}
END_TEST

START_TEST(further_ones_in_words)
{
	for (uint16_t i = 0; i < 6; i++) {
		segment(10000 + i, true, TOPIC_rst, 0);
		call("connect", "host", "198.51.100.1:80", now);
	}
	expect("RST #1\n"
	       "connect 198.51.100.1:80: done on a socket of the host, 10 us\n"
	       "RST #2\n"
	       "connect 198.51.100.1:80: done on a socket of the host, 10 us\n"
	       "RST #3\n"
	       "connect 198.51.100.1:80: done on a socket of the host, 10 us\n"
	       "RST #4\n"
	       "connect 198.51.100.1:80: done on a socket of the host, 10 us\n"
	       "more 2 further connections, 198.51.100.1:80: 2 frames, 1 us\n"
	       "connect 2 times more: 198.51.100.1:80: done on a socket of the host, 20 us\n");
}
END_TEST

/* The same ports again are another connection, and a SYN that is sent again is not. */
START_TEST(ports_used_again)
{
	segment(40000, true, TOPIC_syn, 0);
	segment(40000, true, TOPIC_syn, 0);
	segment(40000, false, TOPIC_syn_ack, 0);
	segment(40000, false, TOPIC_rst, 0);
	segment(40000, true, TOPIC_syn, 0);
	expect("SYN #1 10.0.2.100:40000 > 198.51.100.1:80\n"
	       "SYN #1 10.0.2.100:40000 > 198.51.100.1:80\n"
	       "SYN-ACK #1\n"
	       "RST #1\n"
	       "SYN #2 10.0.2.100:40000 > 198.51.100.1:80\n");
}
END_TEST

START_TEST(in_the_order_of_time)
{
	struct socket_note socket = { .time = 40,
				      .local = endpoint_of("198.51.100.2", 1),
				      .remote = endpoint_of("198.51.100.1", 80),
				      .ended = true,
				      .bytes_sent = 7,
				      .bytes_received = 8 };

	timeline_add_program(timeline, TOPIC_start, 10, "curl");
	timeline_add_program(timeline, TOPIC_end, 50, "exit status 0");
	call("connect", "host", "198.51.100.1:80", 20);
	timeline_add_socket(timeline, &socket);
	now = 30;
	segment(40000, true, TOPIC_syn, 0);
	expect("start curl\n"
	       "connect 198.51.100.1:80: done on a socket of the host, 10 us\n"
	       "SYN #1 10.0.2.100:40000 > 198.51.100.1:80\n"
	       "socket 198.51.100.2:1 > 198.51.100.1:80 closed: 7 bytes sent, 8 received\n"
	       "end exit status 0\n");
	ck_assert_uint_eq(timeline_sums(timeline)->sockets, 1);
	ck_assert_uint_eq(timeline_sums(timeline)->socket_bytes_out, 7);
}
END_TEST

START_TEST(calls_left_to_the_kernel_are_one)
{
	call("connect", "continue", NULL, 1);
	call("connect", "continue", NULL, 2);
	call("bind", "continue", NULL, 3);
	call("connect", "continue", NULL, 4);
	call("connect", "host", "198.51.100.1:80", 5);
	call("connect", "host", "198.51.100.1:80", 6);
	call("connect", "future", NULL, 7);
	expect("connect 2 times: left to the kernel, 20 us\n"
	       "bind left to the kernel, 10 us\n"
	       "connect left to the kernel, 10 us\n"
	       "connect 198.51.100.1:80: done on a socket of the host, 10 us\n"
	       "connect 198.51.100.1:80: done on a socket of the host, 10 us\n"
	       "connect future, 10 us\n");
	ck_assert_uint_eq(timeline_sums(timeline)->calls, 7);
	ck_assert_uint_eq(timeline_sums(timeline)->call_microseconds, 70);
}
END_TEST

/* Beyond the limit all is counted, and the program's own events are listed still. */
START_TEST(more_than_can_be_listed)
{
	use_limits(3, false);
	for (int i = 0; i < 10; i++) {
		g_autofree char *address = g_strdup_printf("198.51.100.%d:80", i);

		segment(40000, true, TOPIC_rst, 0);
		call("connect", "host", address, i);
	}
	timeline_add_program(timeline, TOPIC_end, now, "");
	ck_assert_uint_eq(timeline_events(timeline)->len, 3 + 3 + 1);
	ck_assert_uint_eq(timeline_sums(timeline)->left_out, 14);
	ck_assert_uint_eq(timeline_sums(timeline)->frames_out, 10);
	ck_assert_uint_eq(timeline_sums(timeline)->calls, 10);
}
END_TEST

/* copies.c tells why these. */
static const struct {
	enum topic topic;
	enum direction direction;
	uint8_t protocol;
	uint64_t copied; /* of a frame of 100 bytes with 10 bytes of data */
} copies[] = {
	{ TOPIC_data, DIRECTION_OUT, IPPROTO_TCP, 210 },
	{ TOPIC_data, DIRECTION_IN, IPPROTO_TCP, 220 },
	{ TOPIC_udp, DIRECTION_OUT, IPPROTO_UDP, 210 },
	{ TOPIC_udp, DIRECTION_IN, IPPROTO_UDP, 210 },
	{ TOPIC_dns, DIRECTION_OUT, IPPROTO_UDP, 110 },
	{ TOPIC_dns, DIRECTION_IN, IPPROTO_UDP, 120 },
	{ TOPIC_arp, DIRECTION_OUT, 0, 200 },
	{ TOPIC_arp, DIRECTION_IN, 0, 100 },
	{ TOPIC_mld, DIRECTION_OUT, IPPROTO_ICMPV6, 100 },
};

START_TEST(copies_of_each_kind)
{
	struct frame_note note = { .topic = copies[_i].topic,
				   .direction = copies[_i].direction,
				   .protocol = copies[_i].protocol,
				   .length = 100,
				   .payload = 10 };

	ck_assert_uint_eq(copies_of_frame(&note), copies[_i].copied);
}
END_TEST

/* libslirp's are joined to larger ones. */
START_TEST(large_segments_are_copied_once_more)
{
	struct frame_note note = { .topic = TOPIC_data,
				   .direction = DIRECTION_IN,
				   .protocol = IPPROTO_TCP,
				   .length = 16438,
				   .payload = 16384 };

	ck_assert_uint_eq(copies_of_frame(&note), 2 * 16438 + 3 * 16384);
	note.direction = DIRECTION_OUT;
	ck_assert_uint_eq(copies_of_frame(&note), 2 * 16438 + 16384);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timeline");
	TCase *tests = tcase_create("timeline");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_small_conversation);
	tcase_add_test(tests, a_transfer);
	tcase_add_test(tests, each_frame_when_asked);
	tcase_add_test(tests, a_long_dialogue);
	tcase_add_test(tests, two_transfers_at_once);
	tcase_add_test(tests, clients_of_a_published_port);
	tcase_add_test(tests, a_thousand_connections);
	tcase_add_test(tests, further_ones_in_words);
	tcase_add_test(tests, ports_used_again);
	tcase_add_test(tests, in_the_order_of_time);
	tcase_add_test(tests, calls_left_to_the_kernel_are_one);
	tcase_add_test(tests, more_than_can_be_listed);
	tcase_add_loop_test(tests, copies_of_each_kind, 0, G_N_ELEMENTS(copies));
	tcase_add_test(tests, large_segments_are_copied_once_more);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
