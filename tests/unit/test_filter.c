/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/filter: the verdict on each kind of frame, and what is changed in it. */

#include "config.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "slirp-glue/build.h"
#include "slirp-glue/filter.h"

#define GUEST "10.0.2.100"
#define GATEWAY "10.0.2.2"
#define DNS "10.0.2.3"
#define STREAM "10.0.2.4"
#define HOST "198.51.100.7"
#define GUEST6 "fd00::100"
#define GATEWAY6 "fd00::2"
#define DNS6 "fd00::3"
#define LINK6 "fe80::11:22ff:fe33:4455"
#define HOST6 "2001:db8::7"
#define SECOND 1000000000ULL

/* Options of a row; the default is what `run` has: DNS served, the host's loopback closed. */
#define LOOPBACK 1 /* the gateway reaches the host */
#define NO_DNS 2
#define NO_V6 4
#define NO_PING 8 /* the host sends no echo requests for us */

/* What a row sends. */
enum kind { SYN, SYNACK, ACK, UDP, ECHO, ICMP };

static struct packet_bytes packet;
static struct counters counters;
static struct network network;
static struct policy policy;
static struct filter *filter;
static struct frame frame;
static uint64_t now;

static uint64_t counted(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNTER_COUNT; i++)
		sum += counters.value[i];
	return sum;
}

/* Rules are separated by spaces, '+' for allow and '-' for deny before each. */
static void make_filter(int options, const char *rules)
{
	g_auto(GStrv) words = g_strsplit(rules, " ", 0);
	struct filter_config config = { .network = &network,
					.policy = &policy,
					.host_loopback = options & LOOPBACK,
					.dns = !(options & NO_DNS),
					.ping = !(options & NO_PING) };

	memset(&counters, 0, sizeof(counters));
	memset(&policy, 0, sizeof(policy));
	for (size_t i = 0; words[i] && words[i][0]; i++)
		ck_assert(policy_add(&policy, words[i] + 1, words[i][0] == '+', NULL));
	ck_assert(network_plan(NULL, NULL, !(options & NO_V6), 65520, &network, NULL));
	filter_free(filter);
	filter = filter_new(&config, &counters);
	now = SECOND;
}

static void teardown(void)
{
	filter_free(filter);
	filter = NULL;
}

/* Gives the packet to the filter in memory of exactly its size, and keeps what comes back. */
static enum filter_verdict input(void)
{
	static uint8_t kept[PACKET_MAX];
	uint8_t *copy = malloc(packet.length ? packet.length : 1);
	enum filter_verdict verdict;

	memcpy(copy, packet.data, packet.length);
	memset(&frame, 0, sizeof(frame));
	verdict = filter_input(filter, copy, packet.length, NULL, now, &frame);
	if (verdict == FILTER_DROP || verdict == FILTER_HELD) {
		ck_assert_ptr_null(frame.data);
	} else {
		memcpy(kept, frame.data, frame.length);
		frame.data = kept;
	}
	free(copy);
	return verdict;
}

static void output(void)
{
	uint8_t *copy = malloc(packet.length ? packet.length : 1);

	memcpy(copy, packet.data, packet.length);
	filter_output(filter, copy, packet.length, now);
	memcpy(packet.data, copy, packet.length);
	free(copy);
}

static void make_packet(enum kind kind, const char *source, const char *destination, uint16_t port)
{
	switch (kind) {
	case SYN:
		packet_make_tcp(&packet, source, 4000, destination, port, PACKET_SYN, 0);
		break;
	case SYNACK:
		packet_make_tcp(&packet, source, 4000, destination, port, PACKET_SYN | PACKET_ACK,
				0);
		break;
	case ACK:
		packet_make_tcp(&packet, source, 4000, destination, port, PACKET_ACK, 100);
		break;
	case UDP:
		packet_make_udp(&packet, source, 4000, destination, port, 100);
		break;
	case ECHO:
		packet_make_icmp(&packet, source, destination, strchr(source, ':') ? 128 : 8, 56);
		break;
	case ICMP:
		packet_make_icmp(&packet, source, destination, (uint8_t)port, 56);
		break;
	}
}

#define NONE COUNTER_COUNT
#define PASS FILTER_PASS, NONE
#define REJECT FILTER_REJECT, NONE
#define UNREACHABLE FILTER_UNREACHABLE, NONE
#define NO_SERVICE FILTER_NO_SERVICE, NONE
#define DROP(counter) FILTER_DROP, COUNTER_##counter
#define DENIED(counter) FILTER_REJECT, COUNTER_denied_##counter

