/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts up IPv6 TCP segments that are longer than libslirp's MTU, as segmentation offload makes
 * them: libslirp answers every IPv6 packet beyond its if_mtu with "packet too big" (ip6_input),
 * which the sender of a segment that stands for many can't do anything about. It takes IPv4 of any
 * length. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slirp-glue/frame.h"

/* Goes over the pieces of one segment; plain data. */
struct tcp_segments {
	const uint8_t *frame; /* borrowed */
	size_t length;
	size_t headers; /* Ethernet, IP and TCP with its options */
	size_t size;	/* of each piece's data, the last may be shorter */
	size_t offset;	/* of the next piece's data in the frame */
};

/* True if the parsed frame is an IPv6 TCP segment in a packet longer than mtu. */
bool tcp_segments_are_needed(const struct frame *frame, uint32_t mtu);

/*
 * Starts on such a frame; mtu is at least IPv6's 1280. Returns false if the segment's checksum is
 * wrong: the pieces get new ones, which must not make it good.
 */
bool tcp_segments_start(struct tcp_segments *segments, const struct frame *frame, uint32_t mtu);

/*
 * Writes the next piece as a frame to buffer, which holds 14 + mtu bytes. Returns its length, or 0
 * after the last.
 */
size_t tcp_segments_next(struct tcp_segments *segments, uint8_t *buffer);
