/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often the bytes of a frame are copied on their way through the engine.
 *
 * TCP, out: read(2) of the frame from the tap; slirp_input copies it into a buffer of libslirp's
 * (mbuf); send(2) of the data from there.
 *
 * TCP, in: recv(2) into the socket buffer (sbuf); tcp_output copies data into an mbuf; if_encap
 * copies that behind an Ethernet header; a large segment is copied once more, to be joined with
 * those that follow it (slirp-glue/data_merge.c); writev(2) of the frame to the tap.
 *
 * UDP: as TCP, but recvfrom(2) goes into the mbuf at once, and nothing is joined.
 *
 * DNS, out: read(2) of the frame; send(2) of the message by our relay, past libslirp. DNS, in:
 * recv(2) of the message; a copy into a frame; writev(2) of the frame.
 *
 * ARP, NDP: read(2) and slirp_input; the answer is made in place, and written.
 *
 * What libslirp can't send at once is copied once more (sbappendsb), which is not counted: nobody
 * outside of it can see when that happens. Nor is the capture that all this is known from.
 */

#include "config.h"

#include <netinet/in.h>
#include <stdbool.h>

#include "explain/copies.h"

/* Data of a segment that is worth a copy to be joined with others: KEPT_MIN of data_merge.c. */
#define JOINED_MIN 4096

/* Copies of the frame as a whole, and of its data alone. */
struct passes {
	uint8_t frame;
	uint8_t payload;
};

static struct passes passes_of_tcp(const struct frame_note *note)
{
	if (note->direction == DIRECTION_OUT)
		return (struct passes){ 2, 1 };
	return (struct passes){ 2, note->payload >= JOINED_MIN ? 3 : 2 };
}

static struct passes passes_of(const struct frame_note *note)
{
	bool out = note->direction == DIRECTION_OUT;

	if (note->topic == TOPIC_dns)
		return out ? (struct passes){ 1, 1 } : (struct passes){ 1, 2 };
	if (note->topic == TOPIC_ping)
		return (struct passes){ 3, 0 };
	if (note->topic == TOPIC_mld || note->topic == TOPIC_frame)
		return (struct passes){ 1, 0 };
	if (note->protocol == IPPROTO_TCP)
		return passes_of_tcp(note);
	if (note->protocol == IPPROTO_UDP)
		return (struct passes){ 2, 1 };
	return out ? (struct passes){ 2, 0 } : (struct passes){ 1, 0 };
}

uint64_t copies_of_frame(const struct frame_note *note)
{
	struct passes passes = passes_of(note);

	return passes.frame * note->length + passes.payload * note->payload;
}
