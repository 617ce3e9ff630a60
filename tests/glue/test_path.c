/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/path with libslirp in it: connections, datagrams, policy, DNS, limits. */

#include "config.h"

#include <check.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/glue/path_cases.h"
#include "tests/glue/path_guest.h"
#include "tests/glue/path_world.h"

/* Documentation addresses (RFC 5737, RFC 3849): refused before anything leaves the machine. */
#define OUTSIDE "198.51.100.7"
#define OUTSIDE6 "2001:db8::7"

static const sa_family_t families[] = { AF_INET, AF_INET6 };

/* A flow of the container to the gateway; _i chooses the family. */
static struct guest_flow flow_to_gateway(int index, uint16_t peer_port)
{
	return (struct guest_flow){ .address = index ? GUEST6 : GUEST,
				    .port = 40000,
				    .peer = index ? GATEWAY6 : GATEWAY,
				    .peer_port = peer_port,
				    .sequence = 1000 };
}

START_TEST(gateway_answers_arp)
{
	world_open();
	world_ask_gateway();
	ck_assert_uint_eq(world_count(COUNTER_frames_in), 1);
	ck_assert_uint_eq(world_count(COUNTER_frames_out), 1);
	ck_assert_uint_eq(world_count(COUNTER_bytes_in), 42);
}
END_TEST

START_TEST(connection_to_loopback)
{
	static const size_t sizes[] = { 1, 1000, 1460 };
	uint8_t buffer[2000], first = 7;
	uint16_t port;
	int listener, fd;
	struct guest_flow flow;

	world_open();
	listener = host_open(families[_i], SOCK_STREAM, &port);
	flow = flow_to_gateway(_i, port);
	guest_connect(&flow);
	fd = host_accept(listener);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		size_t done = 0;

		guest_send_segment(&flow, PACKET_ACK, first, sizes[i]);
		while (done < sizes[i])
			done += host_receive(fd, buffer + done, sizeof(buffer) - done, NULL);
		ck_assert_uint_eq(done, sizes[i]);
		for (size_t at = 0; at < done; at++)
			ck_assert_uint_eq(buffer[at], (uint8_t)(first + at));
		ck_assert_int_eq(send(fd, buffer, done, 0), (ssize_t)done);
		guest_receive(&flow, first, done);
		first++;
	}
	/* The container ends its half, the host then the other. */
	guest_send_segment(&flow, PACKET_ACK | PACKET_FIN, 0, 0);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), 0);
	host_close(fd);
	guest_expect_segment(&flow, PACKET_FIN);
	host_close(listener);
}
END_TEST

START_TEST(host_ends_first)
{
	uint16_t port;
	int listener, fd;
	struct guest_flow flow;

	world_open();
	listener = host_open(families[_i], SOCK_STREAM, &port);
	flow = flow_to_gateway(_i, port);
	guest_connect(&flow);
	fd = host_accept(listener);
	ck_assert_int_eq(send(fd, "\1\2\3", 3, 0), 3);
	host_close(fd);
	guest_receive(&flow, 1, 3);
	guest_expect_segment(&flow, PACKET_FIN);
	host_close(listener);
}
END_TEST

START_TEST(nobody_listens)
{
	uint16_t port;
	struct guest_flow flow;

	world_open();
	host_close(host_open(families[_i], SOCK_STREAM, &port));
	flow = flow_to_gateway(_i, port);
	guest_send_segment(&flow, PACKET_SYN, 0, 0);
	guest_expect_segment(&flow, PACKET_RST);
}
END_TEST

/* The engine refuses by itself, in the turn in which it hears of it. */
static void assert_refused(struct guest_flow *flow)
{
	guest_send_segment(flow, PACKET_SYN, 0, 0);
	ck_assert(path_turn(world.path));
	ck_assert(guest_is_reset(flow));
}

START_TEST(loopback_is_closed)
{
	struct guest_flow flow;
	uint16_t port;
	int listener;

	world.config.host_loopback = false;
	world_open();
	listener = host_open(families[_i], SOCK_STREAM, &port);
	flow = flow_to_gateway(_i, port);
	guest_send_segment(&flow, PACKET_SYN, 0, 0);
	guest_expect_icmp(_i ? 1 : 3, 0);
	guest_send_datagram(&flow, 10);
	guest_expect_icmp(_i ? 1 : 3, _i ? 4 : 3);
	ck_assert_int_eq(accept(listener, NULL, NULL), -1);
	host_close(listener);
}
END_TEST

