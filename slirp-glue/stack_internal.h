/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the stack*.c files only. */
#pragma once

#include <glib.h>
#include <libslirp.h>
#include <stdbool.h>

#include "slirp-glue/flow_table.h"
#include "slirp-glue/stack.h"

/* What we know of one of libslirp's descriptors; the table is indexed by descriptor. */
struct stack_poll {
	uint32_t armed_turn; /* the turn in which libslirp last asked for it */
	int asked;	     /* what it asked for then, SLIRP_POLL_* */
	int ready;	     /* what epoll said in that turn, SLIRP_POLL_* */
	bool known;	     /* seen before, so not a new listener */
	bool established;    /* it has asked for reading before */
	bool listening;	     /* a forward's listener */
	bool accepted;	     /* from a listener, and the container has not answered yet */
	bool bound;	     /* to the outbound interface */
	struct flow_key key; /* the flow's ends; for UDP remote is the last that it was sent to */
};

struct stack {
	Slirp *slirp;
	struct loop *loop;
	const struct engine_config *config;
	frame_sink sink;
	void *sink_data;
	struct sockaddr_in outbound_v4; /* libslirp keeps pointers to these two */
	struct sockaddr_in6 outbound_v6;
	GArray *forwards; /* struct forward, with the endpoints inside as libslirp has them */
	struct flow_table *flows; /* that the container opened */
	struct flow_key opening;  /* what the container's frame just now may open; or empty */
	struct stack_poll *polls;
	uint32_t polls_size;
	uint32_t turn;
	uint32_t sockets; /* open for flows */
};

/* What we know of a descriptor; NULL if nothing. Valid until the next is opened. */
struct stack_poll *stack_poll_find(struct stack *stack, int fd);

/*
 * Binds fd to the outbound interface, if there is one, unless remote is the host itself. False if
 * it would go out by another.
 */
bool stack_poll_bind(struct stack *stack, int fd, const struct address *remote);

/* True if no further flow may be opened (config's flows_max). */
bool stack_is_full(const struct stack *stack);

/* fd carries what was announced; or it is about to be closed, whatever it carried. */
void stack_note_opened(struct stack *stack, struct stack_poll *poll, int fd);
void stack_note_closed(struct stack *stack, const struct stack_poll *poll, int fd);

/* The endpoint inside of the TCP forward whose listener has the address host; NULL if none has. */
const struct endpoint *stack_forward_find_guest(const struct stack *stack,
						const struct endpoint *host);

/* True if datagrams from guest go out through the socket of a forward. */
bool stack_forward_carries(const struct stack *stack, const struct endpoint *guest);

/* libslirp's register_poll_fd and unregister_poll_fd (stack_poll.c). */
void stack_poll_register(int fd, void *opaque);
void stack_poll_unregister(int fd, void *opaque);