static const struct row {
	int options;
	const char *rules;
	enum kind kind;
	const char *source;
	const char *destination;
	uint16_t port; /* for ICMP: the type */
	enum filter_verdict verdict;
	enum counter counter; /* the only one that counts */
} rows[] = {
	/* The outside. */
	{ 0, "", SYN, GUEST, HOST, 80, PASS },
	{ 0, "", ACK, GUEST, HOST, 80, PASS },
	{ 0, "", UDP, GUEST, HOST, 53, PASS },
	{ 0, "", UDP, GUEST, HOST, 69, PASS },
	{ 0, "", ECHO, GUEST, HOST, 0, PASS },
	{ 0, "", SYN, GUEST6, HOST6, 80, PASS },
	{ 0, "", UDP, GUEST6, HOST6, 53, PASS },
	{ 0, "", ECHO, GUEST6, HOST6, 0, FILTER_ECHO6, NONE },
	{ 0, "", SYN, GUEST, "169.254.169.254", 80, PASS },
	{ 0, "", SYN, GUEST, "10.0.3.2", 80, PASS },
	{ 0, "", SYN, GUEST, "223.255.255.255", 80, PASS },
	{ 0, "", SYN, GUEST6, "64:ff9b::127.0.0.1", 80, PASS },
	{ 0, "", SYN, GUEST6, "fd00:0:0:1::2", 80, PASS },
	{ 0, "", SYN, GUEST6, "::1:0:0:0", 80, PASS },
	/* ICMP that nobody serves. */
	{ 0, "", ICMP, GUEST, HOST, 0, DROP(bad_protocol) },
	{ 0, "", ICMP, GUEST, HOST, 3, DROP(bad_protocol) },
	{ 0, "", ICMP, GUEST, HOST, 13, DROP(bad_protocol) },
	{ 0, "", ICMP, GUEST6, HOST6, 1, DROP(bad_protocol) },
	{ 0, "", ICMP, GUEST6, HOST6, 129, DROP(bad_protocol) },
	{ 0, "", ICMP, GUEST6, "ff02::16", 143, DROP(bad_protocol) },
	{ 0, "", ICMP, "::", "ff02::16", 143, DROP(bad_protocol) },
	{ 0, "", ICMP, GUEST6, "ff02::1", 134, DROP(bad_protocol) },
	{ 0, "", ICMP, GUEST6, "ff02::1", 137, DROP(bad_protocol) },
	/* Destinations that no network carries. */
	{ LOOPBACK, "", SYN, GUEST, "127.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "127.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, GUEST, "127.255.255.255", 0, DROP(bad_address) },
	{ LOOPBACK, "", ACK, GUEST, "127.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST, "0.0.0.0", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "0.255.255.255", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "240.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "255.255.255.254", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST, "255.255.255.255", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "255.255.255.255", 80, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, GUEST, "255.255.255.255", 0, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST, "255.255.255.255", 67, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST, "224.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, GUEST, "224.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "224.0.0.251", 5353, PASS },
	{ LOOPBACK, "", SYN, GUEST6, "::", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "::1", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST6, "::1", 80, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, GUEST6, "::1", 0, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "::ffff:127.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "::ffff:198.51.100.7", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "::127.0.0.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "::198.51.100.7", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST6, "ff02::1", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, LINK6, "ff02::fb", 5353, DROP(bad_address) },
	{ LOOPBACK, "", UDP, LINK6, "ff02::1:2", 547, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, LINK6, "ff02::1", 0, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "ff05::2", 80, DROP(bad_address) },
	{ LOOPBACK, "", ICMP, LINK6, "ff05::2", 133, DROP(bad_address) },
	{ LOOPBACK, "", SYN, LINK6, "fe80::1", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, LINK6, "fe80::1:2", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, LINK6, "febf::2", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, LINK6, "fe80:0:0:1::2", 80, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, LINK6, "fe80::4", 0, DROP(bad_address) },
	{ LOOPBACK, "", ICMP, LINK6, HOST6, 135, DROP(bad_address) },
	/* The rest of the virtual network. */
	{ LOOPBACK, "", SYN, GUEST, "10.0.2.0", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST, "10.0.2.1", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST, STREAM, 53, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, STREAM, 53, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, GUEST, STREAM, 0, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "10.0.2.101", 53, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "10.0.2.255", 53, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST, "10.0.2.255", 67, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "fd00::", 80, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "fd00::1", 80, DROP(bad_address) },
	{ LOOPBACK, "", UDP, GUEST6, "fd00::4", 53, DROP(bad_address) },
	{ LOOPBACK, "", SYN, GUEST6, "fd00::ffff:ffff:ffff:ffff", 80, DROP(bad_address) },
	{ LOOPBACK, "", ECHO, GUEST6, "fd00::101", 0, DROP(bad_address) },
	/* Sources. */
	{ 0, "", SYN, "10.0.2.15", HOST, 80, PASS },
	{ 0, "", SYN, "192.168.5.5", HOST, 80, PASS },
	{ 0, "", SYN, LINK6, HOST6, 80, PASS },
	{ 0, "", SYN, "2001:db8:9::9", HOST6, 80, PASS },
	{ 0, "", SYN, "127.0.0.1", HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, "0.0.0.0", HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, "0.0.0.1", HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, "224.0.0.1", HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, "255.255.255.255", HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, "250.0.0.1", HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, GATEWAY, HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, DNS, HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, STREAM, HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, "10.0.2.255", HOST, 80, DROP(bad_address) },
	{ 0, "", UDP, "0.0.0.0", GATEWAY, 67, DROP(bad_address) },
	{ 0, "", SYN, "::", HOST6, 80, DROP(bad_address) },
	{ 0, "", SYN, "::1", HOST6, 80, DROP(bad_address) },
	{ 0, "", SYN, "::ffff:10.0.2.100", HOST6, 80, DROP(bad_address) },
	{ 0, "", SYN, "ff02::1", HOST6, 80, DROP(bad_address) },
	{ 0, "", ECHO, "::", GATEWAY6, 0, DROP(bad_address) },
	{ 0, "", SYN, GATEWAY6, HOST6, 80, DROP(bad_address) },
	{ 0, "", SYN, "fe80::2", HOST6, 80, DROP(bad_address) },
	/* DHCP. */
	{ 0, "-any", UDP, "0.0.0.0", "255.255.255.255", 67, PASS },
	{ 0, "-any", UDP, GUEST, "255.255.255.255", 67, PASS },
	{ 0, "-any", UDP, GUEST, GATEWAY, 67, PASS },
	{ 0, "", UDP, "0.0.0.0", "255.255.255.255", 68, DROP(bad_address) },
	{ 0, "", UDP, GUEST6, GATEWAY6, 67, NO_SERVICE },
	/* The gateway. */
	{ 0, "", SYN, GUEST, GATEWAY, 80, UNREACHABLE },
	{ 0, "", UDP, GUEST, GATEWAY, 80, NO_SERVICE },
	{ 0, "", ECHO, GUEST, GATEWAY, 0, PASS },
	{ 0, "", SYN, GUEST6, GATEWAY6, 80, UNREACHABLE },
	{ 0, "", UDP, GUEST6, GATEWAY6, 80, NO_SERVICE },
	{ 0, "", ECHO, GUEST6, GATEWAY6, 0, PASS },
	/* These belong to connections from the host to published ports. */
	{ 0, "", SYNACK, GUEST, GATEWAY, 40000, PASS },
	{ 0, "", ACK, GUEST6, GATEWAY6, 40000, PASS },
	{ LOOPBACK, "", SYN, GUEST, GATEWAY, 80, PASS },
	{ LOOPBACK, "", UDP, GUEST, GATEWAY, 80, PASS },
	{ LOOPBACK, "", SYN, GUEST6, GATEWAY6, 80, PASS },
	{ LOOPBACK, "", UDP, GUEST6, GATEWAY6, 80, PASS },
	{ LOOPBACK, "-10.0.2.2", SYN, GUEST, GATEWAY, 80, DENIED(tcp) },
	{ LOOPBACK, "-10.0.2.2", UDP, GUEST, GATEWAY, 80, DENIED(udp) },
	{ 0, "-10.0.2.2", ECHO, GUEST, GATEWAY, 0, DENIED(icmp) },
	{ LOOPBACK, "", UDP, GUEST, GATEWAY, 69, DROP(tftp) },
	{ 0, "", UDP, GUEST, GATEWAY, 69, DROP(tftp) },
	{ 0, "", UDP, GUEST6, GATEWAY6, 69, DROP(tftp) },
	{ LOOPBACK, "", SYN, GUEST, GATEWAY, 69, PASS },
	/* DNS. */
	{ 0, "", UDP, GUEST, DNS, 53, FILTER_DNS, NONE },
	{ 0, "", UDP, GUEST6, DNS6, 53, FILTER_DNS, NONE },
	{ 0, "", SYN, GUEST, DNS, 53, PASS },
	{ 0, "", ACK, GUEST, DNS, 53, PASS },
	{ 0, "", SYN, GUEST6, DNS6, 53, REJECT },
	{ 0, "", ECHO, GUEST, DNS, 0, PASS },
	{ 0, "", ECHO, GUEST6, DNS6, 0, PASS },
	{ 0, "", SYN, GUEST, DNS, 80, REJECT },
	{ 0, "", UDP, GUEST, DNS, 69, NO_SERVICE },
	{ 0, "", UDP, GUEST6, DNS6, 54, NO_SERVICE },
	{ 0, "-any:53/udp", UDP, GUEST, DNS, 53, DENIED(udp) },
	{ 0, "-10.0.2.3", SYN, GUEST, DNS, 53, DENIED(tcp) },
	{ 0, "-10.0.2.3", ACK, GUEST, DNS, 53, PASS },
	{ 0, "-10.0.2.4", SYN, GUEST, DNS, 53, PASS },
	{ 0, "-any", SYN, GUEST6, DNS6, 53, REJECT },
	{ NO_DNS, "", UDP, GUEST, DNS, 53, NO_SERVICE },
	{ NO_DNS, "", SYN, GUEST, DNS, 53, REJECT },
	{ NO_DNS, "", ECHO, GUEST, DNS, 0, REJECT },
	{ NO_DNS, "", UDP, GUEST6, DNS6, 53, NO_SERVICE },
	{ NO_DNS, "", ECHO, GUEST6, DNS6, 0, REJECT },
	{ NO_DNS, "", SYN, GUEST, STREAM, 53, DROP(bad_address) },
	/* Without a ping socket libslirp would send something else in its place. */
	{ NO_PING, "", ECHO, GUEST, HOST, 0, REJECT },
	{ NO_PING, "", ECHO, GUEST, DNS, 0, PASS },
	/* Neighbour discovery, whatever policy says. */
	{ 0, "-any", ICMP, "::", "ff02::2", 133, PASS },
	{ 0, "-any", ICMP, LINK6, "ff02::2", 133, PASS },
	{ 0, "-any", ICMP, "::", "ff02::1:ff00:100", 135, PASS },
	{ 0, "-any", ICMP, LINK6, "ff02::1:ff00:2", 135, PASS },
	{ 0, "-any", ICMP, GUEST6, GATEWAY6, 135, PASS },
	{ 0, "-any", ICMP, GUEST6, GATEWAY6, 136, PASS },
	{ NO_DNS, "-any", ICMP, GUEST6, DNS6, 135, PASS },
	{ 0, "-any", ICMP, LINK6, "fe80::2", 135, PASS },
	{ 0, "-any", ICMP, LINK6, "ff02::1", 136, PASS },
	{ 0, "", ICMP, LINK6, "fe80::9", 135, DROP(bad_address) },
	/* libslirp's link-local addresses. */
	{ 0, "", ECHO, LINK6, "fe80::2", 0, PASS },
	{ 0, "", ECHO, LINK6, "fe80::3", 0, PASS },
	{ 0, "-any", ECHO, LINK6, "fe80::2", 0, DENIED(icmp) },
	{ LOOPBACK, "", SYN, LINK6, "fe80::2", 80, REJECT },
	{ LOOPBACK, "", UDP, LINK6, "fe80::3", 53, NO_SERVICE },
	/* Policy. */
	{ 0, "-198.51.100.0/24", SYN, GUEST, HOST, 80, DENIED(tcp) },
	{ 0, "-198.51.100.0/24", UDP, GUEST, HOST, 80, DENIED(udp) },
	{ 0, "-198.51.100.0/24", ECHO, GUEST, HOST, 0, DENIED(icmp) },
	{ 0, "-198.51.100.0/24", ACK, GUEST, HOST, 80, PASS },
	{ 0, "-198.51.100.0/24", SYNACK, GUEST, HOST, 80, PASS },
	{ 0, "-198.51.100.0/24", SYN, GUEST, "198.51.101.1", 80, PASS },
	{ 0, "-2001:db8::/32", SYN, GUEST6, HOST6, 80, DENIED(tcp) },
	{ 0, "-2001:db8::/32", ECHO, GUEST6, HOST6, 0, DENIED(icmp) },
	{ 0, "-any/icmp", ECHO, GUEST6, HOST6, 0, DENIED(icmp) },
	{ 0, "-any +198.51.100.7:443", SYN, GUEST, HOST, 443, PASS },
	{ 0, "-any +198.51.100.7:443", SYN, GUEST, HOST, 80, DENIED(tcp) },
	{ 0, "-any", UDP, GUEST, "224.0.0.251", 5353, DENIED(udp) },
	/* No IPv6. */
	{ NO_V6, "", SYN, GUEST6, HOST6, 80, DROP(bad_protocol) },
	{ NO_V6, "", ICMP, "::", "ff02::2", 133, DROP(bad_protocol) },
	{ NO_V6, "", SYN, GUEST, HOST, 80, PASS },
};

