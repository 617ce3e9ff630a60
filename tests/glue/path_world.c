/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet path between a fake container and sockets on loopback. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <linux/virtio_net.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "tests/glue/path_world.h"

/* Far longer than anything here takes, also on a slow machine under a sanitizer. */
#define DEADLINE_NS (20ULL * 1000 * 1000 * 1000)

struct world world;

static const uint8_t guest_hardware[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

static void deadline_passed(void *data)
{
	(void)data;
	world.expired = true;
}

void world_setup(void)
{
	memset(&world, 0, sizeof(world));
	ck_assert(network_plan(NULL, NULL, true, 1500, &world.config.network, NULL));
	world.config.link = LINK_SOCKET;
	world.config.host_loopback = true;
	world.config.configured = true;
	world.config.flows_max = 1000;
	world.container = -1;
	world.loop = loop_new();
	ck_assert_ptr_nonnull(world.loop);
	world.deadline = loop_timer_new(world.loop, deadline_passed, NULL);
}

void world_open(void)
{
	struct path_descriptors descriptors = { .pcap = -1 };
	int pair[2], size = 1 << 20;

	ck_assert_int_eq(descriptor_pair(pair), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(descriptor_set_nonblocking(pair[i]), 0);
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	}
	descriptors.link = pair[0];
	world.container = pair[1];
	world.path = path_new(&world.config, world.loop, &world.counters, &descriptors);
	ck_assert_ptr_nonnull(world.path);
}

void world_teardown(void)
{
	path_free(world.path);
	loop_timer_free(world.deadline);
	loop_free(world.loop);
	descriptor_close(&world.container);
}

uint64_t world_count(enum counter counter)
{
	return world.counters.value[counter];
}

void world_wait(bool (*done)(void *data), void *data)
{
	world.expired = false;
	loop_timer_set(world.deadline, loop_now(world.loop) + DEADLINE_NS);
	while (!done(data)) {
		ck_assert_msg(!world.expired, "nothing more happens");
		ck_assert(path_turn(world.path));
	}
	loop_timer_set(world.deadline, 0);
}

/* The container. */

struct bytes {
	const void *data;
	size_t length;
};

static bool try_send(void *data)
{
	const struct bytes *bytes = data;
	ssize_t sent = send(world.container, bytes->data, bytes->length, MSG_NOSIGNAL);

	if (sent < 0)
		ck_assert_int_eq(errno, EAGAIN);
	return sent >= 0;
}

void world_put_bytes(const void *bytes, size_t length)
{
	world_wait(try_send, &(struct bytes){ bytes, length });
}

void world_put(void)
{
	static uint8_t bytes[sizeof(struct virtio_net_hdr) + sizeof(world.packet.data)];
	size_t header = world.config.link_vnet_header ? sizeof(struct virtio_net_hdr) : 0;

	memset(bytes, 0, header);
	memcpy(bytes + header, world.packet.data, world.packet.length);
	world_put_bytes(bytes, header + world.packet.length);
}

static void answer_arp(const uint8_t *question)
{
	packet_make_arp(&world.packet, 2);
	memcpy(world.packet.data + 14 + 14, question + 14 + 24, 4);
	memcpy(world.packet.data + 14 + 24, question + 14 + 14, 4);
	memcpy(world.packet.data + 14 + 18, question + 14 + 8, 6);
	world_put();
}

/* RFC 4861, section 4.4: flags, target, and the target's hardware address as an option. */
static void answer_discovery(void)
{
	uint8_t *message = world.packet.data + 14 + 40;

	packet_make_icmp(&world.packet, GUEST6, GATEWAY6, ND_NEIGHBOR_ADVERT, 24);
	packet_put32(message + 4, 0x60000000);
	memcpy(message + 8, world.packet.data + 14 + 8, 16);
	message[24] = ND_OPT_TARGET_LINKADDR;
	message[25] = 1;
	memcpy(message + 26, guest_hardware, 6);
	packet_mend(&world.packet);
	world_put();
}

static void answer_neighbour(const uint8_t *frame, size_t length)
{
	if (packet_get16(frame + 12) == 0x0806 && packet_get16(frame + 14 + 6) == 1)
		answer_arp(frame);
	if (length >= 14 + 40 + 24 && packet_get16(frame + 12) == 0x86dd &&
	    frame[14 + 6] == IPPROTO_ICMPV6 && frame[14 + 40] == ND_NEIGHBOR_SOLICIT)
		answer_discovery();
}

static bool is_fragment(const uint8_t *frame)
{
	if (packet_get16(frame + 12) == 0x0800)
		return packet_get16(frame + 14 + 6) & 0x3fff;
	return packet_get16(frame + 12) == 0x86dd && frame[14 + 6] == 44;
}

/* What the path sends must be right; behind a header its checksum is left to the device. */
static void check_frame(const uint8_t *frame, size_t length, bool needs_checksum)
{
	uint16_t type = packet_get16(frame + 12);

	ck_assert_uint_ge(length, 14 + 28);
	ck_assert(type == 0x0806 || type == 0x0800 || type == 0x86dd);
	if (type != 0x0806 && !needs_checksum && !is_fragment(frame))
		ck_assert(packet_is_right(frame, (uint32_t)length));
}

/* Takes the next frame. Returns false if there is none. */
static bool take_frame(void)
{
	static uint8_t bytes[sizeof(struct virtio_net_hdr) + sizeof(world.packet.data)];
	size_t skip = world.config.link_vnet_header ? sizeof(struct virtio_net_hdr) : 0;
	struct virtio_net_hdr header = { 0 };
	ssize_t length = recv(world.container, bytes, sizeof(bytes), 0);

	if (length < 0) {
		ck_assert_int_eq(errno, EAGAIN);
		return false;
	}
	ck_assert_uint_gt(length, skip);
	memcpy(&header, bytes, skip);
	world.frame.gso_type = header.gso_type;
	world.frame.gso_size = header.gso_size;
	world.frame.packet.length = (uint32_t)((size_t)length - skip);
	memcpy(world.frame.packet.data, bytes + skip, world.frame.packet.length);
	check_frame(world.frame.packet.data, world.frame.packet.length,
		    header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM);
	return true;
}

bool world_received(world_match matches, void *data)
{
	while (take_frame()) {
		const struct packet_bytes *packet = &world.frame.packet;

		if (matches(packet->data, packet->length, data))
			return true;
		answer_neighbour(packet->data, packet->length);
	}
	return false;
}

struct expectation {
	world_match matches;
	void *data;
};

static bool is_met(void *data)
{
	const struct expectation *expectation = data;

	return world_received(expectation->matches, expectation->data);
}

void world_expect(world_match matches, void *data)
{
	world_wait(is_met, &(struct expectation){ matches, data });
}

static bool is_arp_answer(const uint8_t *frame, size_t length, void *data)
{
	static const uint8_t gateway[] = { 10, 0, 2, 2 };

	(void)data;
	return length >= 42 && packet_get16(frame + 12) == 0x0806 &&
	       packet_get16(frame + 14 + 6) == 2 && memcmp(frame + 14 + 14, gateway, 4) == 0 &&
	       memcmp(frame, guest_hardware, 6) == 0;
}

void world_ask_gateway(void)
{
	packet_make_arp(&world.packet, 1);
	world_put();
	world_expect(is_arp_answer, NULL);
}

/* The host. */

static void wake_up(int fd, uint32_t events, void *data)
{
	(void)fd;
	(void)events;
	(void)data;
}

static void watch(int fd)
{
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(loop_watch(world.loop, fd, EPOLLIN, wake_up, NULL), 0);
}

int host_open(sa_family_t family, int type, uint16_t *ret_port)
{
	struct endpoint endpoint = { .address = { .family = family } };
	struct sockaddr_storage storage;
	socklen_t length;
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (family == AF_INET)
		endpoint.address.v4.s_addr = htonl(INADDR_LOOPBACK);
	else
		endpoint.address.v6 = in6addr_loopback;
	length = endpoint_to_sockaddr(&endpoint, &storage);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&storage, length), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, SOMAXCONN), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&storage, &length), 0);
	ck_assert(endpoint_from_sockaddr((struct sockaddr *)&storage, length, &endpoint));
	*ret_port = endpoint.port;
	watch(fd);
	return fd;
}

