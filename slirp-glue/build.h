/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds frames of our own that go to the container. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "slirp-glue/frame.h"

/* An Ethernet header and the smallest MTU of IPv6, which bounds what an ICMPv6 error may hold. */
#define BUILD_REJECT_MAX (14 + 1280)

/*
 * The answer that refuses a parsed frame, written to buffer: a TCP RST (RFC 9293,
 * section 3.10.7.1); for UDP and ICMP "administratively prohibited" (ICMP type 3 code 13; ICMPv6
 * type 1 code 1). It comes from the frame's destination. Returns its length; 0 where no answer may
 * be given (to a RST, to an ICMP error, to multicast or broadcast: RFC 1122 3.2.2, RFC 4443 2.4).
 */
size_t build_reject(const struct frame *frame, uint8_t buffer[static BUILD_REJECT_MAX]);

/*
 * The same, but whatever the protocol: "network unreachable" (ICMP type 3 code 0; ICMPv6 "no
 * route", type 1 code 0), as a host says it that has no way to the destination.
 */
size_t build_unreachable(const struct frame *frame, uint8_t buffer[static BUILD_REJECT_MAX]);

/*
 * The same for UDP: "port unreachable" (ICMP type 3 code 3; ICMPv6 type 1 code 4), as a host says
 * it where no program has the port (RFC 1122, section 4.1.3.1).
 */
size_t build_port_unreachable(const struct frame *frame, uint8_t buffer[static BUILD_REJECT_MAX]);

/*
 * A UDP datagram that answers the parsed UDP frame: addresses and ports swapped, with length bytes
 * of payload. size is that of buffer. Returns the frame's length, or 0 if it does not fit.
 */
size_t build_udp_answer(const struct frame *frame, const void *payload, size_t length,
			uint8_t *buffer, size_t size);

/*
 * The same for an ICMPv6 echo request: the reply, with the request's identifier and the given rest
 * (length bytes of message, which starts with the sequence number).
 */
size_t build_echo6_answer(const struct frame *frame, const void *message, size_t length,
			  uint8_t *buffer, size_t size);
