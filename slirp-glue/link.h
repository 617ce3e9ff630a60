/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link to the container: frames in and out of a tap, a packet socket or a stream of packets.
 * The only code that knows how a frame lies on the descriptor.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/counters.h"
#include "base/message.h"
#include "slirp-glue/frame.h"

struct link;

/* fd is non-blocking and now the link's; mtu is the device's, in bytes of IP packet. Never NULL. */
struct link *link_new(int fd, enum link_kind kind, bool vnet_header, uint32_t mtu,
		      struct counters *counters);

/* Closes the descriptor; NULL is allowed. */
void link_free(struct link *link);

/* The descriptor, for polling; the link's. */
int link_fd(const struct link *link);

/*
 * Reads one frame. Returns its length with *ret_frame pointing at it (writable, valid until the
 * next call) and *ret_offload filled; 0 if none is waiting; or -errno if the link is lost.
 * A frame of no bytes, or shorter than the link's own header, is counted and passed over; after
 * many of those in a row 0 is returned too, and the descriptor is still readable.
 */
ssize_t link_read(struct link *link, uint8_t **ret_frame, struct frame_offload *ret_offload);

/*
 * Sends one frame, in order. A TCP acknowledgement without data may be kept until link_flush or
 * the next other frame of its flow, and is left out if one that covers it follows; data may be kept
 * until the next frame, and are joined to it if it continues them. A frame that the device doesn't
 * take is dropped and counted, as libslirp allows (TCP sends it again). The frame's checksum field
 * may be changed.
 */
void link_write(struct link *link, uint8_t *frame, size_t length);

/* Sends the data that link_write kept; and all that it kept. */
void link_send_data(struct link *link);
void link_flush(struct link *link);
