/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by stack.c, stack_poll.c, stack_forward.c and stack_flows.c only. */
#pragma once

#include <libslirp.h>
#include <stdbool.h>

#include "slirp-glue/stack.h"

/* What we know of one of libslirp's descriptors; the table is indexed by descriptor. */
struct stack_poll {
	uint32_t armed_turn; /* the turn in which libslirp last asked for it */
	uint32_t ready;	     /* what epoll said in that turn, SLIRP_POLL_* */
	bool known;	     /* seen before, so not a new listener */
};

struct stack {
	Slirp *slirp;
	struct loop *loop;
	const struct engine_config *config;
	frame_sink sink;
	void *sink_data;
	struct sockaddr_in outbound_v4; /* libslirp keeps pointers to these two */
	struct sockaddr_in6 outbound_v6;
	struct stack_poll *polls;
	uint32_t polls_size;
	uint32_t turn;
	uint32_t sockets; /* open for flows */
};

/* libslirp's register_poll_fd and unregister_poll_fd (stack_poll.c). */
void stack_poll_register(int fd, void *opaque);
void stack_poll_unregister(int fd, void *opaque);
