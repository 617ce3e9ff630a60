/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a frame carries, in words. */

/*
 * The capture holds what the container sent before it was checked, so nothing here trusts a length:
 * each layer gets a view of the bytes that are really there, and looks at no others. How much data
 * a segment has is told by the lengths in its headers, for a capture may hold only the start of it.
 */

#include "config.h"

#include <glib.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "base/util.h"
#include "explain/dns_text.h"
#include "explain/frame_text.h"
#include "slirp-glue/wire.h"

#define PORT_DNS 53
#define TCP_OPTION_MSS 2

/* ARP's addresses, RFC 826, for IPv4 over Ethernet. */
#define ARP_SENDER_HARDWARE 8
#define ARP_SENDER 14
#define ARP_TARGET 24
#define ARP_REQUEST 1

/* Bytes that are there, and how many there were. */
struct view {
	const uint8_t *data;
	size_t captured;
	size_t length;
};

/* What is behind size bytes of a view. */
static struct view view_behind(const struct view *view, size_t size)
{
	size_t skipped = MIN(size, view->captured);

	return (struct view){ view->data + skipped, view->captured - skipped,
			      view->length - MIN(size, view->length) };
}

__attribute__((format(printf, 2, 3))) static void say(struct frame_note *note, const char *format,
						      ...)
{
	size_t length = strlen(note->text);
	va_list arguments;

	va_start(arguments, format);
	g_vsnprintf(note->text + length, sizeof(note->text) - length, format, arguments);
	va_end(arguments);
}

static const char *address4(const uint8_t *data, char text[static ADDRESS_TEXT_MAX])
{
	struct in_addr v4;
	struct address address;

	memcpy(&v4, data, sizeof(v4));
	address = address_from_v4(v4);
	return address_format(&address, text);
}

static const char *address6(const uint8_t *data, char text[static ADDRESS_TEXT_MAX])
{
	struct in6_addr v6;
	struct address address;

	memcpy(&v6, data, sizeof(v6));
	address = address_from_v6(&v6);
	return address_format(&address, text);
}

static void describe_arp(struct frame_note *note, const struct view *arp)
{
	const uint8_t *hardware = arp->data + ARP_SENDER_HARDWARE;
	char sender[ADDRESS_TEXT_MAX], target[ADDRESS_TEXT_MAX];

	note->topic = TOPIC_arp;
	if (arp->captured < ARP_SIZE)
		return;
	address4(arp->data + ARP_SENDER, sender);
	address4(arp->data + ARP_TARGET, target);
	if (wire_get16(arp->data + ARP_OPERATION) == ARP_REQUEST)
		say(note, "who has %s? Tell %s", target, sender);
	else
		say(note, "%s is at %02x:%02x:%02x:%02x:%02x:%02x", sender, hardware[0],
		    hardware[1], hardware[2], hardware[3], hardware[4], hardware[5]);
}

/* The maximum segment size that a SYN offers, RFC 9293, section 3.2; 0 if it doesn't. */
static uint16_t find_mss(const struct view *tcp, size_t header)
{
	size_t end = MIN(header, tcp->captured);
	size_t at = TCP_SIZE;

	while (at + 4 <= end && tcp->data[at] != 0) {
		if (tcp->data[at] == 1) {
			at++;
			continue;
		}
		if (tcp->data[at] == TCP_OPTION_MSS)
			return wire_get16(tcp->data + at + 2);
		if (tcp->data[at + 1] < 2)
			break;
		at += tcp->data[at + 1];
	}
	return 0;
}

static enum topic tcp_topic(uint8_t flags, uint64_t payload)
{
	if (flags & WIRE_TCP_RST)
		return TOPIC_rst;
	if (flags & WIRE_TCP_SYN)
		return flags & WIRE_TCP_ACK ? TOPIC_syn_ack : TOPIC_syn;
	if (flags & WIRE_TCP_FIN)
		return TOPIC_fin;
	return payload > 0 ? TOPIC_data : TOPIC_ack;
}

