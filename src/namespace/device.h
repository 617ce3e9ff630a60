/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's end of the packet path: a tap, or a veth pair and a socket on its far end. */
#pragma once

#include <glib.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

enum device_kind {
	DEVICE_AUTO, /* tap where /dev/net/tun can be opened, else veth */
	DEVICE_TAP,
	DEVICE_VETH,
};

struct device {
	enum device_kind kind; /* DEVICE_TAP or DEVICE_VETH */
	bool vnet_header;      /* each frame starts with a struct virtio_net_hdr of 10 bytes */
	int fd;		       /* CLOEXEC and non-blocking; the holder's */
	char name[IF_NAMESIZE];
};

/*
 * Makes the device called name (or attaches to the tap of that name, if there is one) in the
 * network namespace of the calling thread, with mtu, and leaves it down if it is new. For veth the
 * far end and its socket live in a hidden network namespace, which lasts as long as the socket: the
 * calling process must have one thread, for its network namespace is changed and changed back.
 * Returns false with error set, in words that say what to do where /dev/net/tun can't be opened.
 *
 * Frames come with VIRTIO_NET_HDR_F_NEEDS_CSUM where a checksum is left to be filled in, and a TCP
 * segment of up to 64 KiB in one frame (gso_type TCPV4 or TCPV6) whatever the MTU is. Root in the
 * container can set a veth to send other things (ethtool -K, a larger gso_max_size): frames are not
 * to be trusted, and read(2) may fail with EINVAL for a frame that has no virtio_net_hdr.
 */
bool device_open(enum device_kind kind, const char *name, uint32_t mtu, struct device *ret_device,
		 GError **error);

/*
 * Closes the descriptor and takes the interface away, in the network namespace that it was opened
 * in. (When the descriptor is closed alone, a veth goes too, but some time later.)
 */
void device_discard(struct device *device);

/* "tap" or "veth". */
const char *device_kind_name(enum device_kind kind);
