/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes one TCP segment of several that follow each other: libslirp's segments are small, so that
 * enough of them fit into its window, and each by itself costs a write and a wake-up of whoever
 * receives it. Only for links whose frames carry a struct virtio_net_hdr, which says that a segment
 * stands for many (segment.h): the checksum of what comes out is not filled in. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slirp-glue/frame.h"

/* Bytes of data in a merged segment at most: as many as fit into an IPv4 packet. */
#define DATA_MERGE_MAX 65495

/* Plain data; all zero is empty. */
struct data_merge {
	size_t length;	      /* of frame; 0: empty */
	uint16_t data_offset; /* where the segment's data start */
	uint8_t frame[FRAME_MAX];
};

/*
 * Appends the data of a frame to the container to the frame that is kept. Returns false, with
 * nothing changed, if none is kept or this is not its continuation: other addresses, ports,
 * acknowledgement or window, another sequence number than the next one, flags other than ACK and
 * PSH, TCP options, or too long together.
 */
bool data_merge_append(struct data_merge *merge, const uint8_t *frame, size_t length);

/*
 * Keeps a copy of the frame, in an empty merge, if it is one that others may be appended to.
 * Returns false if it is not, or so small that more of its kind are not worth a copy.
 */
bool data_merge_keep(struct data_merge *merge, const uint8_t *frame, size_t length);

/* True if nothing more can be appended. */
bool data_merge_is_full(const struct data_merge *merge);
