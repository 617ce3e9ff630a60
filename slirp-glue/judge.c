/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of the filter: what happens to a whole frame, by where it goes. */

/*
 * Each address stands for a place (address_rules.h), and a frame is judged by where it goes:
 *
 * outside      policy; then libslirp, but ICMPv6 echo requests are for the engine
 * gateway      libslirp answers pings and DHCP; TFTP is dropped, for libslirp's server has no use
 *              here. New TCP and UDP flows go to the host's loopback: policy if that is allowed,
 *              else they are refused at once
 * DNS          port 53: policy; then UDP is for the relay, and TCP goes on to the address where
 *              the relay listens, out of the guest's sight. Everything else is refused at once
 * router       neighbour discovery and pings; all else is refused
 * broadcast    DHCP, nothing else
 * multicast    IPv4: UDP, as policy says. IPv6: neighbour discovery, nothing else
 * anything else that no network carries is dropped
 *
 * Where an address of ours has no service UDP gets "port unreachable", and programs ECONNREFUSED,
 * as from any host; so does TCP by a reset. What policy denies is "prohibited".
 *
 * Policy judges the start of a TCP connection, each UDP datagram, and each echo request. Segments
 * of a TCP connection that has begun were judged with its start, or belong to one that came from
 * outside to a published port; libslirp resets those it doesn't know. The same holds for the
 * gateway, which is the source of what the host itself sends to a published port. UDP has no start,
 * so datagrams to the container are noted on their way out where the answer would be refused.
 *
 * Without rules a data segment costs a few comparisons of integers behind the parser.
 */

#include "config.h"

#include <glib.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "slirp-glue/address_rules.h"
#include "slirp-glue/dns_address.h"
#include "slirp-glue/judge.h"
#include "slirp-glue/udp_peers.h"
#include "slirp-glue/wire.h"

#define PORT_DNS 53
#define PORT_DHCP 67
#define PORT_TFTP 69

struct judge {
	struct filter_config config;
	struct counters *counters;
	struct udp_peers *peers; /* NULL where no answer could be refused */
};

/* A frame, and what the rules ask of it. */
struct packet {
	struct frame *frame;
	enum place source;
	enum place destination;
	uint16_t port;	/* destination port; 0 for ICMP */
	bool discovery; /* a message of neighbour discovery */
};

struct judge *judge_new(const struct filter_config *config, struct counters *counters)
{
	struct judge *judge = g_new0(struct judge, 1);

	judge->config = *config;
	judge->counters = counters;
	if (config->policy->count > 0 || !config->host_loopback)
		judge->peers = udp_peers_new();
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	udp_peers_free(judge->peers);
	g_free(judge);
}

static bool is_ip4(const struct frame *frame)
{
	return frame->ethertype == ETHERTYPE_IP;
}

static bool is_icmp(const struct frame *frame)
{
	return frame->protocol == IPPROTO_ICMP || frame->protocol == IPPROTO_ICMPV6;
}

static enum filter_verdict drop(struct judge *judge, enum counter why)
{
	judge->counters->value[why]++;
	return FILTER_DROP;
}

/* Where a frame to the container, or from it, comes from. */
static enum place source_place(const struct judge *judge, const struct frame *frame)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;

	if (is_ip4(frame))
		return address_rules_place4(judge->config.network, ip + IP4_SOURCE);
	return address_rules_place6(judge->config.network, ip + IP6_SOURCE);
}

static enum place destination_place(const struct judge *judge, const struct frame *frame)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;

	if (is_ip4(frame))
		return address_rules_place4(judge->config.network, ip + IP4_DESTINATION);
	return address_rules_place6(judge->config.network, ip + IP6_DESTINATION);
}

static bool is_discovery(const struct frame *frame)
{
	uint8_t kind = frame->data[frame->transport_offset + ICMP_KIND];

	return frame->protocol == IPPROTO_ICMPV6 &&
	       (kind == ND_ROUTER_SOLICIT || kind == ND_NEIGHBOR_SOLICIT ||
		kind == ND_NEIGHBOR_ADVERT);
}

/* True for the ICMP messages that somebody does something with. */
static bool icmp_is_served(const struct packet *packet)
{
	const struct frame *frame = packet->frame;
	uint8_t echo = is_ip4(frame) ? ICMP_ECHO : ICMP6_ECHO_REQUEST;

	return packet->discovery || frame->data[frame->transport_offset + ICMP_KIND] == echo;
}