START_TEST(verdicts)
{
	const struct row *row = &rows[_i];
	enum filter_verdict verdict;

	make_filter(row->options, row->rules);
	make_packet(row->kind, row->source, row->destination, row->port);
	verdict = input();
	ck_assert_msg(verdict == row->verdict, "row %d: %s to %s port %u: verdict %d", _i,
		      row->source, row->destination, row->port, (int)verdict);
	ck_assert_uint_eq(counted(), row->counter == NONE ? 0 : 1);
	if (row->counter != NONE)
		ck_assert_msg(counters.value[row->counter] == 1, "row %d: no %s", _i,
			      counter_name(row->counter));
	if (verdict == FILTER_DROP)
		return;
	ck_assert(packet_is_right(frame.data, frame.length));
	/* Only the DNS stream's destination is ever changed. */
	if (!packet_has_destination(frame.data, STREAM))
		ck_assert_mem_eq(frame.data, packet.data, packet.length);
}
END_TEST

/* A refusal that policy gives can always be told to the guest. */
START_TEST(refusals_can_be_built)
{
	uint8_t answer[BUILD_REJECT_MAX];
	const struct row *row = &rows[_i];
	size_t length;

	make_filter(row->options, row->rules);
	make_packet(row->kind, row->source, row->destination, row->port);
	if (input() != FILTER_REJECT || strcmp(row->destination, "224.0.0.251") == 0)
		return;
	length = build_reject(&frame, answer);
	ck_assert_uint_gt(length, 0);
	ck_assert(packet_is_right(answer, (uint32_t)length));
	ck_assert(packet_has_source(answer, row->destination));
	ck_assert(packet_has_destination(answer, row->source));
}
END_TEST

