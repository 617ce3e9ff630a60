/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases of test_path: forwards from the host to the container. */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/glue/path_cases.h"
#include "tests/glue/path_guest.h"
#include "tests/glue/path_world.h"

#define GUEST_PORT 8080

static const sa_family_t families[] = { AF_INET, AF_INET6 };

/* A forward from a port of loopback that is free just now. */
static struct forward make_forward(sa_family_t family, uint8_t protocol)
{
	struct forward forward = { .protocol = protocol,
				   .host = { .address = { .family = family } },
				   .guest = { .port = GUEST_PORT } };

	if (family == AF_INET)
		forward.host.address.v4.s_addr = htonl(INADDR_LOOPBACK);
	else
		forward.host.address.v6 = in6addr_loopback;
	host_close(host_open(family, protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM,
			     &forward.host.port));
	return forward;
}

static int add(const struct forward *forward)
{
	return stack_forward_add(path_stack(world.path), forward);
}

static int remove_forward(const struct forward *forward)
{
	return stack_forward_remove(path_stack(world.path), forward);
}

/* A socket of the host that is connected to the forward, or -errno. The kernel does it alone. */
static int host_connect(const struct forward *forward, int type)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(&forward->host, &storage);
	int error = 0, fd = socket(storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd entry = { .fd = fd, .events = POLLOUT };
	socklen_t error_length = sizeof(error);

	ck_assert_int_ge(fd, 0);
	if (connect(fd, (struct sockaddr *)&storage, length) < 0)
		error = errno;
	if (error == EINPROGRESS) {
		ck_assert_int_eq(poll(&entry, 1, 10000), 1);
		ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_length), 0);
	}
	if (error == 0)
		return fd;
	close(fd);
	return -error;
}

static struct guest_flow flow_from_gateway(int index)
{
	return (struct guest_flow){ .address = index ? GUEST6 : GUEST,
				    .port = GUEST_PORT,
				    .peer = index ? GATEWAY6 : GATEWAY,
				    .sequence = 77 };
}

static void wake_up(int fd, uint32_t events, void *data)
{
	(void)fd;
	(void)events;
	(void)data;
}

START_TEST(connection_from_the_host)
{
	struct guest_flow flow = flow_from_gateway(_i);
	struct forward forward;
	char buffer[10];
	int fd;

	world_open();
	forward = make_forward(families[_i], IPPROTO_TCP);
	ck_assert_int_eq(add(&forward), 0);
	fd = host_connect(&forward, SOCK_STREAM);
	ck_assert_int_ge(fd, 0);
	guest_accept(&flow);
	ck_assert_int_eq(loop_watch(world.loop, fd, EPOLLIN, wake_up, NULL), 0);
	guest_send_segment(&flow, PACKET_ACK, 50, 4);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), 4);
	ck_assert_mem_eq(buffer, "2345", 4);
	ck_assert_int_eq(send(fd, "\1\2\3", 3, 0), 3);
	guest_receive(&flow, 1, 3);
	/* What is open goes on without the forward. */
	ck_assert_int_eq(remove_forward(&forward), 0);
	ck_assert_int_eq(host_connect(&forward, SOCK_STREAM), -ECONNREFUSED);
	ck_assert_int_eq(send(fd, "\4\5", 2, 0), 2);
	guest_receive(&flow, 4, 2);
	host_close(fd);
	guest_expect_segment(&flow, PACKET_FIN);
}
END_TEST

START_TEST(datagrams_from_the_host)
{
	struct guest_flow flow = flow_from_gateway(_i);
	struct forward forward;
	char buffer[10];
	int fd;

	/* The answers pass although the gateway is closed to the container. */
	world.config.host_loopback = false;
	world_open();
	forward = make_forward(families[_i], IPPROTO_UDP);
	ck_assert_int_eq(add(&forward), 0);
	fd = host_connect(&forward, SOCK_DGRAM);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(loop_watch(world.loop, fd, EPOLLIN, wake_up, NULL), 0);
	ck_assert_int_eq(send(fd, "query", 5, 0), 5);
	guest_expect_datagram(&flow, "query", 5);
	flow.peer_port =
		packet_get16(world.frame.packet.data + packet_transport(world.frame.packet.data));
	guest_send_datagram(&flow, 6);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), 6);
	ck_assert_int_eq(remove_forward(&forward), 0);
	host_close(fd);
}
END_TEST

