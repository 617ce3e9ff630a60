/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/link over a socketpair: what comes in, what goes out, and in which order. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <linux/virtio_net.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "slirp-glue/link.h"
#include "tests/unit/packets.h"

#define HOST "198.51.100.7"
#define GUEST "10.0.2.100"
#define GSO_UDP 3
#define GSO_UDP_L4 5

static struct counters counters;
static struct link *subject;
static int container = -1; /* the other end */
static struct packet_bytes packet;
static struct packet_bytes received;
static struct virtio_net_hdr header; /* before the frame received */

/* Large frames have to fit into the socket. */
static void open_pair(enum link_kind kind, bool vnet_header, uint32_t mtu)
{
	int pair[2], size = 1 << 20;

	ck_assert_int_eq(descriptor_pair(pair), 0);
	ck_assert_int_eq(descriptor_set_nonblocking(pair[0]), 0);
	ck_assert_int_eq(descriptor_set_nonblocking(pair[1]), 0);
	ck_assert_int_eq(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	ck_assert_int_eq(setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	memset(&counters, 0, sizeof(counters));
	subject = link_new(pair[0], kind, vnet_header, mtu, &counters);
	ck_assert_int_eq(link_fd(subject), pair[0]);
	container = pair[1];
}

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	open_pair(LINK_SOCKET, false, 1500);
}

static void setup_vnet(void)
{
	signal(SIGPIPE, SIG_IGN);
	open_pair(LINK_TAP, true, 1500);
}

static void teardown(void)
{
	link_free(subject);
	descriptor_close(&container);
}

static void put(const void *bytes, size_t length)
{
	ck_assert_int_eq(send(container, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

/* Sends the packet behind a header. */
static void put_with_header(const struct virtio_net_hdr *vnet)
{
	uint8_t bytes[sizeof(*vnet) + PACKET_MAX];

	memcpy(bytes, vnet, sizeof(*vnet));
	memcpy(bytes + sizeof(*vnet), packet.data, packet.length);
	put(bytes, sizeof(*vnet) + packet.length);
}

/* Receives the next frame with its header; false if there is none. */
static bool get(bool vnet_header)
{
	static uint8_t bytes[sizeof(header) + PACKET_MAX + 64];
	size_t skip = vnet_header ? sizeof(header) : 0;
	ssize_t length = recv(container, bytes, sizeof(bytes), 0);

	if (length < 0) {
		ck_assert_int_eq(errno, EAGAIN);
		return false;
	}
	ck_assert_uint_gt(length, skip);
	memcpy(&header, bytes, skip);
	memcpy(received.data, bytes + skip, (size_t)length - skip);
	received.length = (uint32_t)((size_t)length - skip);
	return true;
}

static void assert_read(void)
{
	struct frame_offload offload;
	uint8_t *frame;
	ssize_t length = link_read(subject, &frame, &offload);

	ck_assert_int_eq(length, packet.length);
	ck_assert_mem_eq(frame, packet.data, packet.length);
	/* The IP header is where the checksum code likes it. */
	ck_assert_uint_eq((uintptr_t)(frame + 14) % 4, 0);
}

static ssize_t read_nothing(void)
{
	struct frame_offload offload;
	uint8_t *frame;

	return link_read(subject, &frame, &offload);
}

/* In. */

START_TEST(frames_come_in_order)
{
	static const size_t sizes[] = { 0, 1, 1400, 65507 };

	ck_assert_int_eq(read_nothing(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		packet_make_udp(&packet, GUEST, 1, HOST, 2, sizes[i]);
		put(packet.data, packet.length);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		packet_make_udp(&packet, GUEST, 1, HOST, 2, sizes[i]);
		assert_read();
	}
	ck_assert_int_eq(read_nothing(), 0);
}
END_TEST

START_TEST(empty_frames_are_no_end)
{
	packet_make_udp(&packet, GUEST, 1, HOST, 2, 10);
	put("", 0);
	put("", 0);
	put(packet.data, packet.length);
	put("", 0);
	assert_read();
	ck_assert_int_eq(read_nothing(), 0);
	ck_assert_uint_eq(counters.value[COUNTER_short_frames], 3);
}
END_TEST

START_TEST(the_end)
{
	packet_make_udp(&packet, GUEST, 1, HOST, 2, 10);
	put(packet.data, packet.length);
	if (_i)
		descriptor_close(&container);
	else
		ck_assert_int_eq(shutdown(container, SHUT_WR), 0);
	assert_read();
	ck_assert_int_eq(read_nothing(), -EPIPE);
	ck_assert_int_eq(read_nothing(), -EPIPE);
}
END_TEST

START_TEST(a_dead_descriptor)
{
	int pair[2];

	/* A pipe's writing end can't be read. */
	ck_assert_int_eq(pipe(pair), 0);
	ck_assert_int_eq(dup2(pair[1], link_fd(subject)), link_fd(subject));
	ck_assert_int_eq(read_nothing(), -EBADF);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(a_frame_of_any_size)
{
	static const uint8_t bytes[PACKET_MAX + 64];
	struct frame_offload offload;
	uint8_t *frame;

	put(bytes, sizeof(bytes));
	ck_assert_int_eq(link_read(subject, &frame, &offload), FRAME_MAX);
	put(bytes, 1);
	ck_assert_int_eq(link_read(subject, &frame, &offload), 1);
}
END_TEST

START_TEST(short_frames_behind_a_header)
{
	struct virtio_net_hdr vnet = { 0 };

	packet_make_udp(&packet, GUEST, 1, HOST, 2, 10);
	for (size_t length = 0; length <= sizeof(vnet); length++)
		put(&vnet, length);
	put_with_header(&vnet);
	assert_read();
	ck_assert_int_eq(read_nothing(), 0);
	ck_assert_uint_eq(counters.value[COUNTER_short_frames], sizeof(vnet) + 1);
}
END_TEST

/* Nobody can keep link_read busy for ever; the rest is for the next turn. */
START_TEST(many_short_frames)
{
	int sent = 0, reads = 0;

	while (send(container, "x", 1, 0) == 1)
		sent++;
	ck_assert_int_gt(sent, 200);
	while (counters.value[COUNTER_short_frames] < (uint64_t)sent) {
		ck_assert_int_eq(read_nothing(), 0);
		ck_assert_int_lt(reads++, sent);
	}
	ck_assert_int_gt(reads, 1);
}
END_TEST

static const struct {
	struct virtio_net_hdr header;
	struct frame_offload expected;
	bool accepted;
} offloads[] = {
	{ { 0 }, { 0 }, true },
	{ { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = 16 },
	  { true, 34, 16, 0 },
	  true },
	{ { .flags = VIRTIO_NET_HDR_F_DATA_VALID }, { 0 }, true },
	{ { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	    .csum_start = 34,
	    .csum_offset = 16,
	    .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
	    .gso_size = 1460 },
	  { true, 34, 16, 0 },
	  true },
	{ { .gso_type = VIRTIO_NET_HDR_GSO_TCPV6 | VIRTIO_NET_HDR_GSO_ECN, .gso_size = 1440 },
	  { 0 },
	  true },
	{ { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	    .csum_start = 34,
	    .csum_offset = 6,
	    .gso_type = GSO_UDP_L4,
	    .gso_size = 1200 },
	  { true, 34, 6, 1200 },
	  true },
	{ { .gso_type = GSO_UDP, .gso_size = 1480 }, { 0 }, false },
	{ { .gso_type = 2 }, { 0 }, false },
	{ { .gso_type = 0x7f }, { 0 }, false },
};

START_TEST(offloads_are_read)
{
	struct frame_offload offload;
	uint8_t *frame;
	ssize_t length;

	packet_make_udp(&packet, GUEST, 1, HOST, 2, 10);
	put_with_header(&offloads[_i].header);
	length = link_read(subject, &frame, &offload);
	ck_assert_uint_eq(counters.value[COUNTER_bad_offload], !offloads[_i].accepted);
	if (!offloads[_i].accepted) {
		ck_assert_int_eq(length, 0);
		return;
	}
	ck_assert_int_eq(length, packet.length);
	ck_assert(offload.needs_checksum == offloads[_i].expected.needs_checksum);
	ck_assert_uint_eq(offload.checksum_start, offloads[_i].expected.checksum_start);
	ck_assert_uint_eq(offload.checksum_offset, offloads[_i].expected.checksum_offset);
	ck_assert_uint_eq(offload.datagram_size, offloads[_i].expected.datagram_size);
}
END_TEST

/* Out. */

static void send_tcp(uint8_t flags, uint32_t acknowledged, size_t size)
{
	packet_make_tcp(&packet, HOST, 80, GUEST, 40000, flags, size);
	packet_put32(packet.data + 34 + 8, acknowledged);
	packet_mend(&packet);
	link_write(subject, packet.data, packet.length);
}

static void assert_got(uint32_t acknowledged, size_t size)
{
	ck_assert(get(false));
	ck_assert(packet_is_right(received.data, received.length));
	ck_assert_uint_eq(packet_get32(received.data + 34 + 8), acknowledged);
	ck_assert_uint_eq(received.length, 54 + size);
}

START_TEST(acknowledgements_and_data_keep_their_order)
{
	send_tcp(PACKET_ACK, 100, 0);
	send_tcp(PACKET_ACK, 200, 0);
	ck_assert(!get(false));
	send_tcp(PACKET_ACK, 300, 10);
	send_tcp(PACKET_ACK, 400, 0);
	send_tcp(PACKET_ACK, 400, 0);
	send_tcp(PACKET_ACK | PACKET_FIN, 500, 0);
	send_tcp(PACKET_ACK, 600, 0);
	assert_got(200, 0);
	assert_got(300, 10);
	assert_got(400, 0);
	assert_got(400, 0);
	assert_got(500, 0);
	ck_assert(!get(false));
	link_flush(subject);
	assert_got(600, 0);
	link_flush(subject);
	ck_assert(!get(false));
	ck_assert_uint_eq(counters.value[COUNTER_acks_merged], 1);
	ck_assert_uint_eq(counters.value[COUNTER_frames_out], 6);
	ck_assert_uint_eq(counters.value[COUNTER_bytes_out], 6 * 54 + 10);
}
END_TEST

START_TEST(others_do_not_wait)
{
	send_tcp(PACKET_ACK, 100, 0);
	packet_make_udp(&packet, HOST, 1, GUEST, 2, 5);
	link_write(subject, packet.data, packet.length);
	ck_assert(get(false));
	ck_assert_mem_eq(received.data, packet.data, packet.length);
	packet_make_arp(&packet, 2);
	link_write(subject, packet.data, packet.length);
	ck_assert(get(false));
	ck_assert_mem_eq(received.data, packet.data, packet.length);
	link_flush(subject);
	assert_got(100, 0);
}
END_TEST

START_TEST(refused_writes_are_counted)
{
	uint64_t refused = 0;

	packet_make_udp(&packet, HOST, 1, GUEST, 2, 1000);
	for (int i = 0; i < 10000 && refused == 0; i++) {
		link_write(subject, packet.data, packet.length);
		refused = counters.value[COUNTER_output_refused];
	}
	ck_assert_uint_eq(refused, 1);
	ck_assert_uint_eq(counters.value[COUNTER_bytes_out],
			  counters.value[COUNTER_frames_out] * packet.length);
	/* And it goes on. */
	while (get(false))
		ck_assert_mem_eq(received.data, packet.data, packet.length);
	link_write(subject, packet.data, packet.length);
	ck_assert(get(false));
	descriptor_close(&container);
	send_tcp(PACKET_ACK, 100, 0);
	link_flush(subject);
	ck_assert_uint_eq(counters.value[COUNTER_output_refused], 2);
}
END_TEST

START_TEST(large_datagrams_are_split)
{
	uint32_t done = 0, identification;
	int count = 0;

	packet_make_udp(&packet, _i ? "2001:db8::7" : HOST, 1, _i ? "fd00::100" : GUEST, 2, 5000);
	link_write(subject, packet.data, packet.length);
	while (get(false)) {
		ck_assert_uint_le(received.length, 1514);
		done += received.length - (_i ? 14 + 48 : 14 + 20);
		count++;
	}
	ck_assert_uint_eq(done, 5008);
	ck_assert_int_eq(count, 4);
	ck_assert_uint_eq(counters.value[COUNTER_frames_out], 4);
	if (_i == 0)
		return;
	/* The pieces of the next are told apart from these (RFC 8200, section 4.5). */
	identification = packet_get32(received.data + 14 + 40 + 4);
	link_write(subject, packet.data, packet.length);
	ck_assert(get(false));
	ck_assert_uint_ne(packet_get32(received.data + 14 + 40 + 4), identification);
}
END_TEST

START_TEST(large_datagrams_are_split_behind_a_header)
{
	static const struct virtio_net_hdr empty;
	int count = 0;

	packet_make_udp(&packet, HOST, 1, GUEST, 2, 5000);
	link_write(subject, packet.data, packet.length);
	while (get(true)) {
		ck_assert_mem_eq(&header, &empty, sizeof(header));
		count++;
	}
	ck_assert_int_eq(count, 4);
}
END_TEST

START_TEST(large_segments_go_out_whole)
{
	send_tcp(PACKET_ACK, 100, 0);
	send_tcp(PACKET_ACK, 200, 20000);
	ck_assert(get(true));
	ck_assert_uint_eq(received.length, 54);
	ck_assert_uint_eq(header.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	ck_assert(!get(true));
	link_send_data(subject);
	ck_assert(get(true));
	ck_assert_uint_eq(received.length, 20054);
	ck_assert_uint_eq(header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	ck_assert_uint_eq(header.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	ck_assert_uint_eq(header.gso_size, 1460);
	ck_assert_uint_eq(header.hdr_len, 54);
	ck_assert_uint_eq(counters.value[COUNTER_frames_out], 2);
	ck_assert_uint_eq(counters.value[COUNTER_bytes_out], 54 + 20054);
}
END_TEST

static void send_data(uint32_t sequence, size_t size)
{
	packet_make_tcp(&packet, HOST, 80, GUEST, 40000, PACKET_ACK, size);
	packet_put32(packet.data + packet_transport(packet.data) + 4, sequence);
	packet_mend(&packet);
	link_write(subject, packet.data, packet.length);
}

static void assert_got_data(uint32_t sequence, size_t size)
{
	ck_assert(get(true));
	ck_assert_uint_eq(received.length, 54 + size);
	ck_assert_uint_eq(packet_get32(received.data + 34 + 4), sequence);
	ck_assert_uint_eq(packet_get16(received.data + 16), 40 + size);
}

START_TEST(segments_that_follow_are_joined)
{
	/* No more than a packet holds. */
	send_data(0, 16384);
	send_data(16384, 16384);
	send_data(32768, 16384);
	ck_assert(!get(true));
	send_data(49152, 16384);
	assert_got_data(0, 49152);
	ck_assert(!get(true));
	/* Nothing overtakes. */
	send_data(65536, 100);
	send_data(70000, 100);
	assert_got_data(49152, 16384 + 100);
	assert_got_data(70000, 100);
	send_data(65736, 16384);
	packet_make_arp(&packet, 2);
	link_write(subject, packet.data, packet.length);
	assert_got_data(65736, 16384);
	ck_assert(get(true));
	ck_assert(!get(true));
	send_data(0, 16384);
	link_flush(subject);
	assert_got_data(0, 16384);
	ck_assert_uint_eq(counters.value[COUNTER_segments_merged], 3);
}
END_TEST

START_TEST(frames_of_every_small_size)
{
	for (size_t length = 1; length < 60; length++) {
		uint8_t *frame = calloc(1, length);

		frame[length / 2] = 8;
		link_write(subject, frame, length);
		ck_assert(get(true));
		ck_assert_uint_eq(received.length, length);
		free(frame);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *plain = tcase_create("plain"), *vnet = tcase_create("behind a header");

	tcase_add_checked_fixture(plain, setup, teardown);
	tcase_add_test(plain, frames_come_in_order);
	tcase_add_test(plain, empty_frames_are_no_end);
	tcase_add_loop_test(plain, the_end, 0, 2);
	tcase_add_test(plain, a_dead_descriptor);
	tcase_add_test(plain, a_frame_of_any_size);
	tcase_add_test(plain, acknowledgements_and_data_keep_their_order);
	tcase_add_test(plain, others_do_not_wait);
	tcase_add_test(plain, refused_writes_are_counted);
	tcase_add_loop_test(plain, large_datagrams_are_split, 0, 2);
	suite_add_tcase(suite, plain);
	tcase_add_checked_fixture(vnet, setup_vnet, teardown);
	tcase_add_test(vnet, short_frames_behind_a_header);
	tcase_add_test(vnet, many_short_frames);
	tcase_add_loop_test(vnet, offloads_are_read, 0, ARRAY_SIZE(offloads));
	tcase_add_test(vnet, large_datagrams_are_split_behind_a_header);
	tcase_add_test(vnet, large_segments_go_out_whole);
	tcase_add_test(vnet, segments_that_follow_are_joined);
	tcase_add_test(vnet, frames_of_every_small_size);
	suite_add_tcase(suite, vnet);
}

int main(void)
{
	Suite *suite = suite_create("link");
	SRunner *runner = srunner_create(suite);
	int failed;

	add_cases(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
