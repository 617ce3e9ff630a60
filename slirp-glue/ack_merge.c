/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leaves out TCP acknowledgements that a later one of the same flow covers. */

#include "config.h"

#include <string.h>

#include "slirp-glue/ack_merge.h"
#include "slirp-glue/tcp_frame.h"
#include "slirp-glue/wire.h"

/* A segment of exactly one header, with ACK and nothing else. */
static bool is_pure_ack(const uint8_t *frame, size_t length, const struct tcp_frame *layout)
{
	const uint8_t *tcp = frame + layout->tcp;

	return length == layout->tcp + (size_t)TCP_SIZE && tcp[TCP_OFFSET] == TCP_SIZE / 4 << 4 &&
	       tcp[TCP_FLAGS] == WIRE_TCP_ACK;
}

static struct ack_slot *find_slot(struct ack_merge *merge, const uint8_t *frame,
				  const struct tcp_frame *layout)
{
	uint32_t ports = wire_get32(frame + layout->tcp);

	return &merge->slots[(ports ^ ports >> 16 ^ ports >> 7) % ACK_MERGE_SLOTS];
}

static bool same_flow(const struct ack_slot *slot, const uint8_t *frame,
		      const struct tcp_frame *layout)
{
	return memcmp(slot->frame + ETHERNET_TYPE, frame + ETHERNET_TYPE, 2) == 0 &&
	       memcmp(slot->frame + layout->source, frame + layout->source,
		      2 * layout->address_size) == 0 &&
	       memcmp(slot->frame + layout->tcp, frame + layout->tcp, 4) == 0;
}

/*
 * True if the acknowledgement in frame says all that the one in slot says: the same sequence
 * number, and a higher acknowledged one. An equal one is a duplicate or a window update, which mean
 * something to their receiver (RFC 5681).
 */
static bool covers(const uint8_t *frame, const struct ack_slot *slot,
		   const struct tcp_frame *layout)
{
	const uint8_t *new = frame + layout->tcp, *old = slot->frame + layout->tcp;

	return wire_get32(new + TCP_SEQUENCE) == wire_get32(old + TCP_SEQUENCE) &&
	       (int32_t)(wire_get32(new + TCP_ACKNOWLEDGEMENT) -
			 wire_get32(old + TCP_ACKNOWLEDGEMENT)) > 0;
}

/*
 * True if frame repeats the acknowledgement that went out of the slot last: same sequence number,
 * acknowledged one and window. If it waited, a later one could take its place, and its receiver
 * counts the repetitions (RFC 5681, section 2).
 */
static bool repeats(const uint8_t *frame, const struct ack_slot *slot,
		    const struct tcp_frame *layout)
{
	size_t start = layout->tcp + TCP_SEQUENCE, end = layout->tcp + TCP_WINDOW + 2;

	return same_flow(slot, frame, layout) &&
	       memcmp(slot->frame + start, frame + start, end - start) == 0;
}

static void keep(struct ack_slot *slot, const uint8_t *frame, size_t length)
{
	memcpy(slot->frame, frame, length);
	slot->length = (uint32_t)length;
}

enum ack_verdict ack_merge_add(struct ack_merge *merge, const uint8_t *frame, size_t length,
			       struct ack_slot **ret_slot)
{
	struct tcp_frame layout;
	struct ack_slot *slot;
	bool pure;

	if (!tcp_frame_find(frame, length, &layout))
		return ACK_SEND;
	slot = find_slot(merge, frame, &layout);
	pure = is_pure_ack(frame, length, &layout);
	if (slot->length == 0) {
		if (!pure || repeats(frame, slot, &layout))
			return ACK_SEND;
		keep(slot, frame, length);
		merge->waiting++;
		return ACK_KEPT;
	}
	if (pure && slot->length == length && same_flow(slot, frame, &layout) &&
	    covers(frame, slot, &layout)) {
		keep(slot, frame, length);
		return ACK_MERGED;
	}
	*ret_slot = slot;
	return ACK_FIRST;
}

struct ack_slot *ack_merge_next(struct ack_merge *merge)
{
	if (merge->waiting == 0)
		return NULL;
	for (size_t i = 0; i < ACK_MERGE_SLOTS; i++) {
		if (merge->slots[i].length > 0)
			return &merge->slots[i];
	}
	return NULL;
}

void ack_merge_sent(struct ack_merge *merge, struct ack_slot *slot)
{
	/* The frame stays, for repeats() to look at. */
	slot->length = 0;
	merge->waiting--;
}
