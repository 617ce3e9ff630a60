/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases of test_path: what a container sends that wants the engine to fall over. */

#include "config.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/glue/path_cases.h"
#include "tests/glue/path_guest.h"
#include "tests/glue/path_world.h"

static struct guest_flow flow_to_gateway(uint16_t peer_port)
{
	return (struct guest_flow){ .address = GUEST,
				    .port = 40000,
				    .peer = GATEWAY,
				    .peer_port = peer_port,
				    .sequence = 1000 };
}

/* The path is still there: it answers, and carries a connection. */
static void assert_alive(void)
{
	struct guest_flow flow;
	uint16_t port;
	int listener;

	world_ask_gateway();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	flow = flow_to_gateway(port);
	flow.port = 60000;
	guest_connect(&flow);
	host_close(host_accept(listener));
	guest_expect_segment(&flow, PACKET_FIN);
	host_close(listener);
}

/* libslirp 4.7.0 takes urgent data wrongly (CVE-2026-9539): it never gets any. */
START_TEST(urgent_segments)
{
	struct guest_flow flow;
	uint8_t buffer[4096];
	uint16_t port;
	int listener, fd;
	size_t done = 0;

	world_open();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	flow = flow_to_gateway(port);
	guest_connect(&flow);
	fd = host_accept(listener);
	for (unsigned i = 0; i < 40; i++) {
		packet_make_tcp(&world.packet, GUEST, flow.port, GATEWAY, port,
				PACKET_ACK | PACKET_URG, 100);
		packet_put32(world.packet.data + 34 + 4, flow.sequence + i * 100);
		packet_put32(world.packet.data + 34 + 8, flow.expected);
		packet_put16(world.packet.data + 34 + 18, (uint16_t)(i * 1700));
		packet_mend(&world.packet);
		world_put();
	}
	/* No byte of them is lost, and none stands apart. */
	while (done < 4000)
		done += host_receive(fd, buffer, sizeof(buffer), NULL);
	ck_assert_uint_eq(world_count(COUNTER_urgent_stripped), 40);
	host_close(fd);
	host_close(listener);
	assert_alive();
}
END_TEST

START_TEST(frames_cut_off)
{
	world_open();
	for (int kind = 0; kind < 6; kind++) {
		for (uint32_t length = 0; length < 90; length++) {
			const char *from = kind & 1 ? GUEST6 : GUEST;
			const char *to = kind & 1 ? GATEWAY6 : GATEWAY;

			if (kind < 2)
				packet_make_tcp(&world.packet, from, 1, to, 9, PACKET_SYN, 16);
			else if (kind < 4)
				packet_make_udp(&world.packet, from, 1, to, 9, 28);
			else
				packet_make_icmp(&world.packet, from, to, kind & 1 ? 128 : 8, 28);
			if (length < world.packet.length)
				world.packet.length = length;
			world_put();
		}
	}
	assert_alive();
	ck_assert_uint_gt(world_count(COUNTER_short_frames), 6 * 14);
	ck_assert_uint_gt(world_count(COUNTER_bad_ip), 0);
}
END_TEST

/* Each byte of the headers in turn says something else. */
START_TEST(headers_that_lie)
{
	static const uint8_t values[] = { 0, 1, 0x0f, 0x7f, 0x80, 0xf0, 0xff };
	uint64_t before;

	world_open();
	before = world_count(COUNTER_frames_in);
	for (uint32_t at = 12; at < (_i ? 74U : 54U); at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			packet_make_tcp(&world.packet, _i ? GUEST6 : GUEST, 1000,
					_i ? GATEWAY6 : GATEWAY, 9, PACKET_SYN, 30);
			world.packet.data[at] = values[i];
			/* Once so that a checksum gives it away, once so that none does. */
			world_put();
			if (packet_transport(world.packet.data) < world.packet.length)
				packet_mend(&world.packet);
			world_put();
		}
	}
	world_ask_gateway();
	ck_assert_uint_gt(world_count(COUNTER_frames_in), before + 500);
	ck_assert_uint_gt(world_count(COUNTER_bad_ip), 20);
	ck_assert_uint_gt(world_count(COUNTER_bad_ethertype), 5);
	ck_assert_uint_gt(world_count(COUNTER_bad_transport), 5);
	assert_alive();
}
END_TEST

/* libslirp 4.7.0 dies of these when they reach it. */
START_TEST(fragment_flood)
{
	struct packet_bytes *whole = g_new0(struct packet_bytes, 1);

	world_open();
	packet_make_udp(whole, _i ? GUEST6 : GUEST, 1, _i ? GATEWAY6 : GATEWAY, 9, 60000);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t offset = i * 40 % 59000 / 8 * 8;

		packet_make_fragment(&world.packet, whole, i / 3, offset, i % 2 ? 1000 : 8);
		world_put();
	}
	assert_alive();
	ck_assert_uint_ge(world_count(COUNTER_fragments), 20000);
	ck_assert_uint_gt(world_count(COUNTER_fragments_dropped), 10000);
	g_free(whole);
}
END_TEST

START_TEST(syn_flood)
{
	struct guest_flow flow;
	uint16_t port;
	int listener;

	world.config.flows_max = 100;
	world_open();
	world_ask_gateway();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	flow = flow_to_gateway(port);
	for (uint32_t i = 0; i < 5000; i++) {
		flow.port = (uint16_t)(1000 + i);
		flow.sequence = i * 1000;
		guest_send_segment(&flow, PACKET_SYN, 0, 0);
	}
	world_ask_gateway();
	ck_assert_uint_ge(world_count(COUNTER_flow_limit), 4800);
	ck_assert_uint_lt(world_count(COUNTER_flow_limit), 5000);
	host_close(listener);
}
END_TEST

