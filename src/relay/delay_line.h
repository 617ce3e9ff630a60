/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line with a fixed delay and rate: frames go in at one end and come due at the other. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room that line_reserve guarantees: a frame of the largest size with its vnet header. */
#define LINE_FRAME_MAX (65536 + 64)

struct line;

struct line_settings {
	uint64_t delay;	   /* nanoseconds, one way */
	uint64_t rate;	   /* bits per second, 0: no limit */
	size_t queue_size; /* bytes of frames under way at most */
};

/* Returns NULL without memory. */
struct line *line_new(const struct line_settings *settings);
void line_free(struct line *line);

/* LINE_FRAME_MAX bytes to put the next frame in, or NULL if the queue is full. */
void *line_reserve(struct line *line);

/* The reserved bytes hold a frame of length (at least 1), of which header bytes cost no line time.
 */
void line_commit(struct line *line, size_t length, size_t header, uint64_t now);

/* The frame at the head, or NULL if the line is empty; it is due at *ret_due. */
const void *line_head(const struct line *line, size_t *ret_length, uint64_t *ret_due);

/* Takes the head away. */
void line_pop(struct line *line);
