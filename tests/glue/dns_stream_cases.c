/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cases of the DNS relay's tests that are about TCP. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "slirp-glue/dns_stream.h"
#include "tests/glue/dns_world.h"

static struct sockaddr_un address;

/* TCP servers of the test, accepted from by hand. */
static int listeners[2];

/* Serves on an abstract address of this process. */
static void setup(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	world_start(1500);
	address.sun_family = AF_UNIX;
	g_snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "test_dns_relay.%d",
		   getpid());
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listener, SOMAXCONN), 0);
	ck_assert_int_eq(dns_relay_serve_streams(world.relay, listener), 0);
}

/* A TCP server on loopback; with backlog < 0 the port is closed again. */
static struct endpoint listen_on(int index, int backlog)
{
	struct endpoint endpoint = { .address.family = AF_INET };
	struct sockaddr_storage storage;
	socklen_t length;

	endpoint.address.v4.s_addr = htonl(INADDR_LOOPBACK);
	length = endpoint_to_sockaddr(&endpoint, &storage);
	listeners[index] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listeners[index], (struct sockaddr *)&storage, length), 0);
	ck_assert_int_eq(getsockname(listeners[index], (struct sockaddr *)&storage, &length), 0);
	ck_assert(endpoint_from_sockaddr((struct sockaddr *)&storage, length, &endpoint));
	if (backlog >= 0)
		ck_assert_int_eq(listen(listeners[index], backlog), 0);
	else
		close(listeners[index]);
	return endpoint;
}

/* Makes listeners with the given backlogs the relay's servers. */
static void serve(uint32_t count, const int *backlogs)
{
	struct dns_servers servers = { .count = count };

	for (uint32_t i = 0; i < count; i++)
		servers.servers[i] = listen_on((int)i, backlogs[i]);
	dns_relay_set_servers(world.relay, &servers);
}

static void serve_one(void)
{
	serve(1, (const int[]){ 200 });
}

/* What libslirp does: a blocking connect, then non-blocking use. */
static int connect_guest(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static int accept_server(int index)
{
	int fd;

	world_settle();
	fd = accept4(listeners[index], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Both ends of a fresh stream. */
static void join(int *ret_guest, int *ret_server)
{
	serve_one();
	*ret_guest = connect_guest();
	*ret_server = accept_server(0);
}

static void check_read(int fd, const char *expected)
{
	char data[100] = { 0 };

	ck_assert_int_eq(recv(fd, data, sizeof(data) - 1, 0), (ssize_t)strlen(expected));
	ck_assert_str_eq(data, expected);
}

static bool at_end(int fd)
{
	char byte;
	ssize_t length = recv(fd, &byte, 1, 0);

	ck_assert_int_le(length, 0);
	return length == 0 || errno == ECONNRESET;
}

START_TEST(bytes_go_both_ways_and_ends_too)
{
	int guest;
	int server;

	join(&guest, &server);
	ck_assert_int_eq(send(guest, "query", 5, 0), 5);
	world_settle();
	check_read(server, "query");
	/* The guest has said all; the answer still comes. */
	ck_assert_int_eq(shutdown(guest, SHUT_WR), 0);
	world_settle();
	ck_assert(at_end(server));
	ck_assert_int_eq(send(server, "answer", 6, 0), 6);
	world_settle();
	check_read(guest, "answer");
	ck_assert(!at_end(guest));
	close(server);
	world_settle();
	ck_assert(at_end(guest));
	close(guest);
	ck_assert_uint_eq(world_count(COUNTER_dns_streams), 1);
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), 0);
}
END_TEST

/* Query, end and all may be there before the server is connected. */
START_TEST(hasty_guest_is_heard)
{
	int guest;
	int server;

	serve_one();
	guest = connect_guest();
	ck_assert_int_eq(send(guest, "query", 5, 0), 5);
	ck_assert_int_eq(shutdown(guest, SHUT_WR), 0);
	server = accept_server(0);
	world_settle();
	check_read(server, "query");
	ck_assert(at_end(server));
	ck_assert_int_eq(send(server, "answer", 6, 0), 6);
	close(server);
	world_settle();
	check_read(guest, "answer");
	ck_assert(at_end(guest));
	close(guest);
}
END_TEST

/* Writes what goes into from, reads what comes out of to; returns how much of total was read. */
static size_t pump(int from, int to, size_t total, size_t *sent)
{
	static uint8_t data[100000];
	size_t received = 0;
	ssize_t length;

	for (int rounds = 0; received < total && rounds < 10000; rounds++) {
		while (*sent < total) {
			memset(data, (int)(*sent / sizeof(data)), sizeof(data));
			length = send(from, data, MIN(sizeof(data), total - *sent), MSG_NOSIGNAL);
			if (length <= 0)
				break;
			*sent += (size_t)length;
		}
		(void)loop_turn(world.loop, 1);
		while ((length = recv(to, data, sizeof(data), 0)) > 0)
			received += (size_t)length;
	}
	return received;
}

START_TEST(much_goes_through_bounded_buffers)
{
	const size_t total = 20 * 1000 * 1000;
	size_t sent = 0;
	int ends[2];
	int blocked;

	join(&ends[0], &ends[1]);
	/* Nobody reads: the relay takes what its buffers hold, and no more. */
	blocked = 0;
	for (int i = 0; i < 1000 && blocked < 20; i++) {
		static uint8_t data[65536];
		ssize_t length = send(ends[_i], data, sizeof(data), MSG_NOSIGNAL);

		blocked = length < 0 ? blocked + 1 : 0;
		sent += length > 0 ? (size_t)length : 0;
		(void)loop_turn(world.loop, 1);
	}
	ck_assert_uint_lt(sent, total);
	ck_assert_uint_eq(pump(ends[_i], ends[!_i], total, &sent), total);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(next_server_takes_the_stream)
{
	int guest;
	int server;

	serve(2, (const int[]){ -1, 10 });
	guest = connect_guest();
	server = accept_server(1);
	ck_assert_int_eq(send(server, "hello", 5, 0), 5);
	world_settle();
	check_read(guest, "hello");
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), 0);
	close(guest);
	close(server);
}
END_TEST