START_TEST(port_in_use)
{
	uint8_t protocol = _i & 1 ? IPPROTO_UDP : IPPROTO_TCP;
	struct forward forward;
	uint16_t port;
	int fd;

	world_open();
	forward = make_forward(families[_i >> 1], protocol);
	fd = host_open(families[_i >> 1], _i & 1 ? SOCK_DGRAM : SOCK_STREAM, &port);
	forward.host.port = port;
	ck_assert_int_eq(add(&forward), EADDRINUSE);
	host_close(fd);
	ck_assert_int_eq(add(&forward), 0);
	/* Its own are in use as well. */
	ck_assert_int_eq(add(&forward), EADDRINUSE);
	ck_assert_int_eq(remove_forward(&forward), 0);
	ck_assert_int_eq(remove_forward(&forward), ENOENT);
	ck_assert_int_eq(add(&forward), 0);
}
END_TEST

START_TEST(other_errors)
{
	struct forward forward;

	world_open();
	forward = make_forward(AF_INET, _i ? IPPROTO_UDP : IPPROTO_TCP);
	/* TEST-NET-1 (RFC 5737): no address of this machine. */
	forward.host.address.v4.s_addr = htonl(0xc0000201);
	ck_assert_int_eq(add(&forward), EADDRNOTAVAIL);
	forward.guest.address.family = AF_INET6;
	ck_assert_int_eq(add(&forward), EAFNOSUPPORT);
	ck_assert_int_eq(remove_forward(&forward), ENOENT);
}
END_TEST

#define BURST 64

/* Counts the connections that reach the container by their ports, in seen. */
static bool are_all_here(const uint8_t *frame, size_t length, void *data)
{
	bool *seen = data;
	unsigned count = 0;

	if (length < 54 || frame[14 + 9] != IPPROTO_TCP || frame[34 + 13] != PACKET_SYN)
		return false;
	seen[packet_get16(frame + 34)] = true;
	for (unsigned port = 0; port < 65536; port++)
		count += seen[port];
	return count == BURST;
}

/* A burst of connections waits in the backlog instead of being refused. */
START_TEST(many_at_once)
{
	struct forward forward;
	bool seen[65536] = { false };
	int fds[BURST];

	world_open();
	forward = make_forward(AF_INET, IPPROTO_TCP);
	ck_assert_int_eq(add(&forward), 0);
	/* One turn, and the listener has its backlog. */
	world_ask_gateway();
	world_ask_gateway();
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = host_connect(&forward, SOCK_STREAM);
		ck_assert_int_ge(fds[i], 0);
	}
	world_expect(are_all_here, seen);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
}
END_TEST

/* The container ends the connection: so does the client's. */
START_TEST(container_ends_first)
{
	struct guest_flow flow = flow_from_gateway(_i);
	struct forward forward;
	char buffer[10];
	int fd;

	world_open();
	forward = make_forward(families[_i], IPPROTO_TCP);
	ck_assert_int_eq(add(&forward), 0);
	fd = host_connect(&forward, SOCK_STREAM);
	ck_assert_int_ge(fd, 0);
	guest_accept(&flow);
	ck_assert_int_eq(loop_watch(world.loop, fd, EPOLLIN, wake_up, NULL), 0);
	guest_send_segment(&flow, PACKET_ACK | PACKET_FIN, 50, 4);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), 4);
	ck_assert_uint_eq(host_receive(fd, buffer, sizeof(buffer), NULL), 0);
	host_close(fd);
	guest_expect_segment(&flow, PACKET_FIN);
}
END_TEST

/* What was sent before the end arrives, however late the client reads it. */
START_TEST(client_reads_late)
{
	struct guest_flow flow = flow_from_gateway(_i);
	struct forward forward;
	struct flow flows[2];
	static char buffer[40000];
	int fd, size = 4096;
	size_t done = 0, length;
	uint32_t total;

	world_open();
	forward = make_forward(families[_i], IPPROTO_TCP);
	ck_assert_int_eq(add(&forward), 0);
	world_ask_gateway();
	world_ask_gateway();
	fd = host_connect(&forward, SOCK_STREAM);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	guest_accept(&flow);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	guest_expect_segment(&flow, PACKET_FIN);
	flow.expected++;
	for (unsigned i = 0; i < 40; i++)
		guest_send_segment(&flow, PACKET_ACK, 0, 1000);
	guest_send_segment(&flow, PACKET_ACK | PACKET_FIN, 0, 0);
	/* libslirp is through with it at once, without TIME_WAIT. */
	world_ask_gateway();
	world_ask_gateway();
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), flows, 2, &total), 0);
	ck_assert_int_eq(loop_watch(world.loop, fd, EPOLLIN, wake_up, NULL), 0);
	while ((length = host_receive(fd, buffer, sizeof(buffer), NULL)) > 0)
		done += length;
	ck_assert_uint_eq(done, 40000);
	host_close(fd);
}
END_TEST

