/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes sockets of the container's network namespace for the supervisor, which can't go there
 * (syscall/container_sockets.h has the requests). Runs on the default main context.
 */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

struct container_sockets_service;

/* The forward with that id is to be the packet path's; an id may be anything. */
typedef void (*forward_by_packets_func)(uint32_t id, void *data);

/*
 * pid: a process of the container; its namespaces are held from now on, so that it may end. Returns
 * NULL with error set.
 */
struct container_sockets_service *
container_sockets_service_new(pid_t pid, forward_by_packets_func func, void *data, GError **error);

/* NULL is allowed. */
void container_sockets_service_free(struct container_sockets_service *service);

/*
 * Takes a new socket pair, under the same numbers: what a supervisor that has gone asked for is
 * forgotten, so that its successor gets no answers that it didn't ask for.
 */
void container_sockets_service_renew(struct container_sockets_service *service);

/* The supervisor's end of the socket; the service's. */
int container_sockets_service_peer(const struct container_sockets_service *service);
