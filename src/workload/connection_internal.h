/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a server's connection share. */
#pragma once

#include "workload/connection.h"
#include "workload/protocol.h"
#include "workload/udp_server.h"

#define CONNECTION_OUT_SIZE 512

enum connection_state {
	STATE_KIND,
	STATE_REQUEST,
	STATE_ECHO,
	STATE_USAGE,
	STATE_STREAM,
	STATE_UDP_RUN,	 /* upwards: waits for the number sent; downwards: for the end */
	STATE_UDP_DRAIN, /* waits until no more datagrams come */
	STATE_FINISH,
};

struct connection {
	struct connection *next;
	struct connection *previous;
	int fd;
	enum connection_state state;
	uint8_t kind;
	uint64_t begin;	     /* when it was accepted */
	uint64_t last_event; /* when it was stepped last */
	size_t in_have;
	size_t out_start;
	size_t out_end;
	union {
		struct wire_stream stream;
		struct wire_udp udp;
		uint64_t sent;
		char bytes[1];
	} in;
	char out[CONNECTION_OUT_SIZE];
	/* STREAM */
	bool want_trailer;
	uint64_t request_time;
	struct send_half sending;
	struct receive_half receiving;
	/* UDP */
	struct udp_server *udp;
	struct udp_run *run;
	uint64_t run_end; /* when it should be over */
};

/* Collects length bytes into `in`. Returns 1 when they are there, 0 if not yet, -1 at the end. */
int connection_collect(struct connection *connection, void *into, size_t length);

/* Small answers wait in `out`, which must have room, and leave before anything else. */
void connection_queue(struct connection *connection, const void *data, size_t length);
void connection_queue_preamble(struct connection *connection);
static inline bool connection_has_output(const struct connection *connection)
{
	return connection->out_start < connection->out_end;
}

/* Sends what of `out` the socket takes; returns false if the connection is broken. */
bool connection_flush(struct connection *connection);

/* The request is in `in`, in network byte order; false if it makes no sense. */
bool connection_start_stream(struct connection *connection, size_t size_max);
bool connection_start_udp(struct connection *connection);

/* Steps of STREAM, and of UDP_RUN and UDP_DRAIN; false when the connection is broken. */
bool connection_step_stream(struct connection *connection, const struct flow_buffers *buffers);
bool connection_step_udp(struct connection *connection);
