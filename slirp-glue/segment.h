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
