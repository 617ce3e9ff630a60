/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datagram side of the workload server: counts runs upwards, sends runs downwards. */
#pragma once

#include "workload/protocol.h"

struct udp_server;
struct udp_run;

struct udp_run_result {
	uint64_t sent;
	uint64_t received;
	uint64_t out_of_order;
	uint64_t nanoseconds;
};

typedef void (*udp_run_done_func)(const struct udp_run_result *result, void *data);

/* Uses the non-blocking socket, which stays the caller's. Returns NULL without memory. */
struct udp_server *udp_server_new(int fd);
void udp_server_free(struct udp_server *server);

/* Begins a run; done is called once, from udp_server_step. NULL if the request makes no sense. */
struct udp_run *udp_server_add(struct udp_server *server, const struct wire_udp *request,
			       udp_run_done_func done, void *data);
void udp_server_remove(struct udp_server *server, struct udp_run *run);

/* The client of a run upwards has sent that many: done follows when they are in, or stop coming. */
void udp_server_drain(struct udp_run *run, uint64_t sent);

/* Receives what is there, sends what is due, ends runs. */
void udp_server_step(struct udp_server *server);

/* True if a run waits for the socket to become writable. */
bool udp_server_wants_output(const struct udp_server *server);

/* Milliseconds until udp_server_step has something to do by the clock; -1: never. */
int udp_server_timeout(const struct udp_server *server);
