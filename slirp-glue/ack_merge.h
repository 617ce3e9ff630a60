/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leaves out TCP acknowledgements that a later one of the same flow covers. libslirp acknowledges
 * every segment by itself; when several segments were read in one go, one acknowledgement is enough
 * (RFC 9293 3.10.7.4: cumulative), and each that is left out saves a write and a wake-up. Window
 * updates and duplicates of what was sent go out, in order. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv6 acknowledgement without options: Ethernet, IP and TCP headers. */
#define ACK_FRAME_MAX 74

#define ACK_MERGE_SLOTS 16

struct ack_slot {
	uint32_t length;	      /* 0: empty */
	uint8_t frame[ACK_FRAME_MAX]; /* in an empty slot, what was sent last */
};

/* Plain data; all zero is empty. */
struct ack_merge {
	uint32_t waiting; /* slots that are not empty */
	struct ack_slot slots[ACK_MERGE_SLOTS];
};

enum ack_verdict {
	ACK_SEND,   /* send the frame; nothing of its flow waits */
	ACK_KEPT,   /* the frame was put into an empty slot */
	ACK_MERGED, /* the frame took the place of one that it covers */
	ACK_FIRST,  /* *ret_slot goes out first (the caller empties it), then ask again */
};

/* Judges a frame of ours to the container. */
enum ack_verdict ack_merge_add(struct ack_merge *merge, const uint8_t *frame, size_t length,
			       struct ack_slot **ret_slot);

/* A slot whose frame waits, or NULL; the caller sends it and empties it. */
struct ack_slot *ack_merge_next(struct ack_merge *merge);

/* Empties a slot after its frame was sent. */
void ack_merge_sent(struct ack_merge *merge, struct ack_slot *slot);
