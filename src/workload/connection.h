/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One TCP connection of the workload server: its request and what becomes of it. */
#pragma once

#include "workload/flow.h"

struct connection;
struct udp_server;

/* Takes over the non-blocking descriptor; returns NULL (and closes it) without memory. */
struct connection *connection_new(int fd, struct udp_server *udp);
void connection_free(struct connection *connection);

int connection_descriptor(const struct connection *connection);

/* The epoll events that the connection waits for now. */
uint32_t connection_wanted_events(const struct connection *connection);

/* Does what the epoll events allow; returns false when the connection is over. */
bool connection_step(struct connection *connection, uint32_t events,
		     const struct flow_buffers *buffers);
