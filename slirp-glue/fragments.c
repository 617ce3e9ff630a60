/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts IPv4 and IPv6 fragments together, within bounds. */

/*
 * A fixed number of slots holds the packets that are not whole yet. A slot's memory, enough for the
 * largest packet, is allocated when the slot is first used and kept for the next packet, so a flood
 * of fragments costs FRAGMENTS_PACKETS times 68 KiB at the worst, and an ordinary stream of
 * fragmented datagrams allocates nothing. When a new packet finds every slot taken, the oldest
 * packet goes.
 *
 * Fragments may come in any order. Which blocks of 8 bytes have come, and at which of them a
 * fragment started, is kept as bits: no sequence of fragments makes this slow or large. A fragment
 * that came before, byte for byte, is ignored. One that overlaps in any other way is an attack (or
 * a sender that used an identification twice): its packet is dropped, and the slot is kept until
 * the timeout so that the rest of that packet is dropped too (RFC 5722, section 4).
 *
 * The payload is gathered behind room for the headers. When it is whole, the headers of the first
 * fragment, mended, are put right before it. An IPv6 fragment that is a whole packet does not meet
 * those under way (RFC 6946).
 */

#include "config.h"

#include <glib.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "slirp-glue/blocks.h"
#include "slirp-glue/checksum.h"
#include "slirp-glue/fragments.h"
#include "slirp-glue/wire.h"

#define HEADERS_MAX (ETHERNET_SIZE + IP6_SIZE)
#define PAYLOAD_MAX 65535
#define BLOCK 8

/* What tells packets apart. The protocol belongs to it for IPv4 only, and is 0 for IPv6. */
struct key {
	uint32_t id;
	uint16_t ethertype;
	uint8_t protocol;
	uint8_t addresses[2 * IP6_ADDRESS_SIZE]; /* source and destination */
};

/* A slot's memory. */
struct store {
	struct blocks received;
	struct blocks starts;
	uint8_t data[HEADERS_MAX + PAYLOAD_MAX]; /* the payload is at HEADERS_MAX */
};

struct packet {
	enum { SLOT_FREE, SLOT_FILLING, SLOT_SPOILT } state;
	struct key key;
	uint64_t started_ns;
	uint32_t count;	   /* fragments taken */
	uint32_t received; /* bytes of payload */
	uint32_t total;	   /* bytes of payload when whole; 0 while the last fragment is missing */
	uint8_t headers[HEADERS_MAX]; /* of the first fragment, once received */
	uint8_t protocol;	      /* what the first fragment says */
	struct store *store;	      /* NULL until the slot is used for the first time */
};

struct fragments {
	struct counters *counters;
	struct packet packets[FRAGMENTS_PACKETS];
	struct store *whole; /* for packets of one fragment; NULL until there is one */
};

/* One fragment as its IP header describes it. */
struct piece {
	const uint8_t *payload;
	uint32_t size;
	uint32_t offset; /* within the packet's payload, bytes */
	bool more;
};

struct fragments *fragments_new(struct counters *counters)
{
	struct fragments *fragments = g_new0(struct fragments, 1);

	fragments->counters = counters;
	return fragments;
}

void fragments_free(struct fragments *fragments)
{
	if (!fragments)
		return;
	for (size_t i = 0; i < FRAGMENTS_PACKETS; i++)
		g_free(fragments->packets[i].store);
	g_free(fragments->whole);
	g_free(fragments);
}

static bool is_ip4(const struct frame *frame)
{
	return frame->ethertype == ETHERTYPE_IP;
}

static uint32_t headers_size(const struct frame *frame)
{
	return ETHERNET_SIZE + (is_ip4(frame) ? IP4_SIZE : IP6_SIZE);
}

static void read_key(const struct frame *frame, struct key *ret_key)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;

	memset(ret_key, 0, sizeof(*ret_key));
	ret_key->ethertype = frame->ethertype;
	if (is_ip4(frame)) {
		ret_key->id = wire_get16(ip + IP4_ID);
		ret_key->protocol = frame->protocol;
		memcpy(ret_key->addresses, ip + IP4_SOURCE, 2 * IP4_ADDRESS_SIZE);
	} else {
		ret_key->id = wire_get32(ip + IP6_SIZE + IP6_FRAGMENT_ID);
		memcpy(ret_key->addresses, ip + IP6_SOURCE, 2 * IP6_ADDRESS_SIZE);
	}
}

static bool key_equal(const struct key *a, const struct key *b)
{
	return a->id == b->id && a->ethertype == b->ethertype && a->protocol == b->protocol &&
	       memcmp(a->addresses, b->addresses, sizeof(a->addresses)) == 0;
}

