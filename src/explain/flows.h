/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which TCP connection or exchange of datagrams a frame belongs to. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "explain/event.h"

/* What is known of a flow so far; all but number is the timeline's to keep. */
struct flow {
	uint32_t number; /* from 1 on */
	uint32_t turns;	 /* how often the direction of the data changed */
	bool answered;	 /* more than a SYN was seen: another begins a new flow */
	bool further;	 /* open is the event of further connections, and takes all in */
	enum direction last;
	struct event *open; /* the event that takes further data in; NULL: none */
};

struct flows;

struct flows *flows_new(void);

/* NULL is allowed. */
void flows_free(struct flows *flows);

/*
 * The flow of a frame, or NULL if it belongs to none, or to one too many. *ret_new tells whether it
 * begins with this frame. The ports of a flow may come again later: then it is another.
 */
struct flow *flows_find(struct flows *flows, const struct frame_note *note, bool *ret_new);
