/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts up what a program of the container sent with UDP_SEGMENT (udp(7)): one frame that stands for
 * many datagrams of one size, as QUIC libraries send them. libslirp takes one datagram at a time.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * As many datagrams as the kernel lets a program put into one frame (UDP_MAX_SEGMENTS). Without a
 * bound one frame, made by hand, could stand for as many datagrams as it has bytes.
 */
#define UDP_SEGMENTS_MAX 128

/* Goes over the datagrams of one frame; plain data. */
struct udp_segments {
	const uint8_t *frame; /* borrowed */
	size_t length;
	size_t headers; /* Ethernet, IP and UDP */
	size_t size;	/* of each datagram's data, the last may be shorter */
	size_t offset;	/* of the next datagram's data in the frame */
};

/*
 * Starts on a frame whose datagrams hold size bytes of data each. Returns false where it isn't UDP
 * over an IP header without options or extensions, size is 0, or there would be more than
 * UDP_SEGMENTS_MAX.
 */
bool udp_segments_start(struct udp_segments *segments, const uint8_t *frame, size_t length,
			uint16_t size);

/*
 * Writes the next datagram as a frame with whole checksums to buffer, which holds at least the
 * headers and size bytes (no more than the frame itself). Returns its length, or 0 after the last.
 */
size_t udp_segments_next(struct udp_segments *segments, uint8_t *buffer);