static void describe_tcp(struct frame_note *note, const struct view *tcp)
{
	size_t header;
	uint16_t mss;

	if (tcp->captured < TCP_SIZE)
		return;
	note->from.port = wire_get16(tcp->data + TCP_SOURCE);
	note->to.port = wire_get16(tcp->data + TCP_DESTINATION);
	header = (tcp->data[TCP_OFFSET] >> 4) * 4U;
	note->payload = tcp->length - MIN(MAX(header, TCP_SIZE), tcp->length);
	note->topic = tcp_topic(tcp->data[TCP_FLAGS], note->payload);
	if (note->topic == TOPIC_syn || note->topic == TOPIC_syn_ack) {
		mss = find_mss(tcp, header);
		if (mss > 0)
			say(note, "mss %u", mss);
	}
	if (note->topic == TOPIC_fin && note->payload > 0)
		say(note, "with %" G_GUINT64_FORMAT " byte%s of data", note->payload,
		    note->payload == 1 ? "" : "s");
}

static bool is_dhcp(uint16_t port)
{
	return port == 67 || port == 68 || port == 546 || port == 547;
}

static void describe_udp(struct frame_note *note, const struct view *udp)
{
	struct view message = view_behind(udp, UDP_SIZE);

	if (udp->captured < UDP_SIZE)
		return;
	note->from.port = wire_get16(udp->data + UDP_SOURCE);
	note->to.port = wire_get16(udp->data + UDP_DESTINATION);
	note->payload = message.length;
	note->topic = TOPIC_udp;
	if (note->from.port == PORT_DNS || note->to.port == PORT_DNS) {
		note->topic = TOPIC_dns;
		dns_describe(message.data, message.captured, note->text, sizeof(note->text));
	} else if (is_dhcp(note->from.port) && is_dhcp(note->to.port)) {
		note->topic = TOPIC_dhcp;
	}
}

/* A kind of ICMP message; with number set, the identifier's neighbour, the sequence, is told. */
struct icmp_kind {
	uint8_t kind;
	enum topic topic;
	const char *words;
	bool number;
	bool target; /* an IPv6 address follows the header */
};

static const struct icmp_kind icmp4_kinds[] = {
	{ ICMP_ECHO, TOPIC_ping, "request", true, false },
	{ ICMP_ECHOREPLY, TOPIC_ping, "reply", true, false },
	{ ICMP_DEST_UNREACH, TOPIC_icmp, "destination unreachable", false, false },
	{ ICMP_TIME_EXCEEDED, TOPIC_icmp, "time exceeded", false, false },
	{ ICMP_REDIRECT, TOPIC_icmp, "redirect", false, false },
};

static const struct icmp_kind icmp6_kinds[] = {
	{ ICMP6_ECHO_REQUEST, TOPIC_ping, "request", true, false },
	{ ICMP6_ECHO_REPLY, TOPIC_ping, "reply", true, false },
	{ ICMP6_DST_UNREACH, TOPIC_icmp, "destination unreachable", false, false },
	{ ICMP6_PACKET_TOO_BIG, TOPIC_icmp, "packet too big", false, false },
	{ ICMP6_TIME_EXCEEDED, TOPIC_icmp, "time exceeded", false, false },
	{ MLD_LISTENER_QUERY, TOPIC_mld, "who listens?", false, false },
	{ MLD_LISTENER_REPORT, TOPIC_mld, "report of groups", false, false },
	{ MLD_LISTENER_REDUCTION, TOPIC_mld, "group left", false, false },
	{ 143, TOPIC_mld, "report of groups", false, false }, /* RFC 3810 */
	{ ND_ROUTER_SOLICIT, TOPIC_ndp, "is there a router?", false, false },
	{ ND_ROUTER_ADVERT, TOPIC_ndp, "here is a router", false, false },
	{ ND_NEIGHBOR_SOLICIT, TOPIC_ndp, "who has", false, true },
	{ ND_NEIGHBOR_ADVERT, TOPIC_ndp, "here is", false, true },
};

static void describe_icmp(struct frame_note *note, const struct view *icmp,
			  const struct icmp_kind *kinds, size_t count)
{
	struct view target = view_behind(icmp, ICMP_SIZE);
	char text[ADDRESS_TEXT_MAX];

	note->topic = TOPIC_icmp;
	if (icmp->captured < ICMP_SIZE)
		return;
	for (size_t i = 0; i < count; i++) {
		if (kinds[i].kind != icmp->data[ICMP_KIND])
			continue;
		note->topic = kinds[i].topic;
		say(note, "%s", kinds[i].words);
		if (kinds[i].number)
			say(note, " %u", wire_get16(icmp->data + ICMP_SEQUENCE));
		if (kinds[i].target && target.captured >= IP6_ADDRESS_SIZE)
			say(note, " %s", address6(target.data, text));
		return;
	}
	say(note, "message of kind %u", icmp->data[ICMP_KIND]);
}

