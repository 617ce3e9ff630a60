/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nouns that the parts of the workload program share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)
#define NO_LIMIT UINT64_MAX

enum workload_mode {
	MODE_SERVER,
	MODE_STREAM,
	MODE_CHECKSUM,
	MODE_RR,
	MODE_CONNECT,
	MODE_IDLE,
	MODE_HOLD,
	MODE_UDP,
	MODE_NAMES,
};

/* Which way the payload goes, seen from the client. */
enum direction {
	DIRECTION_UP,
	DIRECTION_DOWN,
	DIRECTION_BOTH,
};

/* What the command line asked for. Fields that a mode does not use keep their defaults. */
struct workload_options {
	enum workload_mode mode;
	const char *address; /* numeric IPv4 or IPv6; names: NULL when there is no server to ask */
	uint16_t port;
	uint16_t dns_port; /* server: answers names here, 0: nowhere */
	enum direction direction;
	uint64_t flows;		/* stream, checksum: connections; else: concurrent clients */
	uint64_t count;		/* idle, hold: connections; else operations, NO_LIMIT: by time */
	uint64_t connections;	/* server: how many at most at a time */
	uint64_t bytes;		/* stream, checksum: payload of each flow, NO_LIMIT: by time */
	uint64_t duration;	/* nanoseconds */
	uint64_t timeout;	/* nanoseconds without any progress before a run is given up */
	uint64_t rate;		/* udp: datagrams per second, NO_LIMIT: as fast as they go */
	uint64_t size;		/* stream: bytes of one send or recv; udp: bytes of a datagram */
	uint64_t seed;		/* checksum: of the pseudo-random payload */
	const char *congestion; /* TCP_CONGESTION, or NULL for the namespace's default */
	const char *resolver;	/* names: numeric address, NULL: as /etc/resolv.conf says */
	uint16_t resolver_port; /* names: of that resolver */
	const char *domain;	/* names: what the names end in */
	int ready_fd;		/* told when all is set up, then closed; -1: none */
	bool text;		/* lines for people in place of JSON */
};

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t workload_now(void);

/* What this process and its ended children have used since their start; getrusage(2). */
struct workload_usage {
	uint64_t cpu_microseconds; /* user and system */
	uint64_t context_switches; /* voluntary and not */
};

struct workload_usage workload_usage(void);

/*
 * Prints "slirpway-workload: TEXT" to standard error and returns false, for
 * `return workload_complain(..)`.
 */
bool workload_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes the number as a line to options->ready_fd, if there is one, and closes it. */
bool workload_tell_ready(const struct workload_options *options, uint64_t number);