static struct piece read_piece(const struct frame *frame)
{
	const uint8_t *ip = frame->data + ETHERNET_SIZE;
	uint32_t start = headers_size(frame) + (is_ip4(frame) ? 0 : IP6_FRAGMENT_SIZE);
	struct piece piece = { .payload = frame->data + start, .size = frame->length - start };
	uint16_t field;

	if (is_ip4(frame)) {
		field = wire_get16(ip + IP4_FRAGMENT);
		piece.offset = (field & WIRE_IP4_OFFSET) * BLOCK;
		piece.more = field & WIRE_IP4_MORE_FRAGMENTS;
	} else {
		field = wire_get16(ip + IP6_SIZE + IP6_FRAGMENT_OFFSET);
		piece.offset = field & WIRE_IP6_OFFSET;
		piece.more = field & WIRE_IP6_MORE_FRAGMENTS;
	}
	return piece;
}

static uint32_t transport_header_size(uint8_t protocol)
{
	if (protocol == IPPROTO_TCP)
		return TCP_SIZE;
	return protocol == IPPROTO_UDP ? UDP_SIZE : ICMP_SIZE;
}

/* True if the fragment can be part of a packet at all. */
static bool piece_is_sound(const struct frame *frame, const struct piece *piece)
{
	uint32_t payload_max = is_ip4(frame) ? PAYLOAD_MAX - IP4_SIZE : PAYLOAD_MAX;

	if (piece->size == 0 || (piece->more && piece->size % BLOCK != 0))
		return false;
	if (piece->offset + piece->size > payload_max)
		return false;
	/* RFC 3128 and RFC 7112: what is judged must be in the first fragment. */
	return piece->offset > 0 || piece->size >= transport_header_size(frame->protocol);
}

/* Gives up what the slot holds. */
static void forget_packet(struct fragments *fragments, struct packet *packet)
{
	fragments->counters->value[COUNTER_fragments_dropped] += packet->count;
	packet->count = 0;
	packet->state = SLOT_FREE;
}

/* Drops the packet and the fragment that spoilt it; what still comes of it is dropped as well. */
static void spoil_packet(struct fragments *fragments, struct packet *packet)
{
	forget_packet(fragments, packet);
	counter_add(fragments->counters, fragments_dropped);
	packet->state = SLOT_SPOILT;
}

static void start_packet(struct packet *packet, const struct key *key, uint64_t now_ns)
{
	struct store *store = packet->store ? packet->store : g_new(struct store, 1);

	memset(&store->received, 0, sizeof(store->received));
	memset(&store->starts, 0, sizeof(store->starts));
	*packet = (struct packet){
		.state = SLOT_FILLING, .key = *key, .started_ns = now_ns, .store = store
	};
}

/* The slot of the packet with key, made if there is none; packets past their time go. */
static struct packet *find_packet(struct fragments *fragments, const struct key *key,
				  uint64_t now_ns)
{
	struct packet *victim = NULL;

	for (size_t i = 0; i < FRAGMENTS_PACKETS; i++) {
		struct packet *packet = &fragments->packets[i];

		if (packet->state != SLOT_FREE &&
		    now_ns - packet->started_ns > FRAGMENTS_TIMEOUT_NS)
			forget_packet(fragments, packet);
		if (packet->state != SLOT_FREE && key_equal(&packet->key, key))
			return packet;
		if (!victim ||
		    (victim->state != SLOT_FREE &&
		     (packet->state == SLOT_FREE || packet->started_ns < victim->started_ns)))
			victim = packet;
	}
	if (victim->state != SLOT_FREE)
		forget_packet(fragments, victim);
	start_packet(victim, key, now_ns);
	return victim;
}

/* True if this very fragment was taken before. */
static bool piece_is_known(const struct packet *packet, const struct piece *piece, uint32_t first,
			   uint32_t last)
{
	const struct store *store = packet->store;
	bool ends_here = piece->more ? last + 1 == BLOCKS_COUNT ||
					       !blocks_all(&store->received, last + 1, last + 1) ||
					       blocks_all(&store->starts, last + 1, last + 1)
				     : packet->total == piece->offset + piece->size;

	return blocks_all(&store->received, first, last) &&
	       blocks_all(&store->starts, first, first) &&
	       (first == last || !blocks_any(&store->starts, first + 1, last)) && ends_here &&
	       memcmp(store->data + HEADERS_MAX + piece->offset, piece->payload, piece->size) == 0;
}