static bool is_reset(void *data)
{
	char byte;
	ssize_t result = recv(*(int *)data, &byte, 1, 0);

	/* Not the end of the stream, which would be a server that has nothing to say. */
	ck_assert_int_eq(result, -1);
	ck_assert(errno == EAGAIN || errno == ECONNRESET);
	return errno == ECONNRESET;
}

/* The client is told in the same way, whether it has sent something or not. */
START_TEST(container_refuses)
{
	struct guest_flow flow = flow_from_gateway(_i & 1);
	struct forward forward;
	int fd;

	world_open();
	forward = make_forward(families[_i & 1], IPPROTO_TCP);
	ck_assert_int_eq(add(&forward), 0);
	/* One turn, and the listener is set up. */
	world_ask_gateway();
	world_ask_gateway();
	fd = host_connect(&forward, SOCK_STREAM);
	ck_assert_int_ge(fd, 0);
	if (_i & 2)
		ck_assert_int_eq(send(fd, "\1\2\3", 3, 0), 3);
	ck_assert_int_eq(loop_watch(world.loop, fd, EPOLLIN, wake_up, NULL), 0);
	guest_refuse(&flow);
	world_wait(is_reset, &fd);
	host_close(fd);
}
END_TEST

/* Both ends of a connection from the host, as status shows them. */
START_TEST(connection_is_listed)
{
	struct guest_flow guest = flow_from_gateway(_i), other = guest;
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct endpoint client;
	struct forward forward;
	struct flow flows[2];
	char text[ADDRESS_TEXT_MAX];
	uint32_t total;
	int fd;

	other.port = 9000;
	other.peer_port = 9;
	world_open();
	forward = make_forward(families[_i], IPPROTO_TCP);
	ck_assert_int_eq(add(&forward), 0);
	/* What the container did just before has nothing to do with it. */
	guest_send_datagram(&other, 1);
	ck_assert(path_turn(world.path));
	fd = host_connect(&forward, SOCK_STREAM);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&storage, &length), 0);
	ck_assert(endpoint_from_sockaddr((struct sockaddr *)&storage, length, &client));
	guest_accept(&guest);
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), flows, 2, &total), 2);
	ck_assert_uint_eq(total, 2);
	ck_assert_str_eq(address_format(&flows[0].guest.address, text), guest.address);
	ck_assert_uint_eq(flows[0].guest.port, GUEST_PORT);
	ck_assert(endpoint_equal(&flows[0].remote, &client));
	close(fd);
}
END_TEST

/* A client that is gone before anybody looks. */
START_TEST(reset_connection_is_listed)
{
	static const struct linger none = { .l_onoff = 1 };
	struct guest_flow guest = flow_from_gateway(_i);
	struct forward forward;
	struct flow flows[2];
	char text[ADDRESS_TEXT_MAX];
	uint32_t total;
	int fd;

	world_open();
	forward = make_forward(families[_i], IPPROTO_TCP);
	ck_assert_int_eq(add(&forward), 0);
	fd = host_connect(&forward, SOCK_STREAM);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)), 0);
	close(fd);
	guest_expect_segment(&guest, PACKET_SYN);
	ck_assert_uint_eq(stack_list_flows(path_stack(world.path), flows, 2, &total), 1);
	ck_assert_str_eq(address_format(&flows[0].guest.address, text), guest.address);
	ck_assert_uint_eq(flows[0].guest.port, GUEST_PORT);
	ck_assert(address_is_unspecified(&flows[0].remote.address));
}
END_TEST

TCase *path_forward_cases(void)
{
	TCase *cases = tcase_create("forwards");

	tcase_add_checked_fixture(cases, world_setup, world_teardown);
	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, connection_from_the_host, 0, 2);
	tcase_add_loop_test(cases, datagrams_from_the_host, 0, 2);
	tcase_add_loop_test(cases, container_ends_first, 0, 2);
	tcase_add_loop_test(cases, client_reads_late, 0, 2);
	tcase_add_loop_test(cases, container_refuses, 0, 4);
	tcase_add_loop_test(cases, connection_is_listed, 0, 2);
	tcase_add_loop_test(cases, reset_connection_is_listed, 0, 2);
	tcase_add_loop_test(cases, port_in_use, 0, 4);
	tcase_add_loop_test(cases, other_errors, 0, 2);
	tcase_add_test(cases, many_at_once);
	return cases;
}
