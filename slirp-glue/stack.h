/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TCP/IP stack between the container's frames and the host's sockets: one libslirp instance on
 * the engine's loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/counters.h"
#include "base/forward.h"
#include "base/message.h"
#include "slirp-glue/dns_relay.h"
#include "slirp-glue/frame.h"
#include "slirp-glue/loop.h"

/* Where libslirp connects to for DNS over TCP: a socket file in the engine's own root. */
#define STACK_DNS_SOCKET "/dns"

/* The largest IPv6 packet that libslirp takes, in bytes: the most that it can be told. */
#define STACK_PACKET_MAX 65521

/* IPv4 and TCP headers without options, in bytes. */
#define TCP_IP_HEADERS 40

struct stack;

/*
 * config, loop and counters outlive the stack. sink gets each frame for the container; it is called
 * from within stack_input and stack_dispatch. Returns NULL if libslirp refuses the configuration.
 */
struct stack *stack_new(const struct engine_config *config, struct loop *loop, frame_sink sink,
			void *sink_data);

/* Closes every flow and forward; NULL is allowed. */
void stack_free(struct stack *stack);

/*
 * Tells of a frame of the container before its bytes are handed over, whole or in pieces, by
 * stack_input. Returns false if it would open a flow beyond config's flows_max: it is to be
 * refused. Flows that are open go on, and so do answers over forwards and what libslirp answers by
 * itself.
 */
bool stack_announce(struct stack *stack, const struct frame *frame);

/* Hands over one checked frame of the container. */
void stack_input(struct stack *stack, const uint8_t *frame, size_t length);

/* Before a turn of the loop: watches what is to be watched. Returns how long it may wait, in ms. */
int stack_prepare(struct stack *stack);

/* After the turn: moves data for whatever was ready, and runs libslirp's timers. */
void stack_dispatch(struct stack *stack);

/* The size of TCP segments that libslirp makes best, in bytes of data. */
uint16_t stack_segment_size(const struct stack *stack);

/*
 * Opens or closes a forward. Returns 0 or a positive errno value, as bind(2) gives it; ENOENT where
 * there is none to close.
 */
int stack_forward_add(struct stack *stack, const struct forward *forward);
int stack_forward_remove(struct stack *stack, const struct forward *forward);

/*
 * Fills at most size rows of flows with what is open; returns the rows filled, *ret_total all there
 * are.
 */
uint32_t stack_list_flows(struct stack *stack, struct flow *flows, uint32_t size,
			  uint32_t *ret_total);
