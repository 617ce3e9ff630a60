/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link to the container: frames in and out of a tap, a packet socket or a stream of packets. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "slirp-glue/ack_merge.h"
#include "slirp-glue/data_merge.h"
#include "slirp-glue/link.h"
#include "slirp-glue/segment.h"
#include "slirp-glue/split.h"

/* linux/virtio_net.h has it from 6.2 on. */
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

/* Frames that link_read passes over in one call, so that no sender can keep it busy for good. */
#define PASSED_OVER_MAX 64

#define VNET_HEADER sizeof(struct virtio_net_hdr)

/* Puts the IP header, 14 bytes into the frame, on a multiple of four behind either header. */
#define FRAME_OFFSET 10
_Static_assert(FRAME_OFFSET == VNET_HEADER, "the virtio header ends where the frame starts");

struct link {
	struct counters *counters;
	int fd;
	enum link_kind kind;
	bool vnet_header;
	uint32_t mtu;
	uint32_t segment_mtu;
	uint32_t identification; /* of the last packet that was split */
	struct ack_merge acks;
	struct data_merge data;
	uint8_t input[FRAME_OFFSET + FRAME_MAX] __attribute__((aligned(64)));
	uint8_t fragment[FRAME_MAX];
};

struct link *link_new(int fd, enum link_kind kind, bool vnet_header, uint32_t mtu,
		      struct counters *counters)
{
	struct link *link = g_aligned_alloc0(1, sizeof(*link), 64);

	link->fd = fd;
	link->kind = kind;
	link->vnet_header = vnet_header;
	link->mtu = mtu;
	link->segment_mtu = MIN(mtu, SEGMENT_MTU);
	link->counters = counters;
	return link;
}

void link_free(struct link *link)
{
	if (link == NULL)
		return;
	descriptor_close(&link->fd);
	g_aligned_free(link);
}

int link_fd(const struct link *link)
{
	return link->fd;
}

/*
 * The errors of a read that say something about one frame or one moment, not about the link. EINVAL
 * comes from a packet socket for a frame that no virtio header describes: the container can make
 * such by ethtool(8). The far end of a veth pair goes down only when the container deletes its own.
 */
static bool is_passing_error(const struct link *link, int number)
{
	static const int passing[] = { EAGAIN, EINTR, ENOBUFS, ENETDOWN, EINVAL, EMSGSIZE, ENOMEM };

	if (link->kind == LINK_PACKET && number == ENETDOWN)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(passing); i++) {
		if (number == passing[i])
			return true;
	}
	return false;
}

/* Returns false for a kind of super-segment that we never asked for and can't take apart. */
static bool read_offload(const uint8_t *bytes, struct frame_offload *ret_offload)
{
	struct virtio_net_hdr header;
	uint8_t gso_type;

	memcpy(&header, bytes, sizeof(header));
	ret_offload->needs_checksum = header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
	ret_offload->checksum_start = header.csum_start;
	ret_offload->checksum_offset = header.csum_offset;
	gso_type = header.gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
	if (gso_type == VIRTIO_NET_HDR_GSO_UDP_L4)
		ret_offload->datagram_size = header.gso_size;
	return gso_type == VIRTIO_NET_HDR_GSO_NONE || gso_type == VIRTIO_NET_HDR_GSO_TCPV4 ||
	       gso_type == VIRTIO_NET_HDR_GSO_TCPV6 || gso_type == VIRTIO_NET_HDR_GSO_UDP_L4;
}

/* An empty packet reads like the end of the stream; only poll(2) knows which it was. */
static bool is_ended(const struct link *link)
{
	struct pollfd entry = { .fd = link->fd, .events = POLLRDHUP };

	return link->kind == LINK_SOCKET && poll(&entry, 1, 0) > 0;
}