START_TEST(arp_passes)
{
	make_filter(0, "-any");
	packet_make_arp(&packet, 1);
	ck_assert_int_eq(input(), FILTER_PASS);
	ck_assert_uint_eq(frame.length, 42);
	ck_assert_uint_eq(counted(), 0);
}
END_TEST

START_TEST(what_cannot_be_parsed_is_dropped)
{
	make_filter(0, "");
	packet_make_arp(&packet, 3);
	ck_assert_int_eq(input(), FILTER_DROP);
	ck_assert_uint_eq(counters.value[COUNTER_bad_arp], 1);
	packet.length = 0;
	ck_assert_int_eq(input(), FILTER_DROP);
	ck_assert_uint_eq(counters.value[COUNTER_short_frames], 1);
	ck_assert_uint_eq(counted(), 2);
}
END_TEST

START_TEST(offload)
{
	struct frame_offload request = { true, 34, 16, 0 };

	make_filter(0, "");
	packet_make_tcp(&packet, GUEST, 1, HOST, 2, PACKET_ACK, 100);
	request.needs_checksum = false;
	request.checksum_start = 65535;
	ck_assert_int_eq(filter_input(filter, packet.data, packet.length, &request, now, &frame),
			 FILTER_PASS);
	request.needs_checksum = true;
	ck_assert_int_eq(filter_input(filter, packet.data, packet.length, &request, now, &frame),
			 FILTER_DROP);
	ck_assert_uint_eq(counters.value[COUNTER_bad_offload], 1);
	request.checksum_start = 34;
	/* The field holds the sum of the pseudo-header. */
	packet_put16(packet.data + 34 + 16, 0);
	packet_put16(packet.data + 34 + 16,
		     (uint16_t)~packet_checksum(120 + 6, packet.data + 26, 8));
	ck_assert(!packet_is_right(packet.data, packet.length));
	ck_assert_int_eq(filter_input(filter, packet.data, packet.length, &request, now, &frame),
			 FILTER_PASS);
	ck_assert(packet_is_right(frame.data, frame.length));
}
END_TEST

