/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One Ethernet frame from the container, parsed and checked before anything else looks at it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/counters.h"

/*
 * The most that a frame can hold: an Ethernet header and the largest IP packet, which is an IPv6
 * one, for its length field does not count its header of 40 bytes.
 */
#define FRAME_MAX (14 + 40 + 65535)

/* What the sender left for the device to do: what matters here of struct virtio_net_hdr. */
struct frame_offload {
	bool needs_checksum;	  /* a checksum is to be put at checksum_start + checksum_offset */
	uint16_t checksum_start;  /* bytes from the start of the frame */
	uint16_t checksum_offset; /* bytes from checksum_start */
	uint16_t datagram_size;	  /* the frame is many UDP datagrams with so much data each; or 0 */
};

/*
 * A parsed frame; data is borrowed and may be changed in place. It need not be where the caller's
 * buffer starts: IPv4 options are taken out by moving the headers up to the payload.
 */
struct frame {
	uint8_t *data;
	uint32_t length;	   /* after trimming what follows the IP packet */
	uint16_t ethertype;	   /* host byte order */
	uint16_t transport_offset; /* of the TCP, UDP or ICMP header; 0 if there is none */
	uint8_t protocol;	   /* IPPROTO_*; 0 for ARP */
	bool fragment;		   /* IPv4 or IPv6 fragment: only the IP layer is parsed */
};

/*
 * Parses and checks one frame of length bytes at data: lengths agree with each other, headers are
 * whole, the protocol is one that libslirp knows. Mends, with the checksums, what a sender may send
 * but libslirp should not see: IPv4 options and the TCP urgent pointer are taken out, and so is
 * what follows a UDP datagram within its IP packet. Returns true and fills *ret_frame; or returns
 * false and has counted why.
 */
bool frame_parse(uint8_t *data, uint32_t length, struct counters *counters,
		 struct frame *ret_frame);

/*
 * Completes the checksum that the sender left to the device. Returns false, counted, if the
 * request points outside of the frame.
 */
bool frame_complete_checksum(uint8_t *data, uint32_t length, const struct frame_offload *offload,
			     struct counters *counters);

/* True if the checksum of the TCP segment, UDP datagram or ICMP message in the frame is right. */
bool frame_has_right_checksum(const struct frame *frame);

/* The endpoints of a parsed IP frame; the ports are 0 for ICMP, and for fragments. */
void frame_source(const struct frame *frame, struct endpoint *ret_source);
void frame_destination(const struct frame *frame, struct endpoint *ret_destination);

/* True for a TCP segment with SYN and without ACK: the start of a flow. */
bool frame_starts_tcp(const struct frame *frame);
