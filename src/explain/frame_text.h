/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a frame carries, in words. The frame may be anything, and may be cut short: what is not
 * there is not told. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "explain/topic.h"

enum direction {
	DIRECTION_NONE,
	DIRECTION_OUT, /* from the container to the engine */
	DIRECTION_IN,  /* from the engine to the container */
};

#define FRAME_TEXT_MAX 512

struct frame_note {
	enum topic topic;
	enum direction direction;
	uint8_t protocol;     /* IPPROTO_*; 0 for what is no IP packet */
	struct endpoint from; /* family AF_UNSPEC: not known; ports only of TCP and UDP */
	struct endpoint to;
	uint64_t length;	   /* bytes of the frame */
	uint64_t payload;	   /* bytes of data in a TCP segment or a UDP datagram */
	char text[FRAME_TEXT_MAX]; /* printable ASCII in one line, "" where the topic says it all */
};

/*
 * Describes a frame of length bytes, of which the first captured are at data. Who sent it is told
 * by its source's Ethernet address, for those of libslirp begin alike (RFC 7042: locally
 * administered).
 */
void frame_describe(const uint8_t *data, size_t captured, size_t length,
		    struct frame_note *ret_note);