struct transfer {
	int fd;
	void *buffer;
	size_t size;
	struct sockaddr_storage *from;
	ssize_t result;
};

static bool try_accept(void *data)
{
	struct transfer *transfer = data;

	transfer->result = accept4(transfer->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (transfer->result < 0)
		ck_assert_int_eq(errno, EAGAIN);
	return transfer->result >= 0;
}

int host_accept(int listener)
{
	struct transfer transfer = { .fd = listener };

	world_wait(try_accept, &transfer);
	watch((int)transfer.result);
	return (int)transfer.result;
}

static bool try_receive(void *data)
{
	struct transfer *transfer = data;
	socklen_t length = sizeof(*transfer->from);

	transfer->result =
		recvfrom(transfer->fd, transfer->buffer, transfer->size, 0,
			 (struct sockaddr *)transfer->from, transfer->from ? &length : NULL);
	if (transfer->result < 0)
		ck_assert_int_eq(errno, EAGAIN);
	return transfer->result >= 0;
}

size_t host_receive(int fd, void *buffer, size_t size, struct sockaddr_storage *ret_from)
{
	struct transfer transfer = { .fd = fd, .buffer = buffer, .size = size, .from = ret_from };

	world_wait(try_receive, &transfer);
	return (size_t)transfer.result;
}

void host_close(int fd)
{
	loop_unwatch(world.loop, fd);
	close(fd);
}
