/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tests: frames through taps and veths, both ways. */

#include "config.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "namespace_cases.h"
#include "namespace_world.h"

#define SEGMENTS 4
#define SEGMENT_SIZE 500

/* Box task: how many frames the interface has received. */
static int count_received(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	FILE *file = fopen("/proc/thread-self/net/dev", "re");
	char line[512], name[32];
	int packets, found = -1;

	(void)text;
	(void)ret_fd;
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " %31[^:]: %*u %d", name, &packets) == 2 &&
		    strcmp(name, argument) == 0)
			found = packets;
	if (file)
		fclose(file);
	return found;
}

/* Receives the datagram with a deadline; -ETIMEDOUT if none comes. */
static ssize_t receive(int fd, int timeout_ms, char *data, size_t size)
{
	int result = descriptor_wait_readable(fd, timeout_ms);

	return result < 0 ? result : recv(fd, data, size, 0);
}

START_TEST(round_trip)
{
	struct wire_frame packet, reply;
	char data[100], *name = device.name;
	int fd, sent = 4;

	open_in_box(&kinds[_i], &device);
	fd = send_datagram(&packet);
	check_packet(&packet);

	wire_answer_udp(&packet, &reply);
	wire_send(&device, &reply);
	ck_assert_int_eq(receive(fd, 3000, data, sizeof(data)), strlen(PAYLOAD));
	ck_assert_mem_eq(data, PAYLOAD, strlen(PAYLOAD));

	/* The container checks checksums: a wrong one does not get through, a good one behind it
	 * does. */
	reply.bytes[reply.length - 1] ^= 1;
	wire_send(&device, &reply);
	reply.bytes[reply.length - 1] ^= 1;
	reply.bytes[reply.length - 2] = '!';
	wire_complete(&reply);
	wire_send(&device, &reply);
	ck_assert_int_eq(receive(fd, 3000, data, sizeof(data)), strlen(PAYLOAD));
	ck_assert_int_eq(data[strlen(PAYLOAD) - 2], '!');
	ck_assert_int_eq(receive(fd, 50, data, sizeof(data)), -ETIMEDOUT);

	/* Nobody but us has spoken on the wire. */
	ck_assert_int_eq(box_run(&box, count_received, name, strlen(name) + 1, NULL, NULL), sent);
	close(fd);
}
END_TEST

/* Datagrams that were sent together leave the stack as one packet unless the device forbids it. */
START_TEST(udp_is_cut)
{
	struct in_addr peer = gateway();
	struct wire_frame packet;
	char data[SEGMENTS * SEGMENT_SIZE] = { 0 };
	int size = SEGMENT_SIZE, fd;
	size_t length;

	open_in_box(&kinds[_i], &device);
	fd = send_datagram(&packet);
	ck_assert_int_eq(setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)), 0);
	ck_assert_int_eq(send(fd, data, sizeof(data), 0), sizeof(data));
	for (int i = 0; i < SEGMENTS; i++) {
		ck_assert(wire_await(&device, wire_is_udp, &peer, &packet));
		wire_payload(&packet, &length);
		ck_assert_uint_eq(length, SEGMENT_SIZE);
		ck_assert_int_eq(packet.header.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	}
	close(fd);
}
END_TEST

/* TCP hands over more than the MTU at once, and says so. */
START_TEST(tcp_is_not_cut)
{
	struct in_addr peer = gateway();
	struct wire_frame packet, reply;
	int type = SOCK_STREAM | SOCK_NONBLOCK, fd;
	static char data[60000];

	open_in_box(&kinds[_i], &device);
	if (kinds[_i].mtu > 1500)
		return;
	ck_assert_int_eq(box_run(&box, connect_gateway, &type, sizeof(type), NULL, &fd), 0);
	answer_arp();
	ck_assert(wire_await(&device, wire_is_tcp, &peer, &packet));
	wire_answer_syn(&packet, &reply);
	wire_send(&device, &reply);
	ck_assert(wire_await(&device, wire_is_tcp, &peer, &packet));
	ck_assert_int_gt(send(fd, data, sizeof(data), 0), 0);
	ck_assert(wire_await(&device, wire_is_tcp_data, &peer, &packet));
	ck_assert_uint_gt(packet.length, 2 * 1514);
	ck_assert_int_eq(packet.header.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	ck_assert_uint_le(packet.header.gso_size, 1460);
	ck_assert_int_eq(packet.header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	ck_assert_uint_eq(packet.header.csum_start, WIRE_TRANSPORT);
	ck_assert_uint_eq(packet.header.csum_offset, WIRE_TCP_CHECKSUM);
	close(fd);
}
END_TEST

START_TEST(largest_frames)
{
	struct in_addr peer = gateway();
	struct wire_frame packet, reply;
	static char data[65520 - 28];
	int fd;

	if (kinds[_i].mtu < 65520)
		return;
	open_in_box(&kinds[_i], &device);
	fd = send_datagram(&packet);
	memset(data, 'x', sizeof(data));
	ck_assert_int_eq(send(fd, data, sizeof(data), 0), sizeof(data));
	ck_assert(wire_await(&device, wire_is_udp, &peer, &packet));
	ck_assert_uint_eq(packet.length, 14 + 65520);
	wire_answer_udp(&packet, &reply);
	wire_send(&device, &reply);
	ck_assert_int_eq(receive(fd, 3000, data, sizeof(data)), sizeof(data));
	close(fd);
}
END_TEST

TCase *namespace_frame_cases(bool have_tun)
{
	TCase *cases = tcase_create("frames");
	int end = have_tun ? KINDS : KINDS_WITHOUT_TAP;

	tcase_add_checked_fixture(cases, start_box, stop_box);
	tcase_set_timeout(cases, 30);
	tcase_add_loop_test(cases, round_trip, 0, end);
	tcase_add_loop_test(cases, udp_is_cut, 0, end);
	tcase_add_loop_test(cases, tcp_is_not_cut, 0, end);
	tcase_add_loop_test(cases, largest_frames, 0, end);
	return cases;
}