/* Longer than any packet that libslirp takes: cut up if it is whole. */
START_TEST(longest_segments)
{
	world_open();
	world_ask_gateway();
	for (unsigned i = 0; i < 2; i++) {
		packet_make_tcp(&world.packet, GUEST6, 1, GATEWAY6, 9, PACKET_ACK, 65500);
		world.packet.data[30000] ^= (uint8_t)i;
		world_put();
		world_ask_gateway();
		ck_assert_uint_eq(world_count(COUNTER_bad_transport), i);
	}
	assert_alive();
}
END_TEST

START_TEST(arp_storm)
{
	world_open();
	for (unsigned i = 0; i < 5000; i++) {
		packet_make_arp(&world.packet, (uint16_t)(i % 4));
		packet_put32(world.packet.data + 14 + 14, 0x0a000200 + i % 256);
		packet_put32(world.packet.data + 14 + 24, i % 3 ? 0x0a000202 : i);
		world.packet.data[6 + i % 6] ^= (uint8_t)i;
		world_put();
	}
	assert_alive();
	ck_assert_uint_ge(world_count(COUNTER_frames_in), 5000);
}
END_TEST

/* libslirp can't make a socket, says so with a descriptor of -1, and goes on. */
START_TEST(no_descriptors_left)
{
	struct rlimit limit, none;
	struct guest_flow flow = flow_to_gateway(9);

	world_open();
	world_ask_gateway();
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (uint16_t i = 0; i < 100; i++) {
		flow.port = (uint16_t)(1000 + i);
		guest_send_datagram(&flow, 10);
		guest_send_segment(&flow, PACKET_SYN, 0, 0);
		packet_make_icmp(&world.packet, GUEST, GATEWAY, 8, i);
		world_put();
	}
	world_ask_gateway();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_alive();
}
END_TEST

/* A source address that the host doesn't have: every bind fails, on every kind of flow. */
START_TEST(no_outbound_address)
{
	struct guest_flow flow = flow_to_gateway(9);

	world.config.outbound_v4 = address_from_v4((struct in_addr){ htonl(0xc0000201) });
	world.config.flows_max = 50;
	world_open();
	for (uint16_t i = 0; i < 200; i++) {
		flow.port = (uint16_t)(1000 + i);
		guest_send_datagram(&flow, 10);
		guest_send_segment(&flow, PACKET_SYN, 0, 0);
		packet_make_icmp(&world.packet, GUEST, "198.51.100.7", 8, 4);
		packet_put16(world.packet.data + 34 + 4, i);
		packet_mend(&world.packet);
		world_put();
	}
	world_ask_gateway();
	/* What failed is not open, and doesn't count as if it were. */
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 0);
}
END_TEST

START_TEST(noise)
{
	srand((unsigned)_i);
	world_open();
	for (unsigned i = 0; i < 3000; i++) {
		static const uint8_t types[][2] = { { 8, 0 }, { 8, 6 }, { 0x86, 0xdd } };
		uint8_t bytes[300];
		size_t length = 1 + (size_t)rand() % sizeof(bytes);

		for (size_t at = 0; at < length; at++)
			bytes[at] = (uint8_t)rand();
		if (length > 14)
			memcpy(bytes + 12, types[i % 3], 2);
		/* Nothing may go out of this machine. */
		if (length > 33)
			packet_put32(bytes + 14 + 16, 0x0a000202);
		if (length > 14 && i % 3 == 2)
			memset(bytes + 14, 0, length > 53 ? 6 : 1);
		world_put_bytes(bytes, length);
	}
	assert_alive();
	ck_assert_uint_ge(world_count(COUNTER_frames_in), 3000);
}
END_TEST

/*
 * Nobody reads at either end until all buffers are full, and then the host resets. libslirp, told
 * of an error while it has no room to read, reads nonetheless, and aborts if there is no room at
 * all.
 */
START_TEST(reset_with_full_buffers)
{
	static const char data[65536];
	struct guest_flow flow;
	struct flow open;
	uint32_t total, waiting;
	uint16_t port;
	int listener, fd;

	world_open();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	flow = flow_to_gateway(port);
	guest_connect(&flow);
	fd = host_accept(listener);
	ck_assert_int_eq(send(fd, data, 58400, 0), 58400);
	guest_expect_segment(&flow, PACKET_ACK);
	while (send(fd, data, sizeof(data), 0) > 0)
		continue;
	for (unsigned i = 0; i < 4000; i++)
		guest_send_segment(&flow, PACKET_ACK, 0, 1400);
	world_ask_gateway();
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), &open, 1, &total), 1);
	ck_assert_uint_gt(open.receive_queue, 60000);
	waiting = open.send_queue;
	ck_assert_uint_gt(waiting, 70000);
	host_close(fd);
	host_close(listener);
	for (unsigned i = 0; i < 10; i++)
		world_ask_gateway();
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), &open, 1, &total), 1);
	ck_assert_uint_eq(open.send_queue, waiting);
	assert_alive();
}
END_TEST

TCase *path_hostile_cases(void)
{
	TCase *cases = tcase_create("hostile");

	tcase_add_checked_fixture(cases, world_setup, world_teardown);
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, urgent_segments);
	tcase_add_test(cases, frames_cut_off);
	tcase_add_loop_test(cases, headers_that_lie, 0, 2);
	tcase_add_loop_test(cases, fragment_flood, 0, 2);
	tcase_add_test(cases, syn_flood);
	tcase_add_test(cases, longest_segments);
	tcase_add_test(cases, arp_storm);
	tcase_add_test(cases, reset_with_full_buffers);
	tcase_add_test(cases, no_descriptors_left);
	tcase_add_test(cases, no_outbound_address);
	tcase_add_loop_test(cases, noise, 0, 3);
	return cases;
}