/* True if the fragment fits what is known of the packet's length. */
static bool piece_fits(const struct packet *packet, const struct piece *piece)
{
	uint32_t end = piece->offset + piece->size;
	uint32_t last = (end - 1) / BLOCK;

	if (packet->total)
		return piece->more && end <= packet->total;
	return piece->more || last + 1 == BLOCKS_COUNT ||
	       !blocks_any(&packet->store->received, last + 1, BLOCKS_COUNT - 1);
}

static void take_piece(struct packet *packet, const struct frame *frame, const struct piece *piece)
{
	uint32_t first = piece->offset / BLOCK;
	uint32_t last = (piece->offset + piece->size - 1) / BLOCK;

	memcpy(packet->store->data + HEADERS_MAX + piece->offset, piece->payload, piece->size);
	blocks_set(&packet->store->received, first, last);
	blocks_set(&packet->store->starts, first, first);
	packet->received += piece->size;
	packet->count++;
	if (!piece->more)
		packet->total = piece->offset + piece->size;
	if (piece->offset == 0) {
		memcpy(packet->headers, frame->data, headers_size(frame));
		packet->protocol = frame->protocol;
	}
}

/* Puts the mended headers of a fragment before size bytes of payload; returns the frame's start. */
static uint8_t *finish_frame(struct store *store, const struct frame *frame, const uint8_t *headers,
			     uint8_t protocol, uint32_t size)
{
	uint8_t *start = store->data + HEADERS_MAX - headers_size(frame);
	uint8_t *ip = start + ETHERNET_SIZE;

	memcpy(start, headers, headers_size(frame));
	if (is_ip4(frame)) {
		wire_put16(ip + IP4_LENGTH, (uint16_t)(IP4_SIZE + size));
		wire_put16(ip + IP4_FRAGMENT, 0);
		wire_put16(ip + IP4_CHECKSUM, 0);
		wire_put_raw16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, IP4_SIZE)));
	} else {
		wire_put16(ip + IP6_LENGTH, (uint16_t)size);
		ip[IP6_NEXT_HEADER] = protocol;
	}
	return start;
}

/* An IPv6 packet of one fragment. */
static uint8_t *unwrap_atomic(struct fragments *fragments, const struct frame *frame,
			      const struct piece *piece, uint32_t *ret_length)
{
	if (!fragments->whole)
		fragments->whole = g_new(struct store, 1);
	memcpy(fragments->whole->data + HEADERS_MAX, piece->payload, piece->size);
	counter_add(fragments->counters, reassembled);
	*ret_length = headers_size(frame) + piece->size;
	return finish_frame(fragments->whole, frame, frame->data, frame->protocol, piece->size);
}

/* Adds the piece to its packet; returns the packet if that made it whole. */
static struct packet *add_piece(struct fragments *fragments, const struct frame *frame,
				const struct piece *piece, uint64_t now_ns)
{
	uint32_t first = piece->offset / BLOCK;
	uint32_t last = (piece->offset + piece->size - 1) / BLOCK;
	struct packet *packet;
	struct key key;

	read_key(frame, &key);
	packet = find_packet(fragments, &key, now_ns);
	if (packet->state == SLOT_SPOILT) {
		counter_add(fragments->counters, fragments_dropped);
		return NULL;
	}
	if (piece_is_known(packet, piece, first, last))
		return NULL;
	if (!piece_fits(packet, piece) || blocks_any(&packet->store->received, first, last)) {
		spoil_packet(fragments, packet);
		return NULL;
	}
	take_piece(packet, frame, piece);
	return packet->received == packet->total ? packet : NULL;
}

uint8_t *fragments_add(struct fragments *fragments, const struct frame *fragment, uint64_t now_ns,
		       uint32_t *ret_length)
{
	struct piece piece = read_piece(fragment);
	struct packet *packet;

	counter_add(fragments->counters, fragments);
	if (!piece_is_sound(fragment, &piece)) {
		counter_add(fragments->counters, fragments_dropped);
		return NULL;
	}
	if (piece.offset == 0 && !piece.more)
		return unwrap_atomic(fragments, fragment, &piece, ret_length);
	packet = add_piece(fragments, fragment, &piece, now_ns);
	if (!packet)
		return NULL;
	/* The slot is free, but what it holds stays as it is until the next call. */
	packet->state = SLOT_FREE;
	packet->count = 0;
	counter_add(fragments->counters, reassembled);
	*ret_length = headers_size(fragment) + packet->total;
	return finish_frame(packet->store, fragment, packet->headers, packet->protocol,
			    packet->total);
}
