/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts IPv4 (RFC 791) and IPv6 (RFC 8200) fragments together, because libslirp 4.7.0 must not see
 * any. Bounded: at most FRAGMENTS_PACKETS packets at once, each at most FRAME_MAX bytes, each for
 * at most FRAGMENTS_TIMEOUT_NS. Overlapping fragments drop their packet (RFC 5722, RFC 8900). Pure.
 */
#pragma once

#include <stdint.h>

#include "base/counters.h"
#include "slirp-glue/frame.h"

#define FRAGMENTS_PACKETS 64
#define FRAGMENTS_TIMEOUT_NS (5ULL * 1000 * 1000 * 1000)

struct fragments;

/* counters are borrowed and must outlive it. */
struct fragments *fragments_new(struct counters *counters);
void fragments_free(struct fragments *fragments);

/*
 * Takes one parsed fragment at time now_ns (which never goes back). Returns the whole packet as an
 * Ethernet frame of *ret_length bytes once it is complete (borrowed until the next call), else
 * NULL: the fragment is kept, or it and perhaps its packet are dropped and counted. The frame's IP
 * header is right; what follows it is not checked.
 */
uint8_t *fragments_add(struct fragments *fragments, const struct frame *fragment, uint64_t now_ns,
		       uint32_t *ret_length);
