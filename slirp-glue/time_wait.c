/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends libslirp's TIME_WAIT as soon as it begins. */

#include "config.h"

#include <glib.h>
#include <netinet/in.h>
#include <string.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/tcp_frame.h"
#include "slirp-glue/time_wait.h"
#include "slirp-glue/wire.h"

/* A power of two. A flow that falls on another's place takes it. */
#define FLOWS 4096

/* Both endpoints of a flow, the container's first, as they stand in frames. */
struct flow_key {
	uint8_t addresses[2][IP6_ADDRESS_SIZE];
	uint8_t ports[2][2];
};

struct closing_flow {
	struct flow_key key;
	uint32_t acknowledgement; /* what acknowledges libslirp's FIN */
	uint8_t used;
};

struct time_wait {
	struct closing_flow flows[FLOWS];
};

struct time_wait *time_wait_new(void)
{
	return g_new0(struct time_wait, 1);
}

void time_wait_free(struct time_wait *time_wait)
{
	g_free(time_wait);
}

/* container is the place of the container's endpoint in the frame: 0 where it is the source. */
static struct flow_key make_key(const uint8_t *frame, const struct tcp_frame *layout, int container)
{
	const uint8_t *addresses = frame + layout->source, *ports = frame + layout->tcp;
	size_t size = layout->address_size;
	struct flow_key key = { 0 };

	for (int i = 0; i < 2; i++) {
		int place = i ^ container;

		memcpy(key.addresses[i], addresses + size * (size_t)place, size);
		memcpy(key.ports[i], ports + 2 * place, 2);
	}
	return key;
}

static struct closing_flow *place_of(struct time_wait *time_wait, const struct flow_key *key)
{
	const uint8_t *bytes = (const uint8_t *)key;
	uint32_t hash = 2166136261U; /* FNV-1a; a bad spread costs an early end, nothing else */

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return &time_wait->flows[(hash ^ hash >> 15) % FLOWS];
}

/* The sequence number behind a segment: its data, and one for SYN and FIN each. */
static uint32_t next_sequence(const uint8_t *frame, size_t length, const struct tcp_frame *layout)
{
	const uint8_t *tcp = frame + layout->tcp;
	uint32_t sequence = wire_get32(tcp + TCP_SEQUENCE) + (uint32_t)(length - layout->data);

	if (tcp[TCP_FLAGS] & WIRE_TCP_SYN)
		sequence++;
	if (tcp[TCP_FLAGS] & WIRE_TCP_FIN)
		sequence++;
	return sequence;
}

/* Finds the parts of a segment with FIN, and no other. */
static bool find_fin(const uint8_t *frame, size_t length, struct tcp_frame *ret_layout)
{
	return tcp_frame_find(frame, length, ret_layout) &&
	       frame[ret_layout->tcp + TCP_FLAGS] & WIRE_TCP_FIN;
}

void time_wait_note_output(struct time_wait *time_wait, const uint8_t *frame, size_t length)
{
	struct tcp_frame layout;
	struct closing_flow *flow;
	struct flow_key key;

	if (!find_fin(frame, length, &layout))
		return;
	key = make_key(frame, &layout, 1);
	flow = place_of(time_wait, &key);
	flow->key = key;
	flow->acknowledgement = next_sequence(frame, length, &layout);
	flow->used = 1;
}

/* The container's last segment as a reset without data, at the sequence number that follows it. */
static size_t make_reset(const uint8_t *frame, size_t length, const struct tcp_frame *layout,
			 uint8_t *reset)
{
	uint8_t *ip = reset + ETHERNET_SIZE, *tcp = reset + layout->tcp;
	uint32_t sum;

	memcpy(reset, frame, layout->tcp + TCP_SIZE);
	wire_put32(tcp + TCP_SEQUENCE, next_sequence(frame, length, layout));
	tcp[TCP_OFFSET] = TCP_SIZE / 4 << 4;
	tcp[TCP_FLAGS] = WIRE_TCP_RST | WIRE_TCP_ACK;
	wire_put16(tcp + TCP_CHECKSUM, 0);
	wire_put16(tcp + TCP_URGENT, 0);
	if (layout->v6) {
		wire_put16(ip + IP6_LENGTH, TCP_SIZE);
	} else {
		wire_put16(ip + IP4_LENGTH, IP4_SIZE + TCP_SIZE);
		wire_put16(ip + IP4_CHECKSUM, 0);
		wire_put_raw16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, IP4_SIZE)));
	}
	sum = checksum_pseudo_header(ip, IPPROTO_TCP, TCP_SIZE);
	wire_put_raw16(tcp + TCP_CHECKSUM, checksum_finish(checksum_add(sum, tcp, TCP_SIZE)));
	return layout->tcp + TCP_SIZE;
}

size_t time_wait_check_input(struct time_wait *time_wait, const uint8_t *frame, size_t length,
			     uint8_t reset[static TIME_WAIT_RESET_MAX])
{
	struct tcp_frame layout;
	struct closing_flow *flow;
	struct flow_key key;

	if (!find_fin(frame, length, &layout))
		return 0;
	key = make_key(frame, &layout, 0);
	flow = place_of(time_wait, &key);
	if (!flow->used || memcmp(&flow->key, &key, sizeof(key)) != 0 ||
	    wire_get32(frame + layout.tcp + TCP_ACKNOWLEDGEMENT) != flow->acknowledgement)
		return 0;
	flow->used = 0;
	return make_reset(frame, length, &layout, reset);
}
