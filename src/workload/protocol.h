/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What client and server of the workload program say to each other. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "workload/workload.h"
#include "workload/socket.h"

/*
 * A TCP connection begins with one byte, the kind. CONNECT: the server answers one byte and closes.
 * ECHO: the server sends back every byte, the first one too. USAGE: the server answers every byte,
 * the first one too, with what it has used until then. STREAM and UDP: a request of 64-bit words in
 * network byte order follows. A stream is answered by a preamble, then the payloads go
 * both ways as requested, then the server's trailer ends it, unless the payload down was limited by
 * time (then the end of the stream is the end of the payload). A UDP run's control connection is
 * answered by a preamble; upwards the client then says how many datagrams it sent and gets the
 * server's count; downwards the server says how many it sent. So that nobody is sent datagrams that
 * he did not ask for, a run downwards begins with a proof: the server answers the client's hello
 * with one that holds a cookie, and begins when a hello comes back with that cookie.
 *
 * The server does not trust what it is told: sizes and durations have limits, and a connection that
 * owes it something is closed when it stays silent.
 */
enum wire_kind {
	WIRE_CONNECT = 'c',
	WIRE_ECHO = 'e',
	WIRE_STREAM = 's',
	WIRE_UDP = 'u',
	WIRE_USAGE = 'r',
};

#define WIRE_MAGIC UINT64_C(0x736c69727077612e)

/* The largest size of a stream, bytes. */
#define WIRE_SIZE_MAX (1 << 20)
/* The longest duration of a stream or UDP run, nanoseconds: a day. */
#define WIRE_DURATION_MAX (86400 * NANOSECONDS_PER_SECOND)

/* Only the words, in the order of the structs below, are on the wire. */
struct wire_stream {
	uint64_t magic;
	uint64_t random;     /* 1: the pattern of seed, checked; 0: zeros */
	uint64_t bytes_up;   /* NO_LIMIT: until the client ends its direction */
	uint64_t bytes_down; /* NO_LIMIT: until duration is over */
	uint64_t duration;   /* nanoseconds */
	uint64_t seed;
	uint64_t size; /* bytes of one send or recv */
};

struct wire_udp {
	uint64_t magic;
	uint64_t run;	   /* chosen by the client, in every datagram */
	uint64_t down;	   /* 1: server to client */
	uint64_t size;	   /* bytes of a datagram */
	uint64_t rate;	   /* datagrams per second or NO_LIMIT */
	uint64_t duration; /* nanoseconds */
};

/* The congestion control of the server's socket; the name is not a word but bytes. */
struct wire_preamble {
	uint64_t magic;
	char congestion[CONGESTION_NAME_SIZE];
};

/* What the server's process has used since its start; it serves all clients. */
struct wire_usage {
	uint64_t magic;
	uint64_t cpu_microseconds;
	uint64_t context_switches;
	char congestion[CONGESTION_NAME_SIZE]; /* of this connection; not a word but bytes */
};

#define WIRE_USAGE_WORDS offsetof(struct wire_usage, congestion)

/* The server's view at the end; first_bad is the offset of the first wrong byte or NO_LIMIT. */
struct wire_trailer {
	uint64_t magic;
	uint64_t received;
	uint64_t nanoseconds; /* from the request to the last byte received */
	uint64_t received_checksum;
	uint64_t sent_checksum;
	uint64_t first_bad;
};

/* The answer to the number of datagrams sent upwards. */
struct wire_udp_result {
	uint64_t received;
	uint64_t out_of_order;
	uint64_t nanoseconds; /* from the first to the last datagram received */
};

/* Begins each datagram. */
struct wire_datagram {
	uint64_t magic;
	uint64_t run;
	uint64_t sequence; /* from 0; NO_LIMIT: a hello, which is not counted */
	uint64_t cookie;   /* of a hello; 0: none yet */
};

/* Convert the words of one of these structs in place, to and from network byte order. */
void wire_encode(void *words, size_t size);
void wire_decode(void *words, size_t size);
