/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running session at one moment: its processes and counters, and where its network lies. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "explain/process_sample.h"

struct session_sample {
	struct process_sample session;
	struct process_sample engine;
	struct process_sample supervisor;
	uint64_t wakeups;	    /* of the engine */
	uint64_t trace_lost;	    /* lines of the trace that were not written */
	struct address gateways[2]; /* IPv4 and IPv6; family AF_UNSPEC: none */
	GArray *published; /* uint16_t: ports of the host that forwards have taken; owned */
};

/* Asks the session called name for its status. Returns false with error set. */
bool session_sample_take(const char *name, struct session_sample *ret_sample, GError **error);

void session_sample_clear(struct session_sample *sample);
