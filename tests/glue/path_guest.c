/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fake container of the path's tests says over TCP and UDP. */

#include "config.h"

#include <check.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/glue/path_guest.h"
#include "tests/glue/path_world.h"

static bool is_v6(const uint8_t *frame)
{
	return packet_get16(frame + 12) == 0x86dd;
}

/* The protocol of an IP packet, or 0. */
static uint8_t protocol_of(const uint8_t *frame)
{
	uint16_t type = packet_get16(frame + 12);

	if (type != 0x0800 && type != 0x86dd)
		return 0;
	return is_v6(frame) ? frame[14 + 6] : frame[14 + 9];
}

/* True for a frame of the flow to the container. A port of 0 is any. */
static bool is_of_flow(const uint8_t *frame, const struct guest_flow *flow, uint8_t protocol)
{
	const uint8_t *transport;

	if (protocol_of(frame) != protocol)
		return false;
	transport = frame + packet_transport(frame);
	return packet_has_source(frame, flow->peer) &&
	       packet_has_destination(frame, flow->address) &&
	       packet_get16(transport + 2) == flow->port &&
	       (flow->peer_port == 0 || packet_get16(transport) == flow->peer_port);
}

const uint8_t *guest_payload(size_t *ret_size)
{
	const struct packet_bytes *packet = &world.frame.packet;
	uint32_t start = packet_transport(packet->data);

	if (protocol_of(packet->data) == IPPROTO_TCP)
		start += (packet->data[start + 12] >> 4) * 4U;
	else
		start += 8;
	ck_assert_uint_le(start, packet->length);
	*ret_size = packet->length - start;
	return packet->data + start;
}

/* TCP. */

static void add_mss(uint16_t mss)
{
	uint32_t tcp = packet_transport(world.packet.data);
	uint8_t *option = world.packet.data + tcp + 20;

	memmove(option + 4, option, world.packet.length - tcp - 20);
	world.packet.data[tcp + 12] = 6 << 4;
	option[0] = 2;
	option[1] = 4;
	packet_put16(option + 2, mss);
	world.packet.length += 4;
	if (is_v6(world.packet.data))
		packet_put16(world.packet.data + 14 + 4, (uint16_t)(world.packet.length - 54));
	else
		packet_put16(world.packet.data + 14 + 2, (uint16_t)(world.packet.length - 14));
}

void guest_send_segment(struct guest_flow *flow, uint8_t flags, uint8_t first, size_t size)
{
	uint8_t *tcp, *data;

	packet_make_tcp(&world.packet, flow->address, flow->port, flow->peer, flow->peer_port,
			flags, size);
	tcp = world.packet.data + packet_transport(world.packet.data);
	data = tcp + 20;
	packet_put32(tcp + 4, flow->sequence);
	packet_put32(tcp + 8, flags & PACKET_ACK ? flow->expected : 0);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(first + i);
	if (flags & PACKET_SYN && flow->mss)
		add_mss(flow->mss);
	packet_mend(&world.packet);
	world_put();
	flow->sequence += (uint32_t)size + !!(flags & (PACKET_SYN | PACKET_FIN));
}

struct segment_match {
	const struct guest_flow *flow;
	uint8_t flags;
};

static bool is_segment(const uint8_t *frame, size_t length, void *data)
{
	const struct segment_match *match = data;

	if (length < 54 || !is_of_flow(frame, match->flow, IPPROTO_TCP))
		return false;
	return (frame[packet_transport(frame) + 13] & match->flags) == match->flags;
}

void guest_expect_segment(struct guest_flow *flow, uint8_t flags)
{
	world_expect(is_segment, &(struct segment_match){ flow, flags });
}

static const uint8_t *last_tcp(void)
{
	return world.frame.packet.data + packet_transport(world.frame.packet.data);
}

void guest_connect(struct guest_flow *flow)
{
	guest_send_segment(flow, PACKET_SYN, 0, 0);
	guest_expect_segment(flow, PACKET_SYN | PACKET_ACK);
	ck_assert_uint_eq(packet_get32(last_tcp() + 8), flow->sequence);
	flow->expected = packet_get32(last_tcp() + 4) + 1;
	guest_send_segment(flow, PACKET_ACK, 0, 0);
}

static void expect_connection(struct guest_flow *flow)
{
	flow->peer_port = 0;
	guest_expect_segment(flow, PACKET_SYN);
	flow->peer_port = packet_get16(last_tcp());
	flow->expected = packet_get32(last_tcp() + 4) + 1;
}

void guest_refuse(struct guest_flow *flow)
{
	expect_connection(flow);
	guest_send_segment(flow, PACKET_RST | PACKET_ACK, 0, 0);
}

void guest_accept(struct guest_flow *flow)
{
	expect_connection(flow);
	guest_send_segment(flow, PACKET_SYN | PACKET_ACK, 0, 0);
	guest_expect_segment(flow, PACKET_ACK);
	ck_assert_uint_eq(packet_get32(last_tcp() + 8), flow->sequence);
}

/* RFC 9293, section 3.10.7.3: in SYN-SENT a RST counts if it acknowledges the SYN. */
bool guest_is_reset(struct guest_flow *flow)
{
	if (!world_received(is_segment, &(struct segment_match){ flow, PACKET_RST }))
		return false;
	ck_assert(last_tcp()[13] & PACKET_ACK);
	ck_assert_uint_eq(packet_get32(last_tcp() + 8), flow->sequence);
	return true;
}

void guest_receive(struct guest_flow *flow, uint8_t first, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const uint8_t *data;
		size_t length;

		guest_expect_segment(flow, PACKET_ACK);
		data = guest_payload(&length);
		/* On a slow machine a segment may come once more. */
		if (length == 0 || packet_get32(last_tcp() + 4) != flow->expected)
			continue;
		ck_assert_uint_le(done + length, size);
		for (size_t i = 0; i < length; i++)
			ck_assert_uint_eq(data[i], (uint8_t)(first + done + i));
		done += length;
		flow->expected += (uint32_t)length;
		guest_send_segment(flow, PACKET_ACK, 0, 0);
	}
}

/* Datagrams. */

void guest_send_datagram(const struct guest_flow *flow, size_t size)
{
	packet_make_udp(&world.packet, flow->address, flow->port, flow->peer, flow->peer_port,
			size);
	world_put();
}

static bool is_datagram(const uint8_t *frame, size_t length, void *data)
{
	return length >= 42 && is_of_flow(frame, data, IPPROTO_UDP);
}

void guest_expect_datagram(const struct guest_flow *flow, const void *payload, size_t size)
{
	size_t length;

	world_expect(is_datagram, (void *)flow);
	ck_assert_mem_eq(guest_payload(&length), payload, size);
	ck_assert_uint_eq(length, size);
}

static bool is_icmp(const uint8_t *frame, size_t length, void *data)
{
	const uint8_t *message = frame + packet_transport(frame), *wanted = data;
	uint8_t protocol = protocol_of(frame);

	return length >= 14 + 28 && (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) &&
	       message[0] == wanted[0] && message[1] == wanted[1];
}

void guest_expect_icmp(uint8_t type, uint8_t code)
{
	world_expect(is_icmp, (uint8_t[]){ type, code });
}
