/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened on one path, in the order of time: frames, trapped calls, sockets of the host, the
 * program's start and end. All of them carry the time of one clock, CLOCK_REALTIME. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "explain/event.h"

struct timeline_limits {
	uint64_t events; /* of each kind at most; further ones are counted only */
	bool each_frame; /* frames with data are not told together */
};

/* Sums over all frames and calls, listed or not. */
struct timeline_sums {
	uint64_t frames_out;
	uint64_t frames_in;
	uint64_t bytes_out; /* data in frames */
	uint64_t bytes_in;
	uint64_t frame_bytes;
	uint64_t copied; /* copies.h */
	uint64_t calls;
	uint64_t call_microseconds;
	uint64_t socket_bytes_out;
	uint64_t socket_bytes_in;
	uint64_t sockets;
	uint64_t left_out; /* events that are in the sums and not in the list */
};

struct timeline;

struct timeline *timeline_new(const struct timeline_limits *limits);

/* NULL is allowed. */
void timeline_free(struct timeline *timeline);

/* The program's start or end, with a text of its own. */
void timeline_add_program(struct timeline *timeline, enum topic topic, int64_t time,
			  const char *text);

/* Frames come in the order in which they were captured. */
void timeline_add_frame(struct timeline *timeline, int64_t time, const struct frame_note *note);

/* Takes over what note holds. */
void timeline_add_call(struct timeline *timeline, struct trace_note *note);

void timeline_add_socket(struct timeline *timeline, const struct socket_note *note);

/* Puts the events in the order of time. Nothing is added afterwards. */
void timeline_sort(struct timeline *timeline);

/* struct event *, the timeline's. */
const GPtrArray *timeline_events(const struct timeline *timeline);

const struct timeline_sums *timeline_sums(const struct timeline *timeline);
