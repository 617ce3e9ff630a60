/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases of test_path: as many flows as may be open, and one more. */

#include "config.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/glue/fake_clock.h"
#include "tests/glue/path_cases.h"
#include "tests/glue/path_guest.h"
#include "tests/glue/path_world.h"

/* Refused before anything leaves the machine (RFC 5737). */
#define OUTSIDE "198.51.100.7"

/* A little more than libslirp keeps a UDP socket that nobody uses (SO_EXPIRE). */
#define EXPIRY_NS (241ULL * 1000 * 1000 * 1000)

#define FLOWS_MAX 10

static const sa_family_t families[] = { AF_INET, AF_INET6 };

static struct guest_flow flow_to_gateway(int index, uint16_t port, uint16_t peer_port)
{
	return (struct guest_flow){ .address = index ? GUEST6 : GUEST,
				    .port = port,
				    .peer = index ? GATEWAY6 : GATEWAY,
				    .peer_port = peer_port,
				    .sequence = 1000 };
}

static uint32_t count_flows(void)
{
	uint32_t total = 0;

	(void)stack_list_flows(path_stack(world.path), NULL, 0, &total);
	return total;
}

static void expect_refusal(struct guest_flow *flow)
{
	guest_send_segment(flow, PACKET_SYN, 0, 0);
	ck_assert(path_turn(world.path));
	ck_assert(guest_is_reset(flow));
}

/* To the host and back. */
static void assert_echoed(int fd, struct guest_flow *flow)
{
	struct sockaddr_storage from;
	char buffer[100];

	guest_send_datagram(flow, 10);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), &from), 10);
	ck_assert_int_eq(sendto(fd, "answer", 6, 0, (struct sockaddr *)&from,
				from.ss_family == AF_INET ? sizeof(struct sockaddr_in)
							  : sizeof(struct sockaddr_in6)),
			 6);
	guest_expect_datagram(flow, "answer", 6);
}

/* Datagrams from as many ports of the container, all of which the path has then seen. */
static void send_from_ports(int index, uint16_t first, uint16_t count)
{
	struct guest_flow flow = flow_to_gateway(index, first, 9);

	for (uint16_t i = 0; i < count; i++) {
		flow.port = (uint16_t)(first + i);
		guest_send_datagram(&flow, 1);
	}
	world_ask_gateway();
}

START_TEST(connections)
{
	struct guest_flow flows[3], late;
	uint16_t port;
	int listener;

	world.config.flows_max = 3;
	world_open();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	for (int i = 0; i < 3; i++) {
		flows[i] = flow_to_gateway(0, (uint16_t)(40000 + i), port);
		guest_connect(&flows[i]);
	}
	late = flow_to_gateway(0, 50000, port);
	expect_refusal(&late);
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 1);
	/* Those that are open go on, and one that ends makes room. */
	guest_send_segment(&flows[0], PACKET_RST | PACKET_ACK, 0, 0);
	guest_send_segment(&flows[1], PACKET_ACK, 0, 10);
	guest_expect_segment(&flows[1], PACKET_ACK);
	late.sequence = 5000;
	guest_connect(&late);
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 1);
	host_close(listener);
}
END_TEST

/* A SYN that comes once more is no further flow. */
START_TEST(repeated_start)
{
	struct guest_flow flow;
	uint16_t port;
	int listener;

	world.config.flows_max = 1;
	world_open();
	listener = host_open(families[_i], SOCK_STREAM, &port);
	flow = flow_to_gateway(_i, 40000, port);
	guest_send_segment(&flow, PACKET_SYN, 0, 0);
	flow.sequence = 1000;
	guest_connect(&flow);
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 0);
	/* From the same port to another place it is. */
	flow.peer_port ^= 1;
	expect_refusal(&flow);
	host_close(listener);
}
END_TEST

START_TEST(datagrams)
{
	struct guest_flow known, late;
	uint16_t port;
	int fd;

	world.config.flows_max = FLOWS_MAX;
	world_open();
	fd = host_open(families[_i], SOCK_DGRAM, &port);
	known = flow_to_gateway(_i, 40000, port);
	assert_echoed(fd, &known);
	send_from_ports(_i, 1000, 500);
	ck_assert_uint_eq(count_flows(), FLOWS_MAX);
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 500 - (FLOWS_MAX - 1));
	assert_echoed(fd, &known);
	late = flow_to_gateway(_i, 41000, port);
	guest_send_datagram(&late, 10);
	guest_expect_icmp(_i ? 1 : 3, _i ? 1 : 13);
	expect_refusal(&late);
	ck_assert_uint_eq(count_flows(), FLOWS_MAX);
	/* Who is quiet for long enough makes room. */
	fake_clock_pass(EXPIRY_NS);
	ck_assert(path_turn(world.path));
	ck_assert(path_turn(world.path));
	ck_assert_uint_eq(count_flows(), 0);
	assert_echoed(fd, &late);
	assert_echoed(fd, &known);
	ck_assert_uint_eq(count_flows(), 2);
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 500 - (FLOWS_MAX - 1) + 2);
	host_close(fd);
}
END_TEST

static bool is_echo_reply(const uint8_t *frame, size_t length, void *data)
{
	(void)data;
	return length >= 42 && packet_get16(frame + 12) == 0x0800 &&
	       frame[14 + 9] == IPPROTO_ICMP && frame[34] == 0;
}