/* True for a source that the sender may have in a packet of this kind. */
static bool source_fits(const struct packet *packet)
{
	if (packet->source == PLACE_OUTSIDE || packet->source == PLACE_GUEST)
		return true;
	if (packet->source != PLACE_UNSPECIFIED)
		return false;
	/* Who has no address yet asks for one, or whether it is taken. */
	return packet->discovery ||
	       (packet->destination == PLACE_BROADCAST && packet->port == PORT_DHCP);
}

static enum counter denied_counter(uint8_t protocol)
{
	if (protocol == IPPROTO_TCP)
		return COUNTER_denied_tcp;
	return protocol == IPPROTO_UDP ? COUNTER_denied_udp : COUNTER_denied_icmp;
}

/* True if the datagram answers one that came from its destination. */
static bool answers_peer(struct judge *judge, const struct frame *frame, uint64_t now_ns)
{
	struct endpoint guest, remote;

	if (!judge->peers || frame->protocol != IPPROTO_UDP)
		return false;
	frame_source(frame, &guest);
	frame_destination(frame, &remote);
	return udp_peers_may_answer(judge->peers, &guest, &remote, now_ns);
}

/* FILTER_PASS or FILTER_REJECT. */
static enum filter_verdict judge_policy(struct judge *judge, const struct frame *frame,
					uint64_t now_ns)
{
	struct endpoint destination;

	if (judge->config.policy->count == 0)
		return FILTER_PASS;
	if (frame->protocol == IPPROTO_TCP && !frame_starts_tcp(frame))
		return FILTER_PASS;
	frame_destination(frame, &destination);
	if (policy_allows(judge->config.policy, frame->protocol, &destination) ||
	    answers_peer(judge, frame, now_ns))
		return FILTER_PASS;
	judge->counters->value[denied_counter(frame->protocol)]++;
	return FILTER_REJECT;
}

/* What the engine takes out of a frame itself must be checked here; libslirp checks for itself. */
static enum filter_verdict take(struct judge *judge, const struct frame *frame,
				enum filter_verdict verdict)
{
	return frame_has_right_checksum(frame) ? verdict : drop(judge, COUNTER_bad_transport);
}

static enum filter_verdict judge_outside(struct judge *judge, const struct packet *packet,
					 uint64_t now_ns)
{
	enum filter_verdict verdict;

	if (packet->discovery)
		return drop(judge, COUNTER_bad_address);
	/* libslirp would send a UDP datagram to port 7 in its place, which nobody asked for. */
	if (packet->frame->protocol == IPPROTO_ICMP && !judge->config.ping)
		return FILTER_REJECT;
	verdict = judge_policy(judge, packet->frame, now_ns);
	if (verdict == FILTER_PASS && packet->frame->protocol == IPPROTO_ICMPV6)
		return take(judge, packet->frame, FILTER_ECHO6);
	return verdict;
}

/* The answer of a host to what none of its programs has the port of; a reset is one to TCP. */
static enum filter_verdict no_service(const struct frame *frame)
{
	return frame->protocol == IPPROTO_UDP ? FILTER_NO_SERVICE : FILTER_REJECT;
}

static enum filter_verdict judge_gateway(struct judge *judge, const struct packet *packet,
					 uint64_t now_ns)
{
	const struct frame *frame = packet->frame;

	if (packet->discovery)
		return FILTER_PASS;
	if (frame->protocol == IPPROTO_UDP && packet->port == PORT_DHCP && is_ip4(frame))
		return FILTER_PASS;
	if (frame->protocol == IPPROTO_UDP && packet->port == PORT_TFTP)
		return drop(judge, COUNTER_tftp);
	if (!judge->config.host_loopback) {
		if (frame_starts_tcp(frame))
			return FILTER_UNREACHABLE;
		/* Not as for TCP: a UDP socket on Linux isn't told of that (soft error). */
		if (frame->protocol == IPPROTO_UDP)
			return answers_peer(judge, frame, now_ns) ? FILTER_PASS : FILTER_NO_SERVICE;
	}
	return judge_policy(judge, frame, now_ns);
}

