/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Batches of numbered datagrams, sent and received many at a time. */
#pragma once

#include <sys/socket.h>

#include "workload/protocol.h"

#define DATAGRAM_MIN sizeof(struct wire_datagram)
#define DATAGRAM_MAX 65507
#define DATAGRAM_BATCH 64

/* How long a receiver waits for late datagrams after the last one that came, nanoseconds. */
#define DATAGRAM_QUIET (NANOSECONDS_PER_SECOND / 5)

/* When and how many: pure arithmetic over a start time and a rate. */
struct pacing {
	uint64_t start;
	uint64_t deadline;
	uint64_t rate; /* per second, or NO_LIMIT */
	uint64_t sent;
};

/* How many may go out at time now, at most DATAGRAM_BATCH. */
unsigned int pacing_due(const struct pacing *pacing, uint64_t now);

/* Nanoseconds from now until at least one is due, or until the deadline. */
uint64_t pacing_wait(const struct pacing *pacing, uint64_t now);

/* What a receiver saw of a run. */
struct datagram_count {
	uint64_t received;
	uint64_t out_of_order;
	uint64_t next; /* the sequence number after the highest seen */
	uint64_t first_time;
	uint64_t last_time;
};

void datagram_count_add(struct datagram_count *count, uint64_t sequence, uint64_t now);

struct datagram_batch;

/* Room for a batch of datagrams of up to size bytes; NULL without memory. */
struct datagram_batch *datagram_batch_new(size_t size);
void datagram_batch_free(struct datagram_batch *batch);

/*
 * Sends count datagrams of size bytes, numbered from sequence, to the address (NULL: the connected
 * one). Returns how many went out, 0 if the socket is full, or -1 with errno.
 */
int datagram_batch_send(struct datagram_batch *batch, int fd, unsigned int count, size_t size,
			const struct wire_datagram *first, const struct sockaddr_storage *address,
			socklen_t address_length);

/* Receives up to a batch. Returns how many, 0 if none is there, or -1 with errno. */
int datagram_batch_receive(struct datagram_batch *batch, int fd);

/*
 * Header of a received datagram, and where it came from; false if it is none of ours. Size is that
 * of the datagram.
 */
bool datagram_batch_header(const struct datagram_batch *batch, unsigned int index,
			   struct wire_datagram *ret_header, struct sockaddr_storage *ret_address,
			   socklen_t *ret_length);
