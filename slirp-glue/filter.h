/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides what happens to each frame of the container: the checks, the fragments and the policy in
 * one pipeline. Knows no descriptors and no libslirp.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/counters.h"
#include "base/network.h"
#include "base/policy.h"
#include "slirp-glue/frame.h"

enum filter_verdict {
	FILTER_PASS,	    /* hand the frame to libslirp */
	FILTER_DROP,	    /* forget it; counted */
	FILTER_HELD,	    /* a fragment, taken care of; what becomes of it is counted */
	FILTER_REJECT,	    /* answer with build_reject */
	FILTER_UNREACHABLE, /* answer with build_unreachable */
	FILTER_NO_SERVICE,  /* answer with build_port_unreachable */
	FILTER_DNS,	    /* a UDP datagram for the DNS address: hand it to the relay */
	FILTER_ECHO6,	    /* an ICMPv6 echo request to somewhere outside the virtual network */
};

struct filter_config {
	const struct network *network; /* borrowed, as the next */
	const struct policy *policy;
	bool host_loopback;
	bool dns;
	bool ping; /* the host sends our echo requests (icmp(7)); else they are refused */
};

struct filter;

/* config is copied; what it points to must outlive the filter. counters too. */
struct filter *filter_new(const struct filter_config *config, struct counters *counters);
void filter_free(struct filter *filter);

/*
 * Judges one frame of length bytes at data, which may be changed in place. offload may be NULL;
 * now_ns never goes back. On every verdict but FILTER_DROP and FILTER_HELD, *ret_frame is the frame
 * to go on with: it may start behind data, or lie in the filter's own memory until the next call.
 */
enum filter_verdict filter_input(struct filter *filter, uint8_t *data, uint32_t length,
				 const struct frame_offload *offload, uint64_t now_ns,
				 struct frame *ret_frame);

/*
 * Sees each frame that libslirp sends to the container before it goes out, and may change it in
 * place: DNS streams get their public address back, and the peers of inbound UDP flows are
 * remembered, so that the answers pass where new flows to them would be refused.
 */
void filter_output(struct filter *filter, uint8_t *data, uint32_t length, uint64_t now_ns);
