/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New sockets of the container's network namespace, which only processes inside can make. The
 * session has a helper make them; what is asked for often is kept in stock.
 */
#pragma once

#include <stdint.h>

#include "syscall/socket_facts.h"
#include "syscall/watchdog.h"

/*
 * The request over the socket to the session: a socket, or where forward is not 0, that this
 * forward be the packet path's from now on. The answer has the request's serial, for one that came
 * too late must not be taken for that to another request; the descriptor is beside it.
 */
struct container_socket_request {
	uint32_t serial;
	uint32_t forward;
	int domain;
	int type;
	int protocol;
};

struct container_socket_answer {
	uint32_t serial;
	int32_t error; /* 0 or a positive errno value */
};

struct container_sockets;

/* session: a SOCK_SEQPACKET socket to the session, taken over; watchdog is borrowed. */
struct container_sockets *container_sockets_new(int session, struct watchdog *watchdog);

/* NULL is allowed. */
void container_sockets_free(struct container_sockets *sockets);

/*
 * Has the session give the forward with that id to the packet path, for a program listens for it
 * that can't be given a socket of the host. Returns 0 or -errno.
 */
int container_sockets_forward_by_packets(struct container_sockets *sockets, uint32_t forward);

/* A fresh socket of the kind that facts says, the caller's; -errno. Blocks for
 * milliseconds, or two seconds where the session is stopped (-ETIMEDOUT). */
int container_sockets_take(struct container_sockets *sockets, const struct socket_facts *facts);
