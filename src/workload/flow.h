/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two halves of a payload transfer on a non-blocking socket, the same for client and server. */
#pragma once

#include <stddef.h>

#include "workload/workload.h"

/* Buffers that all flows of a process share; size bytes each. */
struct flow_buffers {
	size_t size;
	char *scratch;
	char *expected;
	char *zeros;
};

bool flow_buffers_init(struct flow_buffers *buffers, size_t size);
void flow_buffers_free(struct flow_buffers *buffers);

enum flow_step {
	FLOW_MORE,     /* made progress; may be called again at once */
	FLOW_BLOCKED,  /* the socket is not ready */
	FLOW_FINISHED, /* this half has done all its work */
	FLOW_BROKEN,   /* errno says why; 0: the peer ended too early */
};

struct send_half {
	bool active;
	bool random;
	uint64_t seed;
	uint64_t limit;	   /* bytes, or NO_LIMIT */
	uint64_t deadline; /* of workload_now, or NO_LIMIT */
	uint64_t sent;
	uint64_t checksum;
	size_t chunk;  /* bytes handed to one send; at most the size of the buffers */
	char *pending; /* random: the part of the pattern from sent on; owned */
	size_t pending_start;
	size_t pending_end;
};

struct receive_half {
	bool active;
	bool random;
	uint64_t seed;
	uint64_t limit; /* bytes, or NO_LIMIT: until the peer ends */
	uint64_t received;
	uint64_t checksum;
	uint64_t first_bad; /* offset of the first wrong byte, or NO_LIMIT */
	uint64_t last_time; /* workload_now of the last arrival */
	size_t chunk;	    /* bytes asked for by one recv */
};

/* Sends one chunk; clears active when finished or broken. */
enum flow_step send_half_step(struct send_half *half, int fd, const struct flow_buffers *buffers);

/* Receives at most one chunk; clears active when finished or broken. */
enum flow_step receive_half_step(struct receive_half *half, int fd,
				 const struct flow_buffers *buffers);

void send_half_free(struct send_half *half);
