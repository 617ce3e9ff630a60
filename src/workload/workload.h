/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nouns that the parts of the workload program share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)
#define NO_LIMIT UINT64_MAX

/* Which way the payload goes, seen from the client. */
enum direction {
	DIRECTION_UP,
	DIRECTION_DOWN,
	DIRECTION_BOTH,
};

/* What the command line asked for. Fields that a mode does not use keep their defaults. */
struct workload_options {
	const char *address; /* numeric IPv4 or IPv6 */
	uint16_t port;
	enum direction direction;
	uint64_t flows;		/* stream: connections; connect and rr: concurrent clients */
	uint64_t count;		/* idle: connections; rr, connect: operations, NO_LIMIT: by time */
	uint64_t bytes;		/* stream, checksum: payload of each flow, NO_LIMIT: by time */
	uint64_t duration;	/* nanoseconds */
	uint64_t timeout;	/* nanoseconds without any progress before a run is given up */
	uint64_t rate;		/* udp: datagrams per second, NO_LIMIT: as fast as they go */
	uint64_t size;		/* stream: bytes of one send or recv; udp: bytes of a datagram */
	uint64_t seed;		/* checksum: of the pseudo-random payload */
	const char *congestion; /* TCP_CONGESTION, or NULL for the namespace's default */
	int ready_fd;		/* server: told the port here, then closed; -1: none */
	bool text;		/* lines for people in place of JSON */
};

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t workload_now(void);

/* CPU time, user and system, of this process and of its ended children, in seconds. */
double workload_cpu_seconds(void);

/* Prints "slirpway-workload: TEXT" to standard error and returns false, for `return
 * workload_complain(..)`.
 */
bool workload_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The roles. Each prints its own errors and returns true when all went well. */
bool workload_server(const struct workload_options *options);
bool workload_stream(const struct workload_options *options);
bool workload_checksum(const struct workload_options *options);
bool workload_rr(const struct workload_options *options);
bool workload_connect(const struct workload_options *options);
bool workload_idle(const struct workload_options *options);
bool workload_udp(const struct workload_options *options);
