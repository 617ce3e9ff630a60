/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of a delay line, in one ring of bytes.
 *
 * Every frame is a slot: a header with its due time, then its bytes, aligned. A slot never wraps:
 * when the rest of the ring can't hold the largest frame, the next slot begins at the start, and
 * `wrap` remembers where the old end was.
 */

#include "config.h"

#include <stdlib.h>

#include "relay/delay_line.h"

#define ALIGNMENT 16
#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)

struct slot {
	uint64_t due;
	uint64_t length;
};

#define SLOT_MAX (sizeof(struct slot) + LINE_FRAME_MAX)

struct line {
	struct line_settings settings;
	uint64_t busy_until; /* when the last frame has left the sender at the line's rate */
	size_t size;
	size_t head;
	size_t tail;
	size_t wrap; /* slots end here when tail < head */
	size_t count;
	char *ring;
};

struct line *line_new(const struct line_settings *settings)
{
	struct line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->settings = *settings;
	/* Room for one more largest slot, so that the last byte asked for can be used. */
	line->size = (settings->queue_size + 2 * SLOT_MAX) / ALIGNMENT * ALIGNMENT;
	line->ring = malloc(line->size);
	if (!line->ring) {
		free(line);
		return NULL;
	}
	return line;
}

void line_free(struct line *line)
{
	if (!line)
		return;
	free(line->ring);
	free(line);
}

void *line_reserve(struct line *line)
{
	bool wrapped = line->count > 0 && line->tail <= line->head;

	if (line->count == 0)
		line->head = line->tail = 0;
	if (!wrapped && line->size - line->tail < SLOT_MAX) {
		if (line->head < SLOT_MAX)
			return NULL;
		line->wrap = line->tail;
		line->tail = 0;
	} else if (wrapped && line->head - line->tail < SLOT_MAX) {
		return NULL;
	}
	return line->ring + line->tail + sizeof(struct slot);
}

void line_commit(struct line *line, size_t length, size_t header, uint64_t now)
{
	struct slot *slot = (struct slot *)(line->ring + line->tail);
	uint64_t leaves = now;

	if (line->settings.rate > 0) {
		uint64_t bits = 8 * (uint64_t)(length > header ? length - header : 0);
		uint64_t start = line->busy_until > now ? line->busy_until : now;
		leaves = start + (uint64_t)((double)bits / (double)line->settings.rate *
					    (double)NANOSECONDS_PER_SECOND);
		line->busy_until = leaves;
	}
	slot->due = leaves + line->settings.delay;
	slot->length = length;
	line->tail += (sizeof(*slot) + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	line->count++;
}

const void *line_head(const struct line *line, size_t *ret_length, uint64_t *ret_due)
{
	const struct slot *slot = (const struct slot *)(line->ring + line->head);

	if (line->count == 0)
		return NULL;
	*ret_length = (size_t)slot->length;
	*ret_due = slot->due;
	return slot + 1;
}

void line_pop(struct line *line)
{
	const struct slot *slot = (const struct slot *)(line->ring + line->head);
	size_t step = sizeof(*slot) + (size_t)slot->length;

	line->head += (step + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	line->count--;
	/* Only when the tail has gone round is there a wrap to follow. */
	if (line->count > 0 && line->tail < line->head && line->head == line->wrap)
		line->head = 0;
}