START_TEST(dns_stream_there_and_back)
{
	static struct packet_bytes sent;
	struct packet_bytes *answer = &packet;

	make_filter(0, "");
	for (size_t size = 0; size < 600; size += 7) {
		packet_make_tcp(&packet, GUEST, 4000, DNS, 53, PACKET_ACK, size);
		sent = packet;
		ck_assert_int_eq(input(), FILTER_PASS);
		ck_assert(packet_has_destination(frame.data, STREAM));
		ck_assert(packet_has_source(frame.data, GUEST));
		ck_assert_uint_eq(frame.length, sent.length);
		ck_assert(packet_is_right(frame.data, frame.length));

		packet_make_tcp(answer, STREAM, 53, GUEST, 4000, PACKET_ACK, size);
		output();
		ck_assert(packet_has_source(answer->data, DNS));
		ck_assert(packet_has_destination(answer->data, GUEST));
		ck_assert(packet_is_right(answer->data, answer->length));
		ck_assert_uint_eq(packet_get16(answer->data + 34), 53);
	}
	ck_assert_uint_eq(counted(), 0);
}
END_TEST

START_TEST(other_output_stays)
{
	static const struct {
		int options;
		enum kind kind;
		const char *source;
		uint16_t port;
	} kept[] = {
		{ 0, ACK, HOST, 53 },	     { 0, ACK, DNS, 53 },    { 0, ACK, STREAM, 80 },
		{ 0, UDP, STREAM, 53 },	     { 0, ECHO, STREAM, 0 }, { NO_DNS, ACK, STREAM, 53 },
		{ LOOPBACK, UDP, HOST, 53 },
	};
	static struct packet_bytes before;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		make_filter(kept[i].options, "");
		make_packet(kept[i].kind, kept[i].source, GUEST, 4000);
		if (kept[i].kind != ECHO)
			packet_put16(packet.data + 34, kept[i].port);
		packet_mend(&packet);
		before = packet;
		output();
		ck_assert_mem_eq(packet.data, before.data, before.length);
	}
	packet_make_arp(&packet, 2);
	before = packet;
	output();
	ck_assert_mem_eq(packet.data, before.data, before.length);
}
END_TEST

