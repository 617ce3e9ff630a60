/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One step of a timeline: a frame or several that are told as one, a call, a socket. Pure. */
#pragma once

#include <glib.h>

#include "explain/frame_text.h"
#include "explain/socket_note.h"
#include "explain/topic.h"
#include "explain/trace_read.h"

enum event_kind { EVENT_PROGRAM, EVENT_CALL, EVENT_FRAME, EVENT_SOCKET };

struct event {
	enum event_kind kind;
	enum topic topic;
	enum direction direction; /* of frames; NONE where they go both ways */
	int64_t time;		  /* microseconds since 1970 */
	int64_t end;		  /* of the last of several */
	uint64_t count;		  /* frames or calls that it stands for, 1 or more */
	char *text;		  /* one line, or NULL; owned */

	/* Frames. */
	uint32_t flow;	      /* number of the TCP or UDP flow in this timeline; 0: of none */
	uint8_t protocol;     /* IPPROTO_*, or 0 */
	struct endpoint from; /* of the first; family AF_UNSPEC where it has none */
	struct endpoint to;
	uint64_t frames;      /* of topic "more": its count is that of connections */
	uint64_t data_frames; /* those with data */
	uint64_t turns;	      /* how often the direction of the data changed */
	uint64_t bytes_out;   /* data that left the container; a socket's bytes sent */
	uint64_t bytes_in;    /* data that came; a socket's bytes received */
	uint64_t length;      /* bytes of frames */
	uint64_t copied;      /* bytes copied in user space for them (copies.h) */

	struct trace_note call; /* EVENT_CALL: what the trace said; owned */
};

struct event *event_new(enum event_kind kind, enum topic topic, int64_t time);
void event_free(void *event);

/* "connect" or "SYN"; the event's or static. */
const char *event_label(const struct event *event);

/*
 * What there is to say about it, in one line without its label, for the caller to free: made of
 * text and of the numbers.
 */
char *event_describe(const struct event *event);
