/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP fragmentation (RFC 791 3.2, RFC 8200 4.5) of packets to the container that are larger than its
 * MTU and aren't TCP: libslirp works with an MTU of its own, and sends large IPv6 datagrams whole.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Goes over the fragments of one frame; plain data. */
struct split {
	const uint8_t *frame; /* borrowed */
	size_t length;
	uint32_t mtu;		 /* bytes of IP packet */
	uint32_t identification; /* of an IPv6 packet */
	size_t offset;		 /* of the next fragment's data in the packet's */
};

/* True if the frame holds an IP packet longer than mtu: it is to be split. */
bool split_is_needed(const uint8_t *frame, size_t length, uint32_t mtu);

/* Starts to split a frame; each packet has an identification of its own. */
void split_start(struct split *split, const uint8_t *frame, size_t length, uint32_t mtu,
		 uint32_t identification);

/*
 * Writes the next fragment as a frame to buffer, which holds at least 14 + mtu bytes. Returns its
 * length; 0 after the last, and for a packet that can't be split (its header lies, or mtu is too
 * small).
 */
size_t split_next(struct split *split, uint8_t *buffer);
