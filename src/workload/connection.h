/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections of the workload server: their requests and what becomes of them. */
#pragma once

#include "workload/flow.h"

struct connection;
struct udp_server;

/* All connections of the server, and what they share. */
struct connections {
	struct connection *first;
	uint64_t count;
	struct udp_server *udp;
	struct flow_buffers buffers;
	uint64_t timeout; /* nanoseconds that one which owes the server something may be silent */
};

/* Takes over the non-blocking descriptor; returns NULL (and closes it) without memory. */
struct connection *connection_new(struct connections *all, int fd);
void connection_free(struct connections *all, struct connection *connection);

int connection_descriptor(const struct connection *connection);

/* The epoll events that the connection waits for now. */
uint32_t connection_wanted_events(const struct connection *connection);

/* Does what the epoll events allow; returns false when the connection is over. */
bool connection_step(struct connections *all, struct connection *connection, uint32_t events);

/* Frees those that have been silent for too long; workload_now is now. */
void connections_sweep(struct connections *all, uint64_t now);