START_TEST(short_output_is_left_alone)
{
	make_filter(0, "-any");
	packet_make_tcp(&packet, STREAM, 53, GUEST, 4000, PACKET_ACK, 10);
	for (packet.length = 0; packet.length < 54; packet.length++)
		output();
	packet_make_udp(&packet, HOST6, 53, GUEST6, 4000, 10);
	for (packet.length = 0; packet.length < 72; packet.length++)
		output();
}
END_TEST

START_TEST(what_the_engine_takes_is_verified)
{
	static const struct row takes[] = {
		{ 0, "", UDP, GUEST, DNS, 53, DROP(bad_transport) },
		{ 0, "", UDP, GUEST6, DNS6, 53, DROP(bad_transport) },
		{ 0, "", ECHO, GUEST6, HOST6, 0, DROP(bad_transport) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(takes); i++) {
		make_filter(0, "");
		make_packet(takes[i].kind, takes[i].source, takes[i].destination, takes[i].port);
		packet.data[packet.length - 1] ^= 1;
		ck_assert_int_eq(input(), FILTER_DROP);
		ck_assert_uint_eq(counters.value[COUNTER_bad_transport], 1);
	}
	/* Over IPv4 a datagram need not have a checksum. */
	make_packet(UDP, GUEST, DNS, 53);
	packet_put16(packet.data + 34 + 6, 0);
	ck_assert_int_eq(input(), FILTER_DNS);
}
END_TEST

/* A datagram from remote to port 4000 of the guest. */
static void receive(const char *remote, uint16_t port)
{
	packet_make_udp(&packet, remote, port, strchr(remote, ':') ? GUEST6 : GUEST, 4000, 10);
	output();
}

static enum filter_verdict answer(const char *remote, uint16_t port)
{
	make_packet(UDP, strchr(remote, ':') ? GUEST6 : GUEST, remote, port);
	return input();
}

START_TEST(answers_to_inbound_datagrams)
{
	static const char *const remotes[] = { HOST, HOST6 };

	for (size_t i = 0; i < ARRAY_SIZE(remotes); i++) {
		make_filter(0, "-any");
		ck_assert_int_eq(answer(remotes[i], 700), FILTER_REJECT);
		receive(remotes[i], 700);
		ck_assert_int_eq(answer(remotes[i], 700), FILTER_PASS);
		ck_assert_int_eq(answer(remotes[i], 701), FILTER_REJECT);
		/* TCP and ping are another matter. */
		make_packet(SYN, i ? GUEST6 : GUEST, remotes[i], 700);
		ck_assert_int_eq(input(), FILTER_REJECT);
		make_packet(ECHO, i ? GUEST6 : GUEST, remotes[i], 0);
		ck_assert_int_eq(input(), FILTER_REJECT);
		/* From another port of the guest. */
		packet_make_udp(&packet, i ? GUEST6 : GUEST, 4001, remotes[i], 700, 0);
		ck_assert_int_eq(input(), FILTER_REJECT);
		now += 180 * SECOND;
		ck_assert_int_eq(answer(remotes[i], 700), FILTER_PASS);
		now += 180 * SECOND + 1;
		ck_assert_int_eq(answer(remotes[i], 700), FILTER_REJECT);
	}
}
END_TEST

START_TEST(many_inbound_peers)
{
	make_filter(0, "-any");
	for (uint16_t port = 1; port <= 1025; port++)
		receive(HOST, port);
	ck_assert_int_eq(answer(HOST, 1), FILTER_REJECT);
	ck_assert_int_eq(answer(HOST, 2), FILTER_PASS);
	ck_assert_int_eq(answer(HOST, 1025), FILTER_PASS);
}
END_TEST

START_TEST(answers_to_the_host)
{
	make_filter(0, "");
	ck_assert_int_eq(answer(GATEWAY, 700), FILTER_NO_SERVICE);
	receive(GATEWAY, 700);
	ck_assert_int_eq(answer(GATEWAY, 700), FILTER_PASS);
	ck_assert_int_eq(answer(GATEWAY, 701), FILTER_NO_SERVICE);
	receive(GATEWAY6, 700);
	ck_assert_int_eq(answer(GATEWAY6, 700), FILTER_PASS);
	ck_assert_int_eq(answer(GATEWAY6, 701), FILTER_NO_SERVICE);
	make_packet(SYN, GUEST, GATEWAY, 700);
	ck_assert_int_eq(input(), FILTER_UNREACHABLE);
	make_filter(LOOPBACK, "-any");
	receive(GATEWAY, 700);
	ck_assert_int_eq(answer(GATEWAY, 700), FILTER_PASS);
	ck_assert_int_eq(answer(GATEWAY, 701), FILTER_REJECT);
}
END_TEST

START_TEST(later_fragments_teach_nothing)
{
	static struct packet_bytes whole;

	make_filter(0, "-any");
	packet_make_udp(&whole, HOST, 700, GUEST, 4000, 2000);
	/* The bytes at the ports' place of a later fragment are payload. */
	packet_make_fragment(&packet, &whole, 1, 1000, 800);
	packet_put16(packet.data + 34, 700);
	packet_put16(packet.data + 36, 4000);
	output();
	ck_assert_int_eq(answer(HOST, 700), FILTER_REJECT);
	packet_make_fragment(&packet, &whole, 1, 0, 1000);
	output();
	ck_assert_int_eq(answer(HOST, 700), FILTER_PASS);
}
END_TEST

START_TEST(fragments_are_judged_when_whole)
{
	static struct packet_bytes whole;

	make_filter(0, "-any:53/udp");
	packet_make_udp(&whole, GUEST, 4000, HOST, 54, 3000 - 8);
	packet_make_fragment(&packet, &whole, 1, 1480, 1520);
	ck_assert_int_eq(input(), FILTER_HELD);
	packet_make_fragment(&packet, &whole, 1, 0, 1480);
	ck_assert_int_eq(input(), FILTER_PASS);
	ck_assert_uint_eq(frame.length, whole.length);
	ck_assert(!frame.fragment);
	ck_assert_uint_eq(frame.transport_offset, 34);
	ck_assert(packet_is_right(frame.data, frame.length));

	packet_make_udp(&whole, GUEST6, 4000, HOST6, 53, 3000 - 8);
	packet_make_fragment(&packet, &whole, 1, 0, 1480);
	ck_assert_int_eq(input(), FILTER_HELD);
	packet_make_fragment(&packet, &whole, 1, 1480, 1520);
	ck_assert_int_eq(input(), FILTER_REJECT);
	ck_assert_uint_eq(counters.value[COUNTER_denied_udp], 1);
	ck_assert_uint_eq(counters.value[COUNTER_reassembled], 2);
	ck_assert_uint_eq(counters.value[COUNTER_fragments], 4);
	ck_assert_uint_eq(counters.value[COUNTER_fragments_dropped], 0);
}
END_TEST

START_TEST(fragments_that_make_nonsense)
{
	static struct packet_bytes whole;

	make_filter(0, "");
	packet_make_udp(&whole, GUEST, 4000, HOST, 54, 3000 - 8);
	packet_put16(whole.data + 34 + 4, 3001);
	packet_make_fragment(&packet, &whole, 1, 1480, 1520);
	ck_assert_int_eq(input(), FILTER_HELD);
	packet_make_fragment(&packet, &whole, 1, 0, 1480);
	ck_assert_int_eq(input(), FILTER_DROP);
	ck_assert_uint_eq(counters.value[COUNTER_bad_transport], 1);
	/* An address is no better for coming in pieces. */
	packet_make_udp(&whole, GUEST, 4000, "127.0.0.1", 54, 3000 - 8);
	packet_make_fragment(&packet, &whole, 2, 0, 1480);
	ck_assert_int_eq(input(), FILTER_HELD);
	packet_make_fragment(&packet, &whole, 2, 1480, 1520);
	ck_assert_int_eq(input(), FILTER_DROP);
	ck_assert_uint_eq(counters.value[COUNTER_bad_address], 1);
}
END_TEST

START_TEST(urgent_data_to_the_dns_stream)
{
	make_filter(0, "");
	packet_make_tcp(&packet, GUEST, 4000, DNS, 53, PACKET_ACK | PACKET_URG, 30);
	packet_put16(packet.data + 34 + 18, 17);
	packet_mend(&packet);
	ck_assert_int_eq(input(), FILTER_PASS);
	ck_assert(packet_has_destination(frame.data, STREAM));
	ck_assert(packet_is_right(frame.data, frame.length));
	ck_assert_uint_eq(frame.data[34 + 13], PACKET_ACK);
	ck_assert_uint_eq(counters.value[COUNTER_urgent_stripped], 1);
}
END_TEST

START_TEST(options_before_the_judgement)
{
	static const uint8_t router_alert[] = { 148, 4, 0, 0 };

	make_filter(0, "-any:80");
	packet_make_tcp(&packet, GUEST, 4000, HOST, 80, PACKET_SYN, 0);
	packet_add_options(&packet, router_alert, sizeof(router_alert));
	ck_assert_int_eq(input(), FILTER_REJECT);
	ck_assert(packet_is_right(frame.data, frame.length));
	ck_assert_uint_eq(frame.length, 54);
}
END_TEST

START_TEST(another_network)
{
	struct filter_config config = {
		.network = &network, .policy = &policy, .dns = true, .ping = true
	};

	make_filter(0, "");
	ck_assert(network_plan("192.168.0.0/16", "2001:db8:5000::/36", true, 1500, &network, NULL));
	filter_free(filter);
	filter = filter_new(&config, &counters);
	make_packet(UDP, "192.168.0.100", "192.168.0.3", 53);
	ck_assert_int_eq(input(), FILTER_DNS);
	make_packet(UDP, "192.168.0.100", "192.168.77.3", 53);
	ck_assert_int_eq(input(), FILTER_DROP);
	make_packet(UDP, "192.168.0.100", "10.0.2.3", 53);
	ck_assert_int_eq(input(), FILTER_PASS);
	make_packet(UDP, "2001:db8:5000::100", "2001:db8:5000::3", 53);
	ck_assert_int_eq(input(), FILTER_DNS);
	make_packet(SYN, "2001:db8:5000::100", "2001:db8:5fff:ffff::3", 53);
	ck_assert_int_eq(input(), FILTER_DROP);
	make_packet(SYN, "2001:db8:5000::100", "2001:db8:6000::3", 53);
	ck_assert_int_eq(input(), FILTER_PASS);
}
END_TEST

START_TEST(nothing_to_free)
{
	filter_free(NULL);
}
END_TEST

static void add_tests(TCase *cases)
{
	tcase_add_loop_test(cases, verdicts, 0, ARRAY_SIZE(rows));
	tcase_add_loop_test(cases, refusals_can_be_built, 0, ARRAY_SIZE(rows));
	tcase_add_test(cases, arp_passes);
	tcase_add_test(cases, what_cannot_be_parsed_is_dropped);
	tcase_add_test(cases, offload);
	tcase_add_test(cases, dns_stream_there_and_back);
	tcase_add_test(cases, other_output_stays);
	tcase_add_test(cases, short_output_is_left_alone);
	tcase_add_test(cases, what_the_engine_takes_is_verified);
	tcase_add_test(cases, answers_to_inbound_datagrams);
	tcase_add_test(cases, many_inbound_peers);
	tcase_add_test(cases, answers_to_the_host);
	tcase_add_test(cases, later_fragments_teach_nothing);
	tcase_add_test(cases, fragments_are_judged_when_whole);
	tcase_add_test(cases, fragments_that_make_nonsense);
	tcase_add_test(cases, urgent_data_to_the_dns_stream);
	tcase_add_test(cases, options_before_the_judgement);
	tcase_add_test(cases, another_network);
	tcase_add_test(cases, nothing_to_free);
}

int main(void)
{
	Suite *suite = suite_create("filter");
	TCase *cases = tcase_create("filter");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, NULL, teardown);
	add_tests(cases);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
