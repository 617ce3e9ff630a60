/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of the filter: what happens to a whole frame, by where it goes. Pure. */
#pragma once

#include <stdint.h>

#include "slirp-glue/filter.h"

struct judge;

/* As filter_new. */
struct judge *judge_new(const struct filter_config *config, struct counters *counters);
void judge_free(struct judge *judge);

/*
 * Judges a frame from the container that is parsed and no fragment. The destination of a DNS stream
 * is changed. Never FILTER_HELD; FILTER_DROP is counted.
 */
enum filter_verdict judge_frame(struct judge *judge, struct frame *frame, uint64_t now_ns);

/* Notes the sender of a UDP datagram to the container if the answer would be refused. */
void judge_note_datagram(struct judge *judge, const struct frame *frame, uint64_t now_ns);
