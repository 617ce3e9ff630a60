/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fake container of the path's tests says over TCP and UDP. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One end of a TCP connection, or of an exchange of datagrams. The ports are in host byte order. */
struct guest_flow {
	const char *address; /* the container's */
	uint16_t port;
	const char *peer;
	uint16_t peer_port;
	uint32_t sequence; /* of the next byte that the container sends */
	uint32_t expected; /* of the next byte that it receives */
	uint16_t mss;	   /* announced in its SYN; 0: none */
};

/* Segments from the container; size bytes of data, which count up from the first one's value. */
void guest_send_segment(struct guest_flow *flow, uint8_t flags, uint8_t first, size_t size);

/* Waits for a segment of the flow with all of flags, which is then in world.frame. */
void guest_expect_segment(struct guest_flow *flow, uint8_t flags);

/* Opens a connection; or waits for one from the host, and takes its port over. */
void guest_connect(struct guest_flow *flow);
void guest_accept(struct guest_flow *flow);

/* Waits for a connection from the host, and refuses it. */
void guest_refuse(struct guest_flow *flow);

/* True if a RST of the flow is there without waiting; one that the container would believe. */
bool guest_is_reset(struct guest_flow *flow);

/* Waits until size bytes have come and checks them; acknowledges each segment. */
void guest_receive(struct guest_flow *flow, uint8_t first, size_t size);

/* Datagrams. The one waited for is then in world.frame. */
void guest_send_datagram(const struct guest_flow *flow, size_t size);
void guest_expect_datagram(const struct guest_flow *flow, const void *payload, size_t size);

/* Waits for an ICMP or ICMPv6 message of the given type and code. */
void guest_expect_icmp(uint8_t type, uint8_t code);

/* The bytes of data in the segment or datagram in world.frame. */
const uint8_t *guest_payload(size_t *ret_size);
