/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's surroundings for its tests. */

#include "config.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/wire.h"
#include "tests/glue/dns_world.h"
#include "tests/glue/fake_clock.h"

#define DNS_PORT 53

struct world world;

void world_pass(uint64_t ns)
{
	fake_clock_pass(ns);
	world_settle();
}

/* Datagrams over loopback arrive within the call that sends them, so that two idle turns will do.
 */
void world_settle(void)
{
	int idle = 0;

	for (int turns = 0; idle < 3; turns++) {
		int count = loop_turn(world.loop, 1);

		ck_assert_int_ge(count, 0);
		ck_assert_int_lt(turns, 100000);
		idle = count == 0 ? idle + 1 : 0;
	}
}

static void take_frame(const uint8_t *frame, size_t length, void *data)
{
	ck_assert_ptr_eq(data, &world);
	ck_assert_uint_le(length, sizeof(world.frame));
	ck_assert_int_lt(world.frames, WORLD_FRAMES);
	memcpy(world.frame, frame, length);
	world.frame_length = length;
	world.ids[world.frames++] =
		wire_get16(frame + (wire_get16(frame + ETHERNET_TYPE) == ETHERTYPE_IP ? 42 : 62));
}

void world_start(uint32_t mtu)
{
	memset(&world, 0, sizeof(world));
	for (int i = 0; i < WORLD_SERVERS; i++)
		world.servers[i].fd = -1;
	world.loop = loop_new();
	ck_assert_ptr_nonnull(world.loop);
	world.relay = dns_relay_new(world.loop, mtu, &world.counters, take_frame, &world);
}

void world_stop(void)
{
	dns_relay_free(world.relay);
	for (int i = 0; i < WORLD_SERVERS; i++)
		if (world.servers[i].fd >= 0)
			close(world.servers[i].fd);
	loop_free(world.loop);
}

uint64_t world_count(enum counter counter)
{
	return world.counters.value[counter];
}

/* Servers. */

static void send_answer(struct server *server, int code, size_t length)
{
	uint8_t answer[65535] = { 0 };

	memcpy(answer, server->query, server->query_length);
	answer[2] |= 0x80;
	answer[3] = (uint8_t)(0x80 | code);
	answer[length - 1] = (uint8_t)(server - world.servers);
	if (server->behaviour == GARBLES_ID)
		answer[0] ^= 1;
	if (server->behaviour == ECHOES_QUERY)
		answer[2] &= 0x7f;
	ck_assert_int_eq(sendto(server->fd, answer, length, 0, (struct sockaddr *)&server->asker,
				server->asker_length),
			 (ssize_t)length);
}

void server_answer(struct server *server, int code)
{
	send_answer(server, code, server->query_length + 1);
}

static void on_query(int fd, uint32_t events, void *data)
{
	static const int codes[] = { [SAYS_NAME] = 3,
				     [SAYS_FAILURE] = 2,
				     [SAYS_NOT_IMPLEMENTED] = 4,
				     [SAYS_REFUSED] = 5,
				     [IS_UNREACHABLE] = 0 };
	struct server *server = data;
	ssize_t length;

	(void)events;
	server->asker_length = sizeof(server->asker);
	length = recvfrom(fd, server->query, sizeof(server->query), 0,
			  (struct sockaddr *)&server->asker, &server->asker_length);
	ck_assert_int_ge(length, 12);
	server->query_length = (size_t)length;
	server->asked++;
	if (server->behaviour == KEEPS_SILENT)
		return;
	if (server->behaviour == ANSWERS_SHORT)
		send_answer(server, 0, 11);
	else if (server->behaviour == ANSWERS_AT_LENGTH)
		send_answer(server, 0, server->answer_size);
	else
		send_answer(server, codes[server->behaviour], server->query_length + 1);
}

void world_serve(int index, sa_family_t family, enum behaviour behaviour)
{
	struct server *server = &world.servers[index];
	struct sockaddr_storage storage;
	socklen_t length;

	memset(server, 0, sizeof(*server));
	server->behaviour = behaviour;
	server->endpoint.address.family = family;
	if (family == AF_INET)
		server->endpoint.address.v4.s_addr = htonl(INADDR_LOOPBACK);
	else
		server->endpoint.address.v6 = in6addr_loopback;
	server->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	length = endpoint_to_sockaddr(&server->endpoint, &storage);
	ck_assert_int_eq(bind(server->fd, (struct sockaddr *)&storage, length), 0);
	ck_assert_int_eq(getsockname(server->fd, (struct sockaddr *)&storage, &length), 0);
	ck_assert(endpoint_from_sockaddr((struct sockaddr *)&storage, length, &server->endpoint));
	ck_assert_int_eq(loop_watch(world.loop, server->fd, EPOLLIN, on_query, server), 0);
	if (behaviour == IS_CLOSED) {
		loop_unwatch(world.loop, server->fd);
		close(server->fd);
		server->fd = -1;
	}
	/* Without SO_BROADCAST connect refuses this one itself: nothing is sent. */
	if (behaviour == IS_UNREACHABLE)
		server->endpoint.address.v4.s_addr = htonl(INADDR_BROADCAST);
}

