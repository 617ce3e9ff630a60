/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends libslirp's TIME_WAIT as soon as it begins.
 *
 * A flow that the host's side closed first stays in libslirp for ten seconds and more after both
 * sides are done, in a list that it walks for every frame and every turn: at a thousand connections
 * a second that list is where all the time goes. TIME_WAIT is there for a last acknowledgement that
 * gets lost (RFC 9293 3.6.1); between two ends of one device none is. So when the container's FIN
 * acknowledges libslirp's, the flow is over, and libslirp is told so by a RST in the container's
 * name, which it takes in that state without a word. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* An IPv6 reset: Ethernet, IP and TCP headers. */
#define TIME_WAIT_RESET_MAX 74

struct time_wait;

/* Remembers at most some thousand flows; those forgotten end by libslirp's own clock. Never NULL.
 */
struct time_wait *time_wait_new(void);
void time_wait_free(struct time_wait *time_wait);

/* Sees each frame to the container: notes the FINs. */
void time_wait_note_output(struct time_wait *time_wait, const uint8_t *frame, size_t length);

/*
 * Sees each frame from the container, after libslirp took it. Returns the length of the frame
 * written to reset, which is to go to libslirp next, or 0 if the flow is not at its end.
 */
size_t time_wait_check_input(struct time_wait *time_wait, const uint8_t *frame, size_t length,
			     uint8_t reset[static TIME_WAIT_RESET_MAX]);