static void describe_transport(struct frame_note *note, const struct view *view)
{
	switch (note->protocol) {
	case IPPROTO_TCP:
		describe_tcp(note, view);
		break;
	case IPPROTO_UDP:
		describe_udp(note, view);
		break;
	case IPPROTO_ICMP:
		describe_icmp(note, view, icmp4_kinds, ARRAY_SIZE(icmp4_kinds));
		break;
	case IPPROTO_ICMPV6:
		describe_icmp(note, view, icmp6_kinds, ARRAY_SIZE(icmp6_kinds));
		break;
	default:
		say(note, "IP protocol %u", note->protocol);
	}
}

/* What the IP header says to be the packet, without what an Ethernet frame is padded with. */
static void trim(struct view *packet, size_t length)
{
	packet->length = MIN(packet->length, length);
	packet->captured = MIN(packet->captured, packet->length);
}

static void describe_ip4(struct frame_note *note, struct view *ip)
{
	struct in_addr source, destination;
	struct view transport;
	uint16_t fragment;

	if (ip->captured < IP4_SIZE)
		return;
	memcpy(&source, ip->data + IP4_SOURCE, sizeof(source));
	memcpy(&destination, ip->data + IP4_DESTINATION, sizeof(destination));
	note->from.address = address_from_v4(source);
	note->to.address = address_from_v4(destination);
	note->protocol = ip->data[IP4_PROTOCOL];
	trim(ip, wire_get16(ip->data + IP4_LENGTH));
	transport = view_behind(ip, (ip->data[IP4_VERSION_IHL] & 0xfU) * 4);
	fragment = wire_get16(ip->data + IP4_FRAGMENT);
	if (fragment & (WIRE_IP4_MORE_FRAGMENTS | WIRE_IP4_OFFSET))
		note->topic = TOPIC_fragment;
	else
		describe_transport(note, &transport);
}

static void describe_ip6(struct frame_note *note, struct view *ip)
{
	struct in6_addr source, destination;
	struct view next;

	if (ip->captured < IP6_SIZE)
		return;
	memcpy(&source, ip->data + IP6_SOURCE, sizeof(source));
	memcpy(&destination, ip->data + IP6_DESTINATION, sizeof(destination));
	note->from.address = address_from_v6(&source);
	note->to.address = address_from_v6(&destination);
	note->protocol = ip->data[IP6_NEXT_HEADER];
	trim(ip, (size_t)wire_get16(ip->data + IP6_LENGTH) + IP6_SIZE);
	next = view_behind(ip, IP6_SIZE);
	/* Reports of multicast groups come behind one of these, of eight bytes (RFC 3810). */
	if (note->protocol == IPPROTO_HOPOPTS && next.captured >= 8 && next.data[1] == 0) {
		note->protocol = next.data[0];
		next = view_behind(&next, 8);
	}
	if (note->protocol == WIRE_IP6_FRAGMENT_HEADER)
		note->topic = TOPIC_fragment;
	else
		describe_transport(note, &next);
}

/* libslirp's Ethernet addresses are 52:55 or 52:56 with the IP address behind. */
static enum direction find_direction(const uint8_t *source)
{
	bool engine = source[0] == 0x52 && (source[1] == 0x55 || source[1] == 0x56);

	return engine ? DIRECTION_IN : DIRECTION_OUT;
}

void frame_describe(const uint8_t *data, size_t captured, size_t length,
		    struct frame_note *ret_note)
{
	struct view frame = { data, captured, length };
	struct view body = view_behind(&frame, ETHERNET_SIZE);
	struct frame_note *note = ret_note;

	*note = (struct frame_note){ .topic = TOPIC_frame, .length = length };
	if (captured < ETHERNET_SIZE)
		return;
	note->direction = find_direction(data + ETHERNET_SOURCE);
	switch (wire_get16(data + ETHERNET_TYPE)) {
	case ETHERTYPE_ARP:
		describe_arp(note, &body);
		break;
	case ETHERTYPE_IP:
		describe_ip4(note, &body);
		break;
	case ETHERTYPE_IPV6:
		describe_ip6(note, &body);
		break;
	default:
		say(note, "Ethernet type %04x", wire_get16(data + ETHERNET_TYPE));
	}
}
