/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP segments larger than the device's MTU: what the kernel calls segmentation offload. A device
 * whose frames carry a struct virtio_net_hdr takes a segment of up to 64 KiB and says that it
 * stands for many; nobody cuts it up, for both ends are on this machine. Pure.
 */
#pragma once

#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What segments are said to stand for, whatever the device's MTU: packets that any bridge inside
 * the container passes on as they are. Small ones also fill libslirp's window of 64 KiB better, for
 * a sender puts only whole ones into a super-segment, and make its receiver acknowledge sooner.
 */
#define SEGMENT_MTU 1500

/*
 * Fills the header that goes before a frame to the container: a TCP segment's checksum is left to
 * whoever needs it (the field then holds the pseudo-header's sum, as the kernel expects), and one
 * that is longer than mtu is marked as many of that size. Other frames get an empty header. The
 * frame's checksum field is changed.
 */
void segment_describe(uint8_t *frame, size_t length, uint32_t mtu,
		      struct virtio_net_hdr *ret_header);

/*
 * Raises the maximum segment size that the container's SYN announces to mss, so that libslirp sends
 * segments of that size; changes nothing in other frames. transport_offset is that of the TCP
 * header.
 */
void segment_raise_mss(uint8_t *frame, size_t length, size_t transport_offset, uint16_t mss);

/*
 * Lowers the maximum segment size that a SYN to the container announces to what fits into a packet
 * of mtu bytes; changes nothing in other frames.
 */
void segment_limit_mss(uint8_t *frame, size_t length, uint32_t mtu);
