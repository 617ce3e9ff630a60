/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the packet path counts. A row added to the one table here shows in status. */
#pragma once

#include <stdint.h>

/* clang-format off */
#define COUNTERS(X)                                                                    \
	X(frames_in,          "frames received from the container")                   \
	X(bytes_in,           "bytes of those frames")                                \
	X(frames_out,         "frames sent to the container")                         \
	X(bytes_out,          "bytes of those frames")                                \
	X(acks_merged,        "acknowledgements left out because a later one covers them") \
	X(segments_merged,    "segments to the container that were joined to the one before") \
	X(wakeups,            "times the engine woke up")                             \
	X(output_refused,     "frames that the container's device did not take")      \
	X(short_frames,       "dropped: shorter than their headers")                  \
	X(bad_ethertype,      "dropped: neither ARP, IPv4 nor IPv6")                  \
	X(bad_arp,            "dropped: malformed ARP")                               \
	X(bad_ip,             "dropped: IP header lies about itself")                 \
	X(bad_address,        "dropped: source or destination that no network carries") \
	X(bad_transport,      "dropped: malformed TCP, UDP or ICMP header")           \
	X(bad_protocol,       "dropped: protocol that libslirp doesn't know")         \
	X(bad_offload,        "dropped: offload request that the frame can't satisfy") \
	X(tftp,               "dropped: TFTP to the gateway")                         \
	X(fragments,          "IP fragments received")                                \
	X(fragments_dropped,  "fragments that never became a packet")                 \
	X(reassembled,        "packets put together from fragments")                  \
	X(urgent_stripped,    "TCP segments whose urgent pointer was removed")        \
	X(denied_tcp,         "TCP connections refused by policy")                    \
	X(denied_udp,         "UDP datagrams refused by policy")                      \
	X(denied_icmp,        "ICMP messages refused by policy")                      \
	X(flow_limit,         "flows refused because too many are open")              \
	X(dns_queries,        "DNS queries relayed")                                  \
	X(dns_answers,        "DNS answers passed back")                              \
	X(dns_failures,       "DNS queries that no server answered")                  \
	X(dns_streams,        "DNS connections (TCP) relayed")
/* clang-format on */

enum counter {
#define COUNTER_ENUM(name, text) COUNTER_##name,
	COUNTERS(COUNTER_ENUM)
#undef COUNTER_ENUM
		COUNTER_COUNT
};

/* The counters of one engine; plain data, copied whole. */
struct counters {
	uint64_t value[COUNTER_COUNT];
};

/* Adds one. */
#define counter_add(counters, name) ((counters)->value[COUNTER_##name]++)

/* The name of a counter as status prints it; NULL beyond the table. */
const char *counter_name(enum counter counter);

/* One line on what it counts. */
const char *counter_text(enum counter counter);
