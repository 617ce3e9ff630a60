/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For live tests: the other side of a device, frame by frame. */
#pragma once

#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "namespace/device.h"

#define WIRE_FRAME_MAX 66000

struct wire_frame {
	struct virtio_net_hdr header; /* zero for a device without one */
	size_t length;
	uint8_t bytes[WIRE_FRAME_MAX];
};

typedef bool wire_match(const struct wire_frame *frame, const void *argument);

/* Reads frames until one matches, for at most three seconds; false if none did. */
bool wire_await(const struct device *device, wire_match *match, const void *argument,
		struct wire_frame *ret_frame);

/* Sends a frame; fails the running test if the device does not take it. */
void wire_send(const struct device *device, const struct wire_frame *frame);

/* Match an ARP request for the struct in_addr at argument, and a UDP packet over IPv4 to it. */
bool wire_is_arp_request(const struct wire_frame *frame, const void *argument);
bool wire_is_udp(const struct wire_frame *frame, const void *argument);

/* Makes the ARP reply to a request. */
void wire_answer_arp(const struct wire_frame *request, struct wire_frame *ret_reply);

/* Makes the UDP packet that sends the payload of a UDP packet back to where it came from. */
void wire_answer_udp(const struct wire_frame *packet, struct wire_frame *ret_reply);

/* Match a TCP packet over IPv4 to the struct in_addr at argument: any, and one with data. */
bool wire_is_tcp(const struct wire_frame *frame, const void *argument);
bool wire_is_tcp_data(const struct wire_frame *frame, const void *argument);

/* Makes the SYN-ACK to a SYN; the peer may then send 60000 bytes. */
void wire_answer_syn(const struct wire_frame *syn, struct wire_frame *ret_reply);

/* The payload of a UDP packet. */
const uint8_t *wire_payload(const struct wire_frame *frame, size_t *ret_length);

/* Where the UDP or TCP header starts in a frame, and their checksums in those. */
#define WIRE_TRANSPORT 34
#define WIRE_UDP_CHECKSUM 6
#define WIRE_TCP_CHECKSUM 16

/* The UDP or TCP checksum that a packet should have, and the one that it has; network byte order.
 */
uint16_t wire_checksum(const struct wire_frame *frame);
uint16_t wire_checksum_given(const struct wire_frame *frame);

/* Gives the packet the checksum that it should have. */
void wire_complete(struct wire_frame *frame);