ssize_t link_read(struct link *link, uint8_t **ret_frame, struct frame_offload *ret_offload)
{
	size_t header = link->vnet_header ? VNET_HEADER : 0;
	uint8_t *start = link->input + FRAME_OFFSET - header;

	for (int passed = 0; passed < PASSED_OVER_MAX; passed++) {
		ssize_t length = read(link->fd, start, FRAME_MAX + header);

		if (length < 0)
			return is_passing_error(link, errno) ? 0 : -errno;
		if (length == 0 && is_ended(link))
			return -EPIPE;
		if ((size_t)length <= header) {
			counter_add(link->counters, short_frames);
			continue;
		}
		*ret_offload = (struct frame_offload){ 0 };
		if (link->vnet_header && !read_offload(start, ret_offload)) {
			counter_add(link->counters, bad_offload);
			continue;
		}
		*ret_frame = start + header;
		return length - (ssize_t)header;
	}
	return 0;
}

/* Writes one frame as it is, behind header where the link has one. */
static void write_raw(struct link *link, const struct virtio_net_hdr *header, const uint8_t *frame,
		      size_t length)
{
	struct iovec parts[2] = {
		{ .iov_base = (void *)header, .iov_len = VNET_HEADER },
		{ .iov_base = (void *)frame, .iov_len = length },
	};
	int skip = link->vnet_header ? 0 : 1;
	ssize_t written;

	do {
		written = writev(link->fd, parts + skip, 2 - skip);
	} while (written < 0 && errno == EINTR);
	if (written < 0) {
		counter_add(link->counters, output_refused);
		return;
	}
	counter_add(link->counters, frames_out);
	link->counters->value[COUNTER_bytes_out] += length;
}

static void write_fragments(struct link *link, const uint8_t *frame, size_t length)
{
	static const struct virtio_net_hdr no_offload;
	struct split split;
	size_t size;

	split_start(&split, frame, length, link->mtu, ++link->identification);
	while ((size = split_next(&split, link->fragment)) > 0)
		write_raw(link, &no_offload, link->fragment, size);
}

static void write_now(struct link *link, uint8_t *frame, size_t length)
{
	struct virtio_net_hdr header = { 0 };

	if (link->vnet_header) {
		segment_limit_mss(frame, length, link->segment_mtu);
		segment_describe(frame, length, link->segment_mtu, &header);
	}
	if (header.gso_type == VIRTIO_NET_HDR_GSO_NONE && split_is_needed(frame, length, link->mtu))
		write_fragments(link, frame, length);
	else
		write_raw(link, &header, frame, length);
}

void link_send_data(struct link *link)
{
	size_t length = link->data.length;

	if (length == 0)
		return;
	link->data.length = 0;
	write_now(link, link->data.frame, length);
}

/* Data that follow each other become one segment; nothing overtakes what is kept for that. */
static void write_or_keep(struct link *link, uint8_t *frame, size_t length)
{
	if (data_merge_append(&link->data, frame, length)) {
		counter_add(link->counters, segments_merged);
	} else {
		link_send_data(link);
		if (!link->vnet_header || !data_merge_keep(&link->data, frame, length))
			write_now(link, frame, length);
	}
	if (link->data.length > 0 && data_merge_is_full(&link->data))
		link_send_data(link);
}

static void send_slot(struct link *link, struct ack_slot *slot)
{
	write_or_keep(link, slot->frame, slot->length);
	ack_merge_sent(&link->acks, slot);
}

void link_write(struct link *link, uint8_t *frame, size_t length)
{
	struct ack_slot *slot;

	for (;;) {
		switch (ack_merge_add(&link->acks, frame, length, &slot)) {
		case ACK_FIRST:
			send_slot(link, slot);
			continue;
		case ACK_SEND:
			write_or_keep(link, frame, length);
			return;
		case ACK_MERGED:
			counter_add(link->counters, acks_merged);
			return;
		case ACK_KEPT:
			return;
		}
	}
}

void link_flush(struct link *link)
{
	struct ack_slot *slot;

	while ((slot = ack_merge_next(&link->acks)) != NULL)
		send_slot(link, slot);
	link_send_data(link);
}