START_TEST(silent_server_is_left_after_a_while)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	int fillers[4];
	int guest;
	int server;

	/* A full backlog: the kernel drops further attempts. */
	serve(2, (const int[]){ 0, 10 });
	ck_assert_int_eq(getsockname(listeners[0], (struct sockaddr *)&storage, &length), 0);
	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&storage, length);
	}
	guest = connect_guest();
	world_settle();
	world_pass(3 * SECOND - SECOND / 10);
	ck_assert_int_eq(accept4(listeners[1], NULL, NULL, 0), -1);
	world_pass(SECOND / 10);
	server = accept_server(1);
	ck_assert_int_eq(send(server, "hello", 5, 0), 5);
	world_settle();
	check_read(guest, "hello");
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(guest);
	close(server);
}
END_TEST

START_TEST(no_server_ends_the_stream)
{
	static const int closed[] = { -1, -1 };
	int guest;

	serve((uint32_t)_i, closed);
	guest = connect_guest();
	world_settle();
	ck_assert(at_end(guest));
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), 1);
	close(guest);
}
END_TEST

START_TEST(guest_that_goes_frees_the_server)
{
	int guest;
	int server;

	join(&guest, &server);
	ck_assert_int_eq(send(guest, "query", 5, 0), 5);
	world_settle();
	close(guest);
	world_settle();
	check_read(server, "query");
	ck_assert(at_end(server));
	/* And one that goes before there is a server. */
	guest = connect_guest();
	close(guest);
	world_settle();
	close(server);
}
END_TEST