/* What needs no socket of libslirp's is not bounded. */
START_TEST(without_flows)
{
	struct guest_flow dhcp = flow_to_gateway(0, 68, 67);

	world.config.flows_max = 0;
	world.config.dns = true;
	world_open();
	guest_send_datagram(&dhcp, 300);
	packet_make_icmp(&world.packet, GUEST, GATEWAY, 8, 10);
	world_put();
	world_expect(is_echo_reply, NULL);
	packet_make_icmp(&world.packet, GUEST, DNS, 8, 10);
	world_put();
	world_expect(is_echo_reply, NULL);
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 0);
	packet_make_icmp(&world.packet, GUEST, OUTSIDE, 8, 10);
	world_put();
	guest_expect_icmp(3, 13);
	dhcp.peer = OUTSIDE;
	guest_send_datagram(&dhcp, 300);
	guest_expect_icmp(3, 13);
	ck_assert_uint_ge(world_count(COUNTER_flow_limit), 1);
	ck_assert_uint_eq(count_flows(), 0);
}
END_TEST

static void wake_up(int fd, uint32_t events, void *data)
{
	(void)fd;
	(void)events;
	(void)data;
}

/* A forward from a free port of loopback to port 53 of the container, and a client of it. */
static int open_forward(sa_family_t family, int type, struct forward *ret_forward)
{
	struct forward forward = { .protocol = type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP,
				   .host = { .address = { .family = family } },
				   .guest = { .port = 53 } };
	struct sockaddr_storage storage;
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length;

	if (family == AF_INET)
		forward.host.address.v4.s_addr = htonl(INADDR_LOOPBACK);
	else
		forward.host.address.v6 = in6addr_loopback;
	host_close(host_open(family, type, &forward.host.port));
	ck_assert_int_eq(stack_forward_add(path_stack(world.path), &forward), 0);
	world_ask_gateway();
	length = endpoint_to_sockaddr(&forward.host, &storage);
	(void)connect(fd, (struct sockaddr *)&storage, length);
	ck_assert_int_eq(loop_watch(world.loop, fd, EPOLLIN, wake_up, NULL), 0);
	*ret_forward = forward;
	return fd;
}

/* Answers over a forward need no socket; _i of 2: to an address that the container chose. */
START_TEST(answers_over_a_forward)
{
	struct guest_flow flow = flow_to_gateway(_i > 0, 53, 0), other;
	struct forward forward;
	char buffer[10];
	int fd;

	world.config.flows_max = FLOWS_MAX;
	world.config.configured = _i < 2;
	world_open();
	if (_i == 2) {
		/* libslirp takes the first neighbour for it. */
		packet_make_icmp(&world.packet, GUEST6, GATEWAY6, 128, 4);
		world_put();
		guest_expect_icmp(129, 0);
	}
	fd = open_forward(families[_i > 0], SOCK_DGRAM, &forward);
	send_from_ports(_i > 0, 1000, 100);
	ck_assert_uint_eq(count_flows(), FLOWS_MAX - 1);
	ck_assert_int_eq(send(fd, "query", 5, 0), 5);
	guest_expect_datagram(&flow, "query", 5);
	flow.peer_port =
		packet_get16(world.frame.packet.data + packet_transport(world.frame.packet.data));
	guest_send_datagram(&flow, 6);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), 6);
	ck_assert_uint_eq(world_count(COUNTER_flow_limit), 100 - (FLOWS_MAX - 1));
	/* The port alone opens no door, or none for many. */
	for (uint8_t i = 1; i < 100; i++) {
		char address[40];

		g_snprintf(address, sizeof(address), _i > 0 ? "fd00::1:%u" : "10.0.2.1%02u", i);
		other = flow;
		other.address = address;
		guest_send_datagram(&other, 6);
	}
	world_ask_gateway();
	ck_assert_uint_le(count_flows(), FLOWS_MAX - 1 + (_i == 2 ? 16 : 0));
	/* Without the forward it is a flow like any other. */
	ck_assert_int_eq(stack_forward_remove(path_stack(world.path), &forward), 0);
	send_from_ports(_i > 0, 2000, 1);
	guest_send_datagram(&flow, 6);
	guest_expect_icmp(_i ? 1 : 3, _i ? 1 : 13);
	host_close(fd);
}
END_TEST

static bool is_syn(const uint8_t *frame, size_t length, void *data)
{
	(void)data;
	return length >= 54 && packet_get16(frame + 12) == 0x0800 && frame[14 + 9] == IPPROTO_TCP &&
	       frame[34 + 13] == PACKET_SYN;
}

/* Connections from the host wait until there is room. */
START_TEST(connections_from_the_host)
{
	struct guest_flow out, in = flow_to_gateway(0, 53, 0);
	struct forward forward;
	uint16_t port;
	int listener, fd;

	world.config.flows_max = 2;
	world_open();
	listener = host_open(AF_INET, SOCK_STREAM, &port);
	out = flow_to_gateway(0, 40000, port);
	guest_connect(&out);
	fd = open_forward(AF_INET, SOCK_STREAM, &forward);
	for (int i = 0; i < 10; i++) {
		packet_make_arp(&world.packet, 1);
		world_put();
		ck_assert(path_turn(world.path));
		ck_assert(!world_received(is_syn, NULL));
	}
	ck_assert_uint_eq(count_flows(), 1);
	guest_send_segment(&out, PACKET_RST | PACKET_ACK, 0, 0);
	guest_accept(&in);
	ck_assert_uint_eq(count_flows(), 1);
	host_close(fd);
	guest_expect_segment(&in, PACKET_FIN);
	host_close(listener);
}
END_TEST

TCase *path_limit_cases(void)
{
	TCase *cases = tcase_create("limits");

	tcase_add_checked_fixture(cases, world_setup, world_teardown);
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, connections);
	tcase_add_loop_test(cases, repeated_start, 0, 2);
	tcase_add_loop_test(cases, datagrams, 0, 2);
	tcase_add_test(cases, without_flows);
	tcase_add_loop_test(cases, answers_over_a_forward, 0, 3);
	tcase_add_test(cases, connections_from_the_host);
	return cases;
}
