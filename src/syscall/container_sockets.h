/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a supervisor asks of its session: new sockets of the container's network namespace, which
 * only processes inside can make (the session has a helper for that), and to be told of what
 * concerns it.
 */
#pragma once

#include <stdint.h>

#include "syscall/socket_facts.h"
#include "syscall/watchdog.h"

enum container_request_kind {
	CONTAINER_REQUEST_SOCKET,     /* a socket of domain, type and protocol */
	CONTAINER_REQUEST_BY_PACKETS, /* forward is to be the packet path's from now on */
	CONTAINER_REQUEST_TRACE_LOST, /* lines of the trace are lost, for error; gets no answer */
};

/*
 * The request over the socket to the session. The answer has the request's serial, for one that
 * came too late must not be taken for that to another request; the descriptor is beside it.
 */
struct container_socket_request {
	uint32_t serial;
	uint32_t kind; /* enum container_request_kind */
	uint32_t forward;
	int domain;
	int type;
	int protocol;
	int error; /* a positive errno value */
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

/* Tells the session that writing the trace failed with error, a positive errno value. */
void container_sockets_trace_lost(struct container_sockets *sockets, int error);

/* A fresh socket of the kind that facts says, the caller's; -errno. Blocks for
 * milliseconds, or two seconds where the session is stopped (-ETIMEDOUT). */
int container_sockets_take(struct container_sockets *sockets, const struct socket_facts *facts);