START_TEST(denied_destination)
{
	struct guest_flow flow = flow_to_gateway(_i, 80);

	flow.peer = _i ? OUTSIDE6 : OUTSIDE;
	ck_assert(policy_add(&world.config.policy, "any", false, NULL));
	world_open();
	assert_refused(&flow);
	ck_assert_uint_eq(world_count(COUNTER_denied_tcp), 1);
	guest_send_datagram(&flow, 10);
	guest_expect_icmp(_i ? 1 : 3, _i ? 1 : 13);
	ck_assert_uint_eq(world_count(COUNTER_denied_udp), 1);
}
END_TEST

START_TEST(datagrams_are_echoed)
{
	static const size_t sizes[] = { 0, 1, 100, 1472 - 20 };
	struct sockaddr_storage from;
	uint8_t buffer[2000];
	struct guest_flow flow;
	uint16_t port;
	int fd;

	world_open();
	fd = host_open(families[_i], SOCK_DGRAM, &port);
	flow = flow_to_gateway(_i, port);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		size_t length;

		guest_send_datagram(&flow, sizes[i]);
		length = host_receive(fd, buffer, sizeof(buffer), &from);
		ck_assert_uint_eq(length, sizes[i]);
		ck_assert_int_eq(sendto(fd, buffer, length, 0, (struct sockaddr *)&from,
					sizeof(struct sockaddr_in6)),
				 (ssize_t)length);
		guest_expect_datagram(&flow, buffer, length);
	}
	host_close(fd);
}
END_TEST

/* Fragments of the container become one datagram on the host. */
START_TEST(fragments_become_a_datagram)
{
	struct packet_bytes *whole = g_new0(struct packet_bytes, 1);
	static uint8_t buffer[70000];
	uint32_t size = _i & 2 ? 65400 : 20000;
	struct guest_flow flow;
	uint16_t port;
	int fd;

	world_open();
	fd = host_open(families[_i & 1], SOCK_DGRAM, &port);
	flow = flow_to_gateway(_i & 1, port);
	packet_make_udp(whole, flow.address, flow.port, flow.peer, flow.peer_port, size - 8);
	for (uint32_t offset = 0; offset < size; offset += 1000) {
		packet_make_fragment(&world.packet, whole, 77, offset, MIN(1000, size - offset));
		world_put();
	}
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), size - 8);
	ck_assert_mem_eq(buffer, whole->data + packet_transport(whole->data) + 8, size - 8);
	ck_assert_uint_eq(world_count(COUNTER_reassembled), 1);
	g_free(whole);
	host_close(fd);
}
END_TEST

/* What is too large for the link comes in pieces, which the container puts together. */
static bool take_piece(const uint8_t *frame, size_t length, void *data)
{
	uint32_t *missing = data;
	bool v6 = packet_get16(frame + 12) == 0x86dd;

	if (v6 ? frame[14 + 6] != 44 : frame[14 + 9] != IPPROTO_UDP)
		return false;
	ck_assert_uint_le(length, 14 + world.config.network.mtu);
	*missing -= (uint32_t)length - (v6 ? 14 + 48 : 14 + 20);
	return *missing == 0;
}

START_TEST(large_datagrams_to_the_container)
{
	static uint8_t buffer[60000];
	uint32_t missing = sizeof(buffer) + 8;
	struct sockaddr_storage from;
	struct guest_flow flow;
	uint16_t port;
	int fd;

	world_open();
	fd = host_open(families[_i], SOCK_DGRAM, &port);
	flow = flow_to_gateway(_i, port);
	guest_send_datagram(&flow, 10);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), &from), 10);
	ck_assert_int_eq(sendto(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from,
				sizeof(struct sockaddr_in6)),
			 sizeof(buffer));
	world_expect(take_piece, &missing);
	host_close(fd);
}
END_TEST

START_TEST(dns_is_relayed)
{
	static const uint8_t question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1";
	struct dns_servers servers = { .count = 1 };
	struct sockaddr_storage from;
	struct guest_flow flow = { GUEST, 40000, DNS, 53, 0, 0, 0 };
	uint8_t buffer[600];
	uint16_t port;
	size_t length;
	int fd;

	world.config.dns = true;
	world_open();
	fd = host_open(families[_i], SOCK_DGRAM, &port);
	servers.servers[0].address.family = families[_i];
	if (_i)
		servers.servers[0].address.v6 = in6addr_loopback;
	else
		servers.servers[0].address.v4.s_addr = htonl(INADDR_LOOPBACK);
	servers.servers[0].port = port;
	path_set_dns_servers(world.path, &servers);
	packet_make_udp(&world.packet, GUEST, 40000, DNS, 53, sizeof(question) - 1);
	memcpy(world.packet.data + 42, question, sizeof(question) - 1);
	packet_mend(&world.packet);
	world_put();
	length = host_receive(fd, buffer, sizeof(buffer), &from);
	ck_assert_uint_eq(length, sizeof(question) - 1);
	ck_assert_mem_eq(buffer + 2, question + 2, length - 2);
	buffer[2] |= 0x80;
	ck_assert_int_eq(sendto(fd, buffer, length, 0, (struct sockaddr *)&from,
				sizeof(struct sockaddr_in6)),
			 (ssize_t)length);
	memcpy(buffer, question, 2);
	guest_expect_datagram(&flow, buffer, length);
	ck_assert_uint_eq(world_count(COUNTER_dns_queries), 1);
	ck_assert_uint_eq(world_count(COUNTER_dns_answers), 1);
	host_close(fd);
}
END_TEST

