/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzzes the frame filter with streams of frames, and checks what must hold for each. */

/*
 * The first byte of an input chooses the configuration. Records follow: one byte of enum record
 * bits, two bytes of length, least significant first, then that many bytes of frame (as many as
 * there are). The script scripts/fuzz-seeds writes the seeds in this form.
 */

#include "config.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "slirp-glue/build.h"
#include "slirp-glue/checksum.h"
#include "slirp-glue/filter.h"
#include "slirp-glue/wire.h"

enum option { OPTION_LOOPBACK = 1, OPTION_NO_DNS = 2, OPTION_NO_V6 = 4, OPTION_RULES = 8 };

enum record {
	RECORD_OUTPUT = 1,    /* from libslirp to the container */
	RECORD_OFFLOAD = 2,   /* the frame starts with four bytes: checksum start and offset */
	RECORD_MEND_IP = 4,   /* the IPv4 header checksum is made right first */
	RECORD_MEND_BODY = 8, /* and that of what is behind */
	RECORD_SECONDS = 0xf0 /* these pass before it, times 16 */
};

#define SECOND 1000000000ULL
#define RECORD_HEADER 3

static const char *const rules[] = { "10.0.0.0/8:1-1023/tcp", "any/udp", "[2001:db8::/32]",
				     "198.51.100.0/24/icmp" };

struct state {
	struct network network;
	struct policy policy;
	struct counters counters;
	struct filter *filter;
	uint64_t now_ns;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static uint64_t drops(const struct counters *counters)
{
	static const enum counter kinds[] = {
		COUNTER_short_frames, COUNTER_bad_ethertype, COUNTER_bad_arp,
		COUNTER_bad_ip,	      COUNTER_bad_address,   COUNTER_bad_transport,
		COUNTER_bad_protocol, COUNTER_bad_offload,   COUNTER_tftp,
	};
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		sum += counters->value[kinds[i]];
	return sum;
}

static void require_ip(const struct frame *frame)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;

	if (frame->ethertype == ETHERTYPE_IP) {
		require(ip[IP4_VERSION_IHL] == 0x45);
		require(wire_get16(ip + IP4_LENGTH) == frame->length - ETHERNET_SIZE);
		require(checksum_finish(checksum_add(0, ip, IP4_SIZE)) == 0);
		require((wire_get16(ip + IP4_FRAGMENT) & ~WIRE_IP4_DONT_FRAGMENT) == 0);
		require(ip[IP4_PROTOCOL] == frame->protocol);
		require(frame->transport_offset == ETHERNET_SIZE + IP4_SIZE);
	} else {
		require(frame->ethertype == ETHERTYPE_IPV6);
		require(wire_get16(ip + IP6_LENGTH) == frame->length - ETHERNET_SIZE - IP6_SIZE);
		require(ip[IP6_NEXT_HEADER] == frame->protocol);
		require(frame->transport_offset == ETHERNET_SIZE + IP6_SIZE);
	}
}

static void require_transport(const struct frame *frame)
{
	const uint8_t *transport = frame->data + frame->transport_offset;
	uint32_t size = frame->length - frame->transport_offset;

	switch (frame->protocol) {
	case IPPROTO_TCP:
		require(size >= TCP_SIZE && (transport[TCP_OFFSET] >> 4) * 4U >= TCP_SIZE &&
			(transport[TCP_OFFSET] >> 4) * 4U <= size);
		require(!(transport[TCP_FLAGS] & WIRE_TCP_URG));
		require(wire_get16(transport + TCP_URGENT) == 0);
		break;
	case IPPROTO_UDP:
		require(size >= UDP_SIZE && wire_get16(transport + UDP_LENGTH) == size);
		break;
	default:
		require(size >= ICMP_SIZE);
		require(frame->protocol == IPPROTO_ICMP || frame->protocol == IPPROTO_ICMPV6);
	}
}