static enum filter_verdict judge_dns(struct judge *judge, const struct packet *packet,
				     uint64_t now_ns)
{
	struct frame *frame = packet->frame;
	enum filter_verdict verdict;

	if (packet->discovery)
		return FILTER_PASS;
	if (!judge->config.dns || (!is_icmp(frame) && packet->port != PORT_DNS))
		return no_service(frame);
	if (frame->protocol == IPPROTO_TCP && !is_ip4(frame))
		return FILTER_REJECT;
	verdict = judge_policy(judge, frame, now_ns);
	if (verdict != FILTER_PASS || is_icmp(frame))
		return verdict;
	if (frame->protocol == IPPROTO_UDP)
		return take(judge, frame, FILTER_DNS);
	dns_address_redirect(frame, judge->config.network);
	return FILTER_PASS;
}

static enum filter_verdict judge_router(struct judge *judge, const struct packet *packet,
					uint64_t now_ns)
{
	if (packet->discovery)
		return FILTER_PASS;
	if (is_icmp(packet->frame))
		return judge_policy(judge, packet->frame, now_ns);
	return no_service(packet->frame);
}

static enum filter_verdict judge_multicast(struct judge *judge, const struct packet *packet,
					   uint64_t now_ns)
{
	static const uint8_t link_scope[2] = { 0xff, 0x02 };
	const struct frame *frame = packet->frame;
	const uint8_t *ip = frame->data + ETHERNET_SIZE;

	if (is_ip4(frame) && frame->protocol == IPPROTO_UDP)
		return judge_policy(judge, frame, now_ns);
	if (packet->discovery && memcmp(ip + IP6_DESTINATION, link_scope, sizeof(link_scope)) == 0)
		return FILTER_PASS;
	return drop(judge, COUNTER_bad_address);
}

static enum filter_verdict judge_broadcast(struct judge *judge, const struct packet *packet)
{
	if (packet->frame->protocol == IPPROTO_UDP && packet->port == PORT_DHCP)
		return FILTER_PASS;
	return drop(judge, COUNTER_bad_address);
}

static enum filter_verdict judge_destination(struct judge *judge, const struct packet *packet,
					     uint64_t now_ns)
{
	switch (packet->destination) {
	case PLACE_OUTSIDE:
		return judge_outside(judge, packet, now_ns);
	case PLACE_GATEWAY:
		return judge_gateway(judge, packet, now_ns);
	case PLACE_DNS:
		return judge_dns(judge, packet, now_ns);
	case PLACE_ROUTER:
		return judge_router(judge, packet, now_ns);
	case PLACE_MULTICAST:
		return judge_multicast(judge, packet, now_ns);
	case PLACE_BROADCAST:
		return judge_broadcast(judge, packet);
	case PLACE_GUEST:
	case PLACE_UNSPECIFIED:
	case PLACE_INVALID:
		break;
	}
	return drop(judge, COUNTER_bad_address);
}

enum filter_verdict judge_frame(struct judge *judge, struct frame *frame, uint64_t now_ns)
{
	struct packet packet = { .frame = frame };

	if (frame->ethertype == ETHERTYPE_ARP)
		return FILTER_PASS;
	if (!is_ip4(frame) && !judge->config.network->v6)
		return drop(judge, COUNTER_bad_protocol);
	packet.source = source_place(judge, frame);
	packet.destination = destination_place(judge, frame);
	if (is_icmp(frame)) {
		packet.discovery = is_discovery(frame);
		if (!icmp_is_served(&packet))
			return drop(judge, COUNTER_bad_protocol);
	} else {
		packet.port = wire_get16(frame->data + frame->transport_offset + TCP_DESTINATION);
	}
	if (!source_fits(&packet))
		return drop(judge, COUNTER_bad_address);
	return judge_destination(judge, &packet, now_ns);
}

void judge_note_datagram(struct judge *judge, const struct frame *frame, uint64_t now_ns)
{
	struct endpoint guest, remote;
	bool refused = !judge->config.host_loopback && source_place(judge, frame) == PLACE_GATEWAY;

	if (!judge->peers || (!refused && judge->config.policy->count == 0))
		return;
	frame_source(frame, &remote);
	if (!refused && policy_allows(judge->config.policy, IPPROTO_UDP, &remote))
		return;
	frame_destination(frame, &guest);
	udp_peers_learn(judge->peers, &guest, &remote, now_ns);
}
