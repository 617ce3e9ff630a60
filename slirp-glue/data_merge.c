/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes one TCP segment of several that follow each other. */

#include "config.h"

#include <string.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/data_merge.h"
#include "slirp-glue/tcp_frame.h"
#include "slirp-glue/wire.h"

/* A smaller segment is the last of what there was to send: it is not to wait for others. */
#define KEPT_MIN 4096

/* Data, ACK and perhaps PSH, no options. */
static bool is_plain_data(const uint8_t *frame, size_t length, struct tcp_frame *layout)
{
	const uint8_t *tcp;

	if (!tcp_frame_find(frame, length, layout))
		return false;
	tcp = frame + layout->tcp;
	return layout->data == layout->tcp + TCP_SIZE && length > layout->data &&
	       (tcp[TCP_FLAGS] & ~WIRE_TCP_PSH) == WIRE_TCP_ACK;
}

static size_t data_length(const struct data_merge *merge)
{
	return merge->length - merge->data_offset;
}

/* The same in all that stays the same from one segment of a burst to the next. */
static bool same_burst(const struct data_merge *merge, const uint8_t *frame,
		       const struct tcp_frame *layout)
{
	const uint8_t *kept = merge->frame;
	size_t acknowledgement = layout->tcp + (size_t)TCP_ACKNOWLEDGEMENT;
	size_t window = layout->tcp + (size_t)TCP_WINDOW;

	return layout->data == merge->data_offset && memcmp(kept, frame, ETHERNET_SIZE) == 0 &&
	       memcmp(kept + layout->source, frame + layout->source, 2 * layout->address_size) ==
		       0 &&
	       memcmp(kept + layout->tcp, frame + layout->tcp, TCP_SEQUENCE) == 0 &&
	       memcmp(kept + acknowledgement, frame + acknowledgement, 4) == 0 &&
	       memcmp(kept + window, frame + window, 2) == 0;
}

static bool follows(const struct data_merge *merge, const uint8_t *frame,
		    const struct tcp_frame *layout)
{
	uint32_t kept = wire_get32(merge->frame + layout->tcp + TCP_SEQUENCE);

	return wire_get32(frame + layout->tcp + TCP_SEQUENCE) ==
	       kept + (uint32_t)data_length(merge);
}

static void set_length(struct data_merge *merge, const struct tcp_frame *layout)
{
	uint8_t *ip = merge->frame + ETHERNET_SIZE;
	size_t packet = merge->length - ETHERNET_SIZE;

	if (layout->v6) {
		wire_put16(ip + IP6_LENGTH, (uint16_t)(packet - IP6_SIZE));
		return;
	}
	wire_put16(ip + IP4_LENGTH, (uint16_t)packet);
	wire_put_raw16(ip + IP4_CHECKSUM, 0);
	wire_put_raw16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, IP4_SIZE)));
}

bool data_merge_append(struct data_merge *merge, const uint8_t *frame, size_t length)
{
	struct tcp_frame layout;
	size_t size;

	if (merge->length == 0 || !is_plain_data(frame, length, &layout))
		return false;
	size = length - layout.data;
	if (data_length(merge) + size > DATA_MERGE_MAX || !same_burst(merge, frame, &layout) ||
	    !follows(merge, frame, &layout))
		return false;
	memcpy(merge->frame + merge->length, frame + layout.data, size);
	merge->length += size;
	merge->frame[layout.tcp + TCP_FLAGS] |= frame[layout.tcp + TCP_FLAGS];
	set_length(merge, &layout);
	return true;
}

bool data_merge_keep(struct data_merge *merge, const uint8_t *frame, size_t length)
{
	struct tcp_frame layout;

	if (!is_plain_data(frame, length, &layout) || length - layout.data < KEPT_MIN ||
	    length - layout.data >= DATA_MERGE_MAX || length > FRAME_MAX)
		return false;
	memcpy(merge->frame, frame, length);
	merge->length = length;
	merge->data_offset = layout.data;
	return true;
}

bool data_merge_is_full(const struct data_merge *merge)
{
	return data_length(merge) + KEPT_MIN > DATA_MERGE_MAX;
}