/* What libslirp may be handed as a destination; where it connects to the host with it. */
static void require_destination(const struct state *state, const struct frame *frame)
{
	const struct network *network = &state->network;
	struct endpoint to, from;

	frame_destination(frame, &to);
	frame_source(frame, &from);
	require(!address_is_loopback(&to.address) && !address_is_loopback(&from.address));
	require(!address_is_multicast(&from.address) && !address_is_unspecified(&to.address));
	if (frame->protocol == IPPROTO_TCP)
		require(!address_is_multicast(&to.address));
	if (to.address.family == AF_INET6) {
		require(!IN6_IS_ADDR_V4MAPPED(&to.address.v6));
		require(!IN6_IS_ADDR_V4COMPAT(&to.address.v6));
		if (memcmp(&to.address.v6, &network->v6_prefix, 8) == 0 &&
		    frame->protocol != IPPROTO_ICMPV6)
			require(memcmp(&to.address.v6, &network->v6_gateway, 16) == 0);
		return;
	}
	if (to.address.v4.s_addr == INADDR_BROADCAST)
		require(frame->protocol == IPPROTO_UDP && to.port == 67);
	if ((to.address.v4.s_addr & network->v4_mask.s_addr) == network->v4_network.s_addr &&
	    frame->protocol != IPPROTO_ICMP)
		require(to.address.v4.s_addr == network->v4_gateway.s_addr ||
			(to.address.v4.s_addr == network->v4_dns_stream.s_addr && to.port == 53));
}

/* An answer of ours must itself be right, and must not call for another. */
static void require_answer(const struct frame *frame, const uint8_t *answer, size_t length)
{
	uint8_t *copy = malloc(length);
	uint8_t again[BUILD_REJECT_MAX];
	struct counters counters = { { 0 } };
	struct frame parsed;

	memcpy(copy, answer, length);
	require(frame_parse(copy, (uint32_t)length, &counters, &parsed));
	require(parsed.data == copy && parsed.length == length && !parsed.fragment);
	require(parsed.ethertype == frame->ethertype);
	require(frame_has_right_checksum(&parsed));
	if (parsed.protocol != IPPROTO_UDP)
		require(build_reject(&parsed, again) == 0 ||
			parsed.data[parsed.transport_offset] == 129);
	free(copy);
}

static void check_refusal(const struct frame *frame,
			  size_t (*build)(const struct frame *frame, uint8_t *buffer))
{
	uint8_t *answer = malloc(BUILD_REJECT_MAX);
	size_t length = build(frame, answer);

	require(length <= BUILD_REJECT_MAX);
	if (length)
		require_answer(frame, answer, length);
	free(answer);
}

static void check_answer(const struct frame *frame, enum filter_verdict verdict)
{
	static const uint8_t payload[] = { 0, 1, 2, 3, 4, 5, 6 };
	uint8_t answer[128];
	size_t length;

	require(frame_has_right_checksum(frame));
	if (verdict == FILTER_DNS)
		length = build_udp_answer(frame, payload, sizeof(payload), answer, sizeof(answer));
	else
		length =
			build_echo6_answer(frame, payload, sizeof(payload), answer, sizeof(answer));
	require(length > 0);
	require_answer(frame, answer, length);
}

static void check_verdict(const struct state *state, enum filter_verdict verdict,
			  const struct frame *frame)
{
	if (verdict == FILTER_DROP || verdict == FILTER_HELD)
		return;
	require(!frame->fragment && frame->length <= FRAME_MAX);
	if (frame->ethertype == ETHERTYPE_ARP) {
		require(verdict == FILTER_PASS && frame->length == ETHERNET_SIZE + ARP_SIZE);
		return;
	}
	require_ip(frame);
	require_transport(frame);
	if (verdict == FILTER_PASS)
		require_destination(state, frame);
	else if (verdict == FILTER_REJECT)
		check_refusal(frame, build_reject);
	else if (verdict == FILTER_UNREACHABLE)
		check_refusal(frame, build_unreachable);
	else if (verdict == FILTER_NO_SERVICE)
		check_refusal(frame, build_port_unreachable);
	else
		check_answer(frame, verdict);
}