START_TEST(server_that_resets_ends_the_stream)
{
	struct linger linger = { 1, 0 };
	int guest;
	int server;

	join(&guest, &server);
	ck_assert_int_eq(setsockopt(server, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	close(server);
	world_settle();
	ck_assert(at_end(guest));
	close(guest);
}
END_TEST

/* The relay's end of the connection that server is the other end of. */
static int relay_end(int server)
{
	struct sockaddr_in wanted;
	struct sockaddr_in own;
	socklen_t length = sizeof(wanted);

	ck_assert_int_eq(getpeername(server, (struct sockaddr *)&wanted, &length), 0);
	for (int fd = 0; fd < 100; fd++) {
		length = sizeof(own);
		if (getsockname(fd, (struct sockaddr *)&own, &length) == 0 &&
		    own.sin_family == AF_INET && own.sin_port == wanted.sin_port)
			return fd;
	}
	ck_abort_msg("no such socket");
	return -1;
}

/* How much the container's end of a stream, and the relay, take when nobody reads. */
static size_t fill(int server)
{
	static uint8_t chunk[4096];
	size_t sent = 0;
	int queued = 0;

	while (queued == 0) {
		ck_assert_int_eq(send(server, chunk, sizeof(chunk), 0), sizeof(chunk));
		sent += sizeof(chunk);
		for (int i = 0; i < 3; i++)
			(void)loop_turn(world.loop, 0);
		ck_assert_int_eq(ioctl(relay_end(server), FIONREAD, &queued), 0);
	}
	return sent;
}

/* A side that hung up while bytes for the other are stuck must not keep the loop turning. */
START_TEST(server_that_hung_up_does_not_spin)
{
	static uint8_t data[65536];
	size_t sent;
	size_t received = 0;
	ssize_t length = -1;
	int guest;
	int server;

	join(&guest, &server);
	ck_assert_int_eq(shutdown(guest, SHUT_WR), 0);
	world_settle();
	sent = fill(server);
	close(server);
	/* Fails if it never comes to rest. */
	world_settle();
	for (int rounds = 0; length != 0; rounds++) {
		ck_assert_int_lt(rounds, 1000);
		while ((length = recv(guest, data, sizeof(data), 0)) > 0)
			received += (size_t)length;
		(void)loop_turn(world.loop, 1);
	}
	ck_assert_uint_eq(received, sent);
	close(guest);
}
END_TEST

START_TEST(idle_stream_ends)
{
	int guest;
	int server;

	join(&guest, &server);
	world_pass(29 * SECOND);
	ck_assert(!at_end(guest));
	ck_assert_int_eq(send(server, "x", 1, 0), 1);
	world_settle();
	check_read(guest, "x");
	world_pass(29 * SECOND);
	ck_assert(!at_end(guest));
	world_pass(SECOND);
	ck_assert(at_end(guest));
	ck_assert(at_end(server));
	close(guest);
	close(server);
}
END_TEST

START_TEST(all_are_accepted_at_once_and_bounded)
{
	int guests[DNS_STREAMS_MAX + 10];
	int ended = 0;
	int listening[2] = { 200 };

	serve(1, listening);
	for (size_t i = 0; i < G_N_ELEMENTS(guests); i++)
		guests[i] = connect_guest();
	ck_assert_int_ge(loop_turn(world.loop, 0), 1);
	ck_assert_uint_eq(world_count(COUNTER_dns_streams), DNS_STREAMS_MAX);
	ck_assert_uint_eq(world_count(COUNTER_dns_failures), 10);
	world_settle();
	for (size_t i = 0; i < G_N_ELEMENTS(guests); i++) {
		ended += at_end(guests[i]);
		close(guests[i]);
	}
	ck_assert_int_eq(ended, 10);
	world_settle();
	/* There is room again. */
	guests[0] = connect_guest();
	world_settle();
	ck_assert(!at_end(guests[0]));
	close(guests[0]);
}
END_TEST

START_TEST(nothing_waits_without_descriptors)
{
	struct rlimit before;
	struct rlimit limit;
	int guests[20];

	serve_one();
	for (int i = 0; i < 20; i++)
		guests[i] = connect_guest();
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)guests[19] + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	world_settle();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	for (int i = 0; i < 20; i++) {
		ck_assert(at_end(guests[i]));
		close(guests[i]);
	}
	guests[0] = connect_guest();
	world_settle();
	ck_assert(!at_end(guests[0]));
	close(guests[0]);
}
END_TEST

START_TEST(freed_with_streams_open)
{
	int guest;
	int server;

	join(&guest, &server);
	ck_assert_int_eq(send(guest, "query", 5, 0), 5);
	world_settle();
	world_stop();
	ck_assert(at_end(guest));
	world_start(1500);
	close(guest);
	close(server);
}
END_TEST

TCase *dns_stream_cases(void)
{
	TCase *cases = tcase_create("streams");

	tcase_set_timeout(cases, 30);
	tcase_add_checked_fixture(cases, setup, world_stop);
	tcase_add_test(cases, bytes_go_both_ways_and_ends_too);
	tcase_add_test(cases, hasty_guest_is_heard);
	tcase_add_loop_test(cases, much_goes_through_bounded_buffers, 0, 2);
	tcase_add_test(cases, next_server_takes_the_stream);
	tcase_add_test(cases, silent_server_is_left_after_a_while);
	tcase_add_loop_test(cases, no_server_ends_the_stream, 0, 3);
	tcase_add_test(cases, guest_that_goes_frees_the_server);
	tcase_add_test(cases, server_that_resets_ends_the_stream);
	tcase_add_test(cases, server_that_hung_up_does_not_spin);
	tcase_add_test(cases, idle_stream_ends);
	tcase_add_test(cases, all_are_accepted_at_once_and_bounded);
	tcase_add_test(cases, nothing_waits_without_descriptors);
	tcase_add_test(cases, freed_with_streams_open);
	return cases;
}
