/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address of DNS over TCP: the one the container knows, and the one that is forwarded. Pure. */
#pragma once

#include <stdint.h>

#include "base/network.h"
#include "slirp-glue/frame.h"

/* Sends a TCP segment to v4_dns on to v4_dns_stream. */
void dns_address_redirect(struct frame *frame, const struct network *network);

/*
 * Makes an IPv4 TCP segment from v4_dns_stream one from v4_dns. Any other is left alone, and so is
 * one that is too short. frame need not come from frame_parse, but its offsets must be right.
 */
void dns_address_restore(struct frame *frame, const struct network *network);