void world_configure(uint32_t count)
{
	struct dns_servers servers = { .count = count };

	for (uint32_t i = 0; i < count; i++)
		servers.servers[i] = world.servers[i].endpoint;
	dns_relay_set_servers(world.relay, &servers);
}

/* The container. */

static const uint8_t guest_hardware[6] = { 0x52, 0x55, 10, 0, 2, 100 };
static const uint8_t relay_hardware[6] = { 0x52, 0x55, 10, 0, 2, 3 };

static size_t ip_size(sa_family_t family)
{
	return family == AF_INET ? IP4_SIZE : IP6_SIZE;
}

/* Writes source and destination; the same function serves to check an answer's. */
static void write_addresses(sa_family_t family, uint8_t *ip, bool to_relay)
{
	static const char *const texts[][2] = { { "10.0.2.100", "10.0.2.3" },
						{ "fd00::100", "fd00::3" } };
	const char *const *row = texts[family == AF_INET6];
	size_t offset = family == AF_INET ? IP4_SOURCE : IP6_SOURCE;
	size_t size = family == AF_INET ? IP4_ADDRESS_SIZE : IP6_ADDRESS_SIZE;

	ck_assert_int_eq(inet_pton(family, row[!to_relay], ip + offset), 1);
	ck_assert_int_eq(inet_pton(family, row[to_relay], ip + offset + size), 1);
}

void guest_send(sa_family_t family, uint16_t port, const void *payload, size_t length,
		size_t udp_length)
{
	size_t udp = ETHERNET_SIZE + ip_size(family);
	uint8_t *data = calloc(1, udp + UDP_SIZE + length);
	struct frame frame = { .data = data,
			       .length = (uint32_t)(udp + UDP_SIZE + length),
			       .ethertype = family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6,
			       .transport_offset = (uint16_t)udp,
			       .protocol = IPPROTO_UDP };

	memcpy(data + ETHERNET_DESTINATION, relay_hardware, 6);
	memcpy(data + ETHERNET_SOURCE, guest_hardware, 6);
	wire_put16(data + ETHERNET_TYPE, frame.ethertype);
	data[ETHERNET_SIZE] = family == AF_INET ? 0x45 : 0x60;
	write_addresses(family, data + ETHERNET_SIZE, true);
	wire_put16(data + udp + UDP_SOURCE, port);
	wire_put16(data + udp + UDP_DESTINATION, DNS_PORT);
	wire_put16(data + udp + UDP_LENGTH, (uint16_t)udp_length);
	memcpy(data + udp + UDP_SIZE, payload, length);
	dns_relay_query(world.relay, &frame);
	/* The relay has a copy of its own. */
	free(data);
}

size_t make_query(uint8_t *buffer, uint16_t id)
{
	static const uint8_t rest[] = "\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0";

	wire_put16(buffer, id);
	memcpy(buffer + 2, rest, sizeof(rest));
	buffer[2 + sizeof(rest) - 1] = 1;
	return 2 + sizeof(rest);
}

void guest_ask(sa_family_t family, uint16_t port, uint16_t id)
{
	uint8_t query[64];
	size_t length = make_query(query, id);

	guest_send(family, port, query, length, UDP_SIZE + length);
}

static void check_headers(sa_family_t family, uint16_t port, size_t length)
{
	const uint8_t *ip = world.frame + ETHERNET_SIZE;
	const uint8_t *udp = ip + ip_size(family);
	uint8_t expected[IP6_SIZE];
	uint32_t sum = checksum_pseudo_header(ip, IPPROTO_UDP, (uint32_t)(UDP_SIZE + length));

	ck_assert_mem_eq(world.frame + ETHERNET_DESTINATION, guest_hardware, 6);
	ck_assert_mem_eq(world.frame + ETHERNET_SOURCE, relay_hardware, 6);
	memcpy(expected, ip, ip_size(family));
	write_addresses(family, expected, false);
	ck_assert_mem_eq(ip, expected, ip_size(family));
	ck_assert_uint_eq(wire_get16(udp + UDP_SOURCE), DNS_PORT);
	ck_assert_uint_eq(wire_get16(udp + UDP_DESTINATION), port);
	ck_assert_uint_eq(wire_get16(udp + UDP_LENGTH), UDP_SIZE + length);
	ck_assert_uint_eq(checksum_finish(checksum_add(sum, udp, UDP_SIZE + length)), 0);
}

const uint8_t *guest_payload(sa_family_t family, uint16_t port, size_t *ret_length)
{
	size_t start = ETHERNET_SIZE + ip_size(family) + UDP_SIZE;

	ck_assert_int_gt(world.frames, 0);
	ck_assert_uint_ge(world.frame_length, start + 12);
	*ret_length = world.frame_length - start;
	check_headers(family, port, *ret_length);
	return world.frame + start;
}

int guest_code(sa_family_t family, uint16_t port)
{
	size_t length;

	return guest_payload(family, port, &length)[3] & 15;
}
