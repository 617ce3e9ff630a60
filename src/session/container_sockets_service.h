/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does what the supervisor asks for (syscall/container_sockets.h has the requests): above all makes
 * sockets of the container's network namespace, where it can't go. Runs on the default main
 * context.
 */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

struct container_sockets_service;

/* The forward with that id is to be the packet path's; an id may be anything. */
typedef void (*forward_by_packets_func)(uint32_t id, void *data);

/* Lines of the trace are lost, for an errno value; it may be told any number of times. */
typedef void (*trace_lost_func)(int number, void *data);

struct container_sockets_events {
	forward_by_packets_func by_packets;
	trace_lost_func trace_lost; /* also from container_sockets_service_free */
};

/*
 * pid: a process of the container; its namespaces are held from now on, so that it may end. Returns
 * NULL with error set.
 */
struct container_sockets_service *
container_sockets_service_new(pid_t pid, const struct container_sockets_events *events, void *data,
			      GError **error);

/* NULL is allowed. */
void container_sockets_service_free(struct container_sockets_service *service);

/*
 * Takes a new socket pair, under the same numbers: what a supervisor that has gone asked for is
 * forgotten, so that its successor gets no answers that it didn't ask for.
 */
void container_sockets_service_renew(struct container_sockets_service *service);

/* The supervisor's end of the socket; the service's. */
int container_sockets_service_peer(const struct container_sockets_service *service);