START_TEST(dns_is_off)
{
	struct guest_flow flow = { GUEST, 40000, DNS, 53, 0, 0, 0 };

	world_open();
	guest_send_datagram(&flow, 30);
	guest_expect_icmp(3, 3);
}
END_TEST

/* The flows that status shows. */
static const struct flow *find_flow(const struct flow *flows, uint32_t count, uint8_t protocol)
{
	for (uint32_t i = 0; i < count; i++) {
		if (flows[i].protocol == protocol)
			return &flows[i];
	}
	return NULL;
}

static void assert_endpoint(const struct endpoint *endpoint, const char *address, uint16_t port)
{
	char text[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(address_format(&endpoint->address, text), address);
	ck_assert_uint_eq(endpoint->port, port);
}

START_TEST(flows_are_listed)
{
	uint16_t tcp_port, udp_port;
	struct guest_flow tcp, udp;
	struct flow flows[4];
	const struct flow *flow;
	uint32_t total = 9;
	int listener, socket, other;

	world_open();
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), flows, 4, &total), 0);
	ck_assert_uint_eq(total, 0);
	listener = host_open(families[_i], SOCK_STREAM, &tcp_port);
	socket = host_open(families[_i], SOCK_DGRAM, &udp_port);
	tcp = flow_to_gateway(_i, tcp_port);
	udp = flow_to_gateway(_i, udp_port);
	guest_connect(&tcp);
	host_close(host_accept(listener));
	/* To one port and then another: the last is shown. */
	other = host_open(families[_i], SOCK_DGRAM, &udp.peer_port);
	guest_send_datagram(&udp, 5);
	udp.peer_port = udp_port;
	guest_send_datagram(&udp, 5);
	(void)host_receive(socket, flows, sizeof(flows), NULL);
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), flows, 1, &total), 1);
	ck_assert_uint_eq(total, 2);
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), flows, 4, &total), 2);
	flow = find_flow(flows, 2, IPPROTO_TCP);
	ck_assert_ptr_nonnull(flow);
	assert_endpoint(&flow->guest, tcp.address, 40000);
	assert_endpoint(&flow->remote, _i ? "::1" : "127.0.0.1", tcp_port);
	flow = find_flow(flows, 2, IPPROTO_UDP);
	ck_assert_ptr_nonnull(flow);
	assert_endpoint(&flow->guest, udp.address, 40000);
	assert_endpoint(&flow->remote, udp.peer, udp_port);
	host_close(listener);
	host_close(socket);
	host_close(other);
}
END_TEST

START_TEST(link_ends)
{
	world_open();
	world_ask_gateway();
	close(world.container);
	world.container = -1;
	ck_assert(!path_turn(world.path));
}
END_TEST

static TCase *path_cases(void)
{
	TCase *cases = tcase_create("path");

	tcase_add_checked_fixture(cases, world_setup, world_teardown);
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, gateway_answers_arp);
	tcase_add_loop_test(cases, connection_to_loopback, 0, 2);
	tcase_add_loop_test(cases, host_ends_first, 0, 2);
	tcase_add_loop_test(cases, nobody_listens, 0, 2);
	tcase_add_loop_test(cases, loopback_is_closed, 0, 2);
	tcase_add_loop_test(cases, denied_destination, 0, 2);
	tcase_add_loop_test(cases, datagrams_are_echoed, 0, 2);
	tcase_add_loop_test(cases, fragments_become_a_datagram, 0, 4);
	tcase_add_loop_test(cases, large_datagrams_to_the_container, 0, 2);
	tcase_add_loop_test(cases, dns_is_relayed, 0, 2);
	tcase_add_test(cases, dns_is_off);
	tcase_add_loop_test(cases, flows_are_listed, 0, 2);
	tcase_add_test(cases, link_ends);
	return cases;
}

int main(void)
{
	Suite *suite = suite_create("path");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, path_cases());
	suite_add_tcase(suite, path_forward_cases());
	suite_add_tcase(suite, path_hostile_cases());
	suite_add_tcase(suite, path_limit_cases());
	suite_add_tcase(suite, path_offload_cases());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
