/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of each frame: checksum, parser, fragments, rules; and the way back. */

#include "config.h"

#include <glib.h>
#include <net/ethernet.h>
#include <netinet/in.h>

#include "slirp-glue/dns_address.h"
#include "slirp-glue/filter.h"
#include "slirp-glue/fragments.h"
#include "slirp-glue/judge.h"
#include "slirp-glue/wire.h"

struct filter {
	const struct network *network;
	bool dns;
	struct counters *counters;
	struct fragments *fragments;
	struct judge *judge;
};

struct filter *filter_new(const struct filter_config *config, struct counters *counters)
{
	struct filter *filter = g_new0(struct filter, 1);

	filter->network = config->network;
	filter->dns = config->dns;
	filter->counters = counters;
	filter->fragments = fragments_new(counters);
	filter->judge = judge_new(config, counters);
	return filter;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	fragments_free(filter->fragments);
	judge_free(filter->judge);
	g_free(filter);
}

enum filter_verdict filter_input(struct filter *filter, uint8_t *data, uint32_t length,
				 const struct frame_offload *offload, uint64_t now_ns,
				 struct frame *ret_frame)
{
	enum filter_verdict verdict;
	struct frame frame;

	if (offload && offload->needs_checksum &&
	    !frame_complete_checksum(data, length, offload, filter->counters))
		return FILTER_DROP;
	if (!frame_parse(data, length, filter->counters, &frame))
		return FILTER_DROP;
	if (frame.fragment) {
		data = fragments_add(filter->fragments, &frame, now_ns, &length);
		if (!data)
			return FILTER_HELD;
		if (!frame_parse(data, length, filter->counters, &frame))
			return FILTER_DROP;
	}
	verdict = judge_frame(filter->judge, &frame, now_ns);
	if (verdict != FILTER_DROP)
		*ret_frame = frame;
	return verdict;
}

/* Finds the transport header of a frame that libslirp made. Returns false if there is none. */
static bool read_output(uint8_t *data, uint32_t length, struct frame *ret_frame)
{
	struct frame frame = { .data = data, .length = length };
	const uint8_t *ip = data + ETHERNET_SIZE;

	if (length < ETHERNET_SIZE + IP4_SIZE + UDP_SIZE)
		return false;
	frame.ethertype = wire_get16(data + ETHERNET_TYPE);
	if (frame.ethertype == ETHERTYPE_IP) {
		if (ip[IP4_VERSION_IHL] != (4 << 4 | IP4_SIZE / 4) ||
		    wire_get16(ip + IP4_FRAGMENT) & WIRE_IP4_OFFSET)
			return false;
		frame.protocol = ip[IP4_PROTOCOL];
		frame.transport_offset = ETHERNET_SIZE + IP4_SIZE;
	} else if (frame.ethertype == ETHERTYPE_IPV6) {
		if (length < ETHERNET_SIZE + IP6_SIZE + UDP_SIZE)
			return false;
		frame.protocol = ip[IP6_NEXT_HEADER];
		frame.transport_offset = ETHERNET_SIZE + IP6_SIZE;
	} else {
		return false;
	}
	*ret_frame = frame;
	return true;
}

void filter_output(struct filter *filter, uint8_t *data, uint32_t length, uint64_t now_ns)
{
	struct frame frame;

	if (!read_output(data, length, &frame))
		return;
	if (frame.protocol == IPPROTO_UDP)
		judge_note_datagram(filter->judge, &frame, now_ns);
	else if (filter->dns && frame.protocol == IPPROTO_TCP && frame.ethertype == ETHERTYPE_IP)
		dns_address_restore(&frame, filter->network);
}