static void mend_body(const struct frame *frame)
{
	uint8_t *transport = frame->data + frame->transport_offset;
	uint32_t size = frame->length - frame->transport_offset;
	uint8_t *field =
		transport + (frame->protocol == IPPROTO_UDP ? UDP_CHECKSUM : ICMP_CHECKSUM);
	uint32_t sum = 0;

	if (frame->protocol != IPPROTO_ICMP)
		sum = checksum_pseudo_header(frame->data + ETHERNET_SIZE, frame->protocol, size);
	wire_put16(field, 0);
	wire_put_raw16(field, checksum_finish(checksum_add(sum, transport, size)));
}

/* Makes checksums right where the frame is regular enough: the fuzzer would never guess them. */
static void mend(uint8_t *frame, uint32_t length, uint8_t record)
{
	uint8_t *ip = frame + ETHERNET_SIZE;
	struct counters counters = { { 0 } };
	struct frame parsed;

	if (!(record & RECORD_MEND_IP) || length < ETHERNET_SIZE + IP4_SIZE)
		return;
	if (wire_get16(frame + ETHERNET_TYPE) == ETHERTYPE_IP) {
		uint32_t size = (ip[IP4_VERSION_IHL] & 0xfU) * 4;

		if (size < IP4_SIZE || ETHERNET_SIZE + size > length)
			return;
		wire_put16(ip + IP4_CHECKSUM, 0);
		wire_put_raw16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, size)));
	}
	/* The parser moves what has options; such a frame stays as it is. */
	if (!(record & RECORD_MEND_BODY) || (ip[IP4_VERSION_IHL] & 0xfU) > 5 ||
	    !frame_parse(frame, length, &counters, &parsed) || parsed.transport_offset == 0 ||
	    parsed.protocol == IPPROTO_TCP)
		return;
	mend_body(&parsed);
}

static void run_input(struct state *state, uint8_t record, uint8_t *frame, uint32_t length)
{
	struct frame_offload offload = { 0 };
	struct counters before = state->counters;
	enum filter_verdict verdict;
	struct frame parsed = { 0 };

	if (record & RECORD_OFFLOAD && length >= 4) {
		offload.needs_checksum = true;
		offload.checksum_start = wire_get16(frame);
		offload.checksum_offset = wire_get16(frame + 2);
		frame += 4;
		length -= 4;
	}
	verdict = filter_input(state->filter, frame, length, &offload, state->now_ns, &parsed);
	require(drops(&state->counters) - drops(&before) == (verdict == FILTER_DROP ? 1 : 0));
	if (verdict == FILTER_HELD)
		require(state->counters.value[COUNTER_fragments] ==
			before.value[COUNTER_fragments] + 1);
	require(state->counters.value[COUNTER_fragments_dropped] <=
		state->counters.value[COUNTER_fragments]);
	check_verdict(state, verdict, &parsed);
}

static void run_record(struct state *state, uint8_t record, const uint8_t *data, uint32_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	memcpy(copy, data, length);
	state->now_ns += (record & RECORD_SECONDS) * SECOND / 16;
	mend(copy, length, record);
	if (record & RECORD_OUTPUT)
		filter_output(state->filter, copy, length, state->now_ns);
	else
		run_input(state, record, copy, length);
	free(copy);
}

static void start(struct state *state, uint8_t options)
{
	struct filter_config config = { .network = &state->network,
					.policy = &state->policy,
					.host_loopback = options & OPTION_LOOPBACK,
					.dns = !(options & OPTION_NO_DNS),
					.ping = true };

	memset(state, 0, sizeof(*state));
	require(network_plan(NULL, NULL, !(options & OPTION_NO_V6), 65520, &state->network, NULL));
	for (size_t i = 0; options & OPTION_RULES && i < ARRAY_SIZE(rules); i++)
		require(policy_add(&state->policy, rules[i], false, NULL));
	state->filter = filter_new(&config, &state->counters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct state state;

	if (size < 1)
		return 0;
	start(&state, data[0]);
	for (data++, size--; size >= RECORD_HEADER;) {
		uint8_t record = data[0];
		size_t length = data[1] | (size_t)data[2] << 8;

		data += RECORD_HEADER;
		size -= RECORD_HEADER;
		if (length > size)
			length = size;
		run_record(&state, record, data, (uint32_t)length);
		data += length;
		size -= length;
	}
	filter_free(state.filter);
	return 0;
}
