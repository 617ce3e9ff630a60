/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzzes what changes and cuts up frames between the filter and the link. */

/*
 * An input starts with an MTU and a size, two bytes each, least significant first. Frames follow:
 * two bytes of length, then that many bytes (as many as there are). Every frame and every buffer is
 * memory of exactly its size, so that the sanitizer sees each byte too many. The script
 * scripts/fuzz-seeds writes the seeds in this form.
 */

#include "config.h"

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/network.h"
#include "slirp-glue/ack_merge.h"
#include "slirp-glue/segment.h"
#include "slirp-glue/split.h"
#include "slirp-glue/tcp_segments.h"
#include "slirp-glue/udp_segments.h"
#include "slirp-glue/wire.h"

#define MTU_MIN 68
#define MTU_MIN_V6 1280

struct input {
	uint32_t mtu;
	uint16_t size;
	const uint8_t *data;
	size_t left;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static uint8_t *copy_of(const uint8_t *frame, size_t length)
{
	uint8_t *copy = malloc(length);

	if (length > 0)
		memcpy(copy, frame, length);
	return copy;
}

/* A frame is sent, kept, or stands for an older one; never is it lost. */
static void merge(struct ack_merge *merge, const uint8_t *frame, size_t length)
{
	uint32_t waiting = merge->waiting;
	struct ack_slot *slot = NULL;
	enum ack_verdict verdict = ack_merge_add(merge, frame, length, &slot);

	if (verdict == ACK_FIRST) {
		require(slot->length > 0 && slot->length <= ACK_FRAME_MAX);
		ack_merge_sent(merge, slot);
		waiting--;
		verdict = ack_merge_add(merge, frame, length, &slot);
	}
	require(verdict != ACK_FIRST);
	require(merge->waiting == waiting + (verdict == ACK_KEPT));
	require(merge->waiting <= ACK_MERGE_SLOTS);
	if (verdict != ACK_SEND)
		require(length == 54 || length == 74);
}

static void flush(struct ack_merge *merge)
{
	struct ack_slot *slot;

	while ((slot = ack_merge_next(merge)) != NULL) {
		require(slot->length == 54 || slot->length == 74);
		ack_merge_sent(merge, slot);
	}
	require(merge->waiting == 0);
}

/* What the kernel asks of the header, else it refuses the frame (virtio_net_hdr_to_skb). */
static void require_header(const struct virtio_net_hdr *header, size_t length, uint32_t mtu)
{
	if (header->flags == 0)
		require(header->gso_type == VIRTIO_NET_HDR_GSO_NONE);
	else
		require(header->csum_start + header->csum_offset + 2U <= length);
	if (header->gso_type == VIRTIO_NET_HDR_GSO_NONE) {
		require(header->gso_size == 0);
		return;
	}
	require(header->hdr_len >= header->csum_start + TCP_SIZE && header->hdr_len < length);
	require(header->gso_size > 0 && header->gso_size < length - header->hdr_len);
	require(header->hdr_len - ETHERNET_SIZE + header->gso_size == mtu);
}

static void describe(const uint8_t *frame, size_t length, const struct input *input)
{
	uint8_t *copy = copy_of(frame, length);
	struct virtio_net_hdr header;

	segment_limit_mss(copy, length, input->mtu);
	segment_describe(copy, length, input->mtu, &header);
	require_header(&header, length, input->mtu);
	segment_raise_mss(copy, length, input->size % (length + 40), (uint16_t)input->mtu);
	free(copy);
}

static void split(const uint8_t *frame, size_t length, uint32_t mtu)
{
	uint8_t *buffer = malloc(ETHERNET_SIZE + (size_t)mtu);
	struct split split;
	size_t size, sum = 0;

	split_start(&split, frame, length, mtu, 1);
	while (split_is_needed(frame, length, mtu) && (size = split_next(&split, buffer)) > 0) {
		require(size > ETHERNET_SIZE && size <= ETHERNET_SIZE + (size_t)mtu);
		require(split.offset > sum && split.offset < length);
		sum = split.offset;
	}
	free(buffer);
}

static void cut_datagrams(const uint8_t *frame, size_t length, uint16_t data_size)
{
	uint8_t *buffer = malloc(length);
	struct udp_segments segments;
	size_t size, count = 0;

	if (udp_segments_start(&segments, frame, length, data_size)) {
		while ((size = udp_segments_next(&segments, buffer)) > 0) {
			require(size <= length && size - segments.headers <= data_size);
			count++;
		}
		require(segments.offset == length && count <= UDP_SEGMENTS_MAX);
	}
	free(buffer);
}

/* Only parsed segments come here, of IPv6, whose MTU is never smaller. */
static void cut_segment(const uint8_t *bytes, size_t length, uint32_t mtu)
{
	uint8_t *copy = copy_of(bytes, length), *buffer = malloc(ETHERNET_SIZE + (size_t)mtu);
	struct counters counters = { 0 };
	struct tcp_segments segments;
	struct frame frame;
	size_t size;

	if (length > 0 && frame_parse(copy, (uint32_t)length, &counters, &frame) &&
	    tcp_segments_are_needed(&frame, mtu) && tcp_segments_start(&segments, &frame, mtu)) {
		while ((size = tcp_segments_next(&segments, buffer)) > 0)
			require(size <= ETHERNET_SIZE + (size_t)mtu);
		require(segments.offset == frame.length);
	}
	free(buffer);
	free(copy);
}

static uint16_t take16(struct input *input)
{
	uint16_t value = (uint16_t)(input->data[0] | input->data[1] << 8);

	input->data += 2;
	input->left -= 2;
	return value;
}

static void take_frame(struct input *input, struct ack_merge *acks)
{
	size_t length = take16(input);
	uint8_t *frame;

	if (length > input->left)
		length = input->left;
	frame = copy_of(input->data, length);
	input->data += length;
	input->left -= length;
	merge(acks, frame, length);
	describe(frame, length, input);
	split(frame, length, input->mtu);
	cut_datagrams(frame, length, input->size);
	cut_segment(frame, length, input->mtu < MTU_MIN_V6 ? MTU_MIN_V6 : input->mtu);
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .data = data, .left = size };
	struct ack_merge acks = { 0 };

	if (size < 4)
		return 0;
	input.mtu = MTU_MIN + take16(&input) % (NETWORK_MTU_MAX + 1U - MTU_MIN);
	input.size = take16(&input);
	while (input.left >= 2)
		take_frame(&input, &acks);
	flush(&acks);
	return 0;
}
