/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the parts of a TCP frame lie, for frames whose IP header has neither options nor
 * extensions. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offsets from the start of the frame, in bytes. */
struct tcp_frame {
	bool v6;
	uint8_t address_size; /* of one address */
	uint16_t source;      /* the source address; the destination follows */
	uint16_t tcp;	      /* the TCP header */
	uint16_t data;	      /* what the segment carries; the frame's length where it is empty */
};

/* Finds them. Returns false if the frame is anything else, or shorter than its TCP header says. */
bool tcp_frame_find(const uint8_t *frame, size_t length, struct tcp_frame *ret_layout);
