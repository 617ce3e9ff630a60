/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases of test_path: a link whose frames stand for many, as a tap's do. */

#include "config.h"

#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/glue/path_cases.h"
#include "tests/glue/path_guest.h"
#include "tests/glue/path_world.h"

/* linux/virtio_net.h has it from 6.2 on. */
#define GSO_UDP_L4 5

static void setup(void)
{
	world_setup();
	world.config.link = LINK_TAP;
	world.config.link_vnet_header = true;
}

static struct guest_flow flow_to_gateway(uint16_t peer_port)
{
	return (struct guest_flow){ .address = GUEST,
				    .port = 40000,
				    .peer = GATEWAY,
				    .peer_port = peer_port,
				    .sequence = 1000,
				    .mss = 1460 };
}

START_TEST(large_segments_to_the_container)
{
	static uint8_t bytes[100000];
	uint16_t port, largest = 0;
	int listener, fd, size = sizeof(bytes);
	struct guest_flow flow;
	size_t done = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	world_open();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	flow = flow_to_gateway(port);
	guest_connect(&flow);
	/* What the container may send: as much as its device takes. */
	ck_assert_uint_eq(packet_get16(world.frame.packet.data + 34 + 20), 0x0204);
	ck_assert_uint_eq(packet_get16(world.frame.packet.data + 34 + 22), 1460);
	fd = host_accept(listener);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	while (done < sizeof(bytes)) {
		ssize_t sent = send(fd, bytes + done, sizeof(bytes) - done, 0);

		ck_assert_int_gt(sent, 0);
		guest_receive(&flow, (uint8_t)done, (size_t)sent);
		done += (size_t)sent;
		if (world.frame.gso_size > largest)
			largest = world.frame.gso_size;
	}
	/* More than the MTU in one frame, marked as so many of its size. */
	ck_assert_uint_eq(largest, 1460);
	ck_assert_uint_lt(world_count(COUNTER_frames_out), 60);
	host_close(fd);
	host_close(listener);
}
END_TEST

/* The container's own MSS, which it says in its answer, does not make them small. */
START_TEST(large_segments_over_a_forward)
{
	static const uint8_t bytes[60000];
	struct forward forward = { .protocol = IPPROTO_TCP, .guest = { .port = 40000 } };
	struct sockaddr_storage address;
	struct guest_flow flow = flow_to_gateway(0);
	socklen_t length;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	world_open();
	forward.host.address = address_from_v4((struct in_addr){ htonl(INADDR_LOOPBACK) });
	host_close(host_open(AF_INET, SOCK_STREAM, &forward.host.port));
	ck_assert_int_eq(stack_forward_add(path_stack(world.path), &forward), 0);
	length = endpoint_to_sockaddr(&forward.host, &address);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, length), 0);
	guest_accept(&flow);
	ck_assert_int_eq(send(fd, bytes, sizeof(bytes), MSG_DONTWAIT), sizeof(bytes));
	do
		guest_expect_segment(&flow, PACKET_ACK);
	while (world.frame.packet.length < 54 + 1460);
	ck_assert_uint_gt(world.frame.packet.length, 10000);
	ck_assert_uint_eq(world.frame.gso_size, 1460);
	close(fd);
}
END_TEST

/* Sends the frame in world.packet behind a header. */
static void put_behind(const struct virtio_net_hdr *header)
{
	static uint8_t bytes[sizeof(*header) + PACKET_MAX];

	memcpy(bytes, header, sizeof(*header));
	memcpy(bytes + sizeof(*header), world.packet.data, world.packet.length);
	world_put_bytes(bytes, sizeof(*header) + world.packet.length);
}

START_TEST(large_segments_from_the_container)
{
	struct virtio_net_hdr header = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					 .csum_start = 34,
					 .csum_offset = 16,
					 .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
					 .gso_size = 1460,
					 .hdr_len = 54 };
	static uint8_t buffer[20000];
	struct guest_flow flow;
	uint8_t *tcp = world.packet.data + 34;
	size_t done = 0;
	uint16_t port;
	int listener, fd;

	world_open();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	flow = flow_to_gateway(port);
	guest_connect(&flow);
	fd = host_accept(listener);
	packet_make_tcp(&world.packet, GUEST, flow.port, GATEWAY, port, PACKET_ACK, 20000);
	packet_put32(tcp + 4, flow.sequence);
	packet_put32(tcp + 8, flow.expected);
	packet_put16(tcp + 16, 0);
	/* What the kernel leaves there: the sum of addresses, protocol and length. */
	packet_put16(tcp + 16, (uint16_t)~packet_checksum(IPPROTO_TCP + 20020,
							  world.packet.data + 14 + 12, 8));
	put_behind(&header);
	while (done < sizeof(buffer))
		done += host_receive(fd, buffer + done, sizeof(buffer) - done, NULL);
	ck_assert_mem_eq(buffer, tcp + 20, sizeof(buffer));
	host_close(fd);
	host_close(listener);
}
END_TEST

START_TEST(datagrams_of_one_frame)
{
	struct virtio_net_hdr header = { .gso_type = GSO_UDP_L4, .gso_size = 1000 };
	uint8_t buffer[2000];
	uint16_t port;
	int fd;

	world_open();
	fd = host_open(AF_INET, SOCK_DGRAM, &port);
	packet_make_udp(&world.packet, GUEST, 40000, GATEWAY, port, 4500);
	put_behind(&header);
	for (size_t i = 0; i < 5; i++) {
		size_t expected = i < 4 ? 1000 : 500;

		ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), expected);
		ck_assert_mem_eq(buffer, world.packet.data + 42 + i * 1000, expected);
	}
	/* More of them than any kernel makes. */
	header.gso_size = 10;
	put_behind(&header);
	world_ask_gateway();
	ck_assert_uint_eq(world_count(COUNTER_bad_offload), 1);
	host_close(fd);
}
END_TEST

START_TEST(lies_about_offload)
{
	static const struct virtio_net_hdr headers[] = {
		{ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 0xffff, .csum_offset = 2 },
		{ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = 0xffff },
		{ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 100, .csum_offset = 41 },
		{ .gso_type = GSO_UDP_L4, .gso_size = 1 },
		{ .gso_type = 0x7f },
	};

	world_open();
	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		packet_make_udp(&world.packet, GUEST, 40000, GATEWAY, 9, 1000);
		world.packet.length = i == 2 ? 142 : world.packet.length;
		put_behind(&headers[i]);
	}
	world_ask_gateway();
	ck_assert_uint_eq(world_count(COUNTER_bad_offload), G_N_ELEMENTS(headers));
}
END_TEST

TCase *path_offload_cases(void)
{
	TCase *cases = tcase_create("offload");

	tcase_add_checked_fixture(cases, setup, world_teardown);
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, large_segments_to_the_container);
	tcase_add_test(cases, large_segments_over_a_forward);
	tcase_add_test(cases, large_segments_from_the_container);
	tcase_add_test(cases, datagrams_of_one_frame);
	tcase_add_test(cases, lies_about_offload);
	return cases;
}
