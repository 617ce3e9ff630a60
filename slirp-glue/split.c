/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP fragmentation of packets to the container that are larger than its MTU. */

#include "config.h"

#include <net/ethernet.h>
#include <string.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/split.h"
#include "slirp-glue/wire.h"

bool split_is_needed(const uint8_t *frame, size_t length, uint32_t mtu)
{
	uint16_t type;

	if (length <= ETHERNET_SIZE + (size_t)mtu)
		return false;
	type = wire_get16(frame + ETHERNET_TYPE);
	return type == ETHERTYPE_IP || type == ETHERTYPE_IPV6;
}

void split_start(struct split *split, const uint8_t *frame, size_t length, uint32_t mtu,
		 uint32_t identification)
{
	*split = (struct split){
		.frame = frame, .length = length, .mtu = mtu, .identification = identification
	};
}

/* The data of the next fragment: as much as fits, in units of eight bytes unless it is the last. */
static size_t next_size(const struct split *split, size_t header_size, size_t added, bool *ret_last)
{
	size_t rest = split->length - header_size - split->offset;
	size_t room = split->mtu - (header_size - ETHERNET_SIZE) - added;

	*ret_last = rest <= room;
	return *ret_last ? rest : room / 8 * 8;
}

/* True if the IPv4 header fits the frame, and its fragments' places fit their field. */
static bool can_split_v4(const struct split *split, size_t header_size)
{
	const uint8_t *ip = split->frame + ETHERNET_SIZE;
	size_t place = (size_t)(wire_get16(ip + IP4_FRAGMENT) & WIRE_IP4_OFFSET) * 8;

	return header_size >= ETHERNET_SIZE + IP4_SIZE && header_size <= split->length &&
	       split->mtu >= header_size - ETHERNET_SIZE + 8 &&
	       wire_get16(ip + IP4_LENGTH) == split->length - ETHERNET_SIZE &&
	       place + split->length - header_size <= UINT16_MAX;
}

static size_t next_v4(struct split *split, uint8_t *buffer)
{
	const uint8_t *ip = split->frame + ETHERNET_SIZE;
	uint8_t *new_ip = buffer + ETHERNET_SIZE;
	size_t header_size, size;
	uint16_t fragment;
	bool last;

	if (split->length < ETHERNET_SIZE + IP4_SIZE)
		return 0;
	header_size = ETHERNET_SIZE + (size_t)(ip[IP4_VERSION_IHL] & 0x0f) * 4;
	if (!can_split_v4(split, header_size) || split->offset + header_size >= split->length)
		return 0;
	fragment = wire_get16(ip + IP4_FRAGMENT);
	size = next_size(split, header_size, 0, &last);
	memcpy(buffer, split->frame, header_size);
	memcpy(buffer + header_size, split->frame + header_size + split->offset, size);
	/* The packet may be a fragment itself: its place and its "more" go on in its parts. */
	fragment = (uint16_t)((fragment & WIRE_IP4_MORE_FRAGMENTS) |
			      ((fragment & WIRE_IP4_OFFSET) + split->offset / 8));
	if (!last)
		fragment |= WIRE_IP4_MORE_FRAGMENTS;
	wire_put16(new_ip + IP4_FRAGMENT, fragment);
	wire_put16(new_ip + IP4_LENGTH, (uint16_t)(header_size - ETHERNET_SIZE + size));
	wire_put16(new_ip + IP4_CHECKSUM, 0);
	wire_put_raw16(new_ip + IP4_CHECKSUM,
		       checksum_finish(checksum_add(0, new_ip, header_size - ETHERNET_SIZE)));
	split->offset += size;
	return header_size + size;
}

static size_t next_v6(struct split *split, uint8_t *buffer)
{
	const size_t header_size = ETHERNET_SIZE + IP6_SIZE;
	const uint8_t *ip = split->frame + ETHERNET_SIZE;
	uint8_t *extension = buffer + header_size;
	size_t size;
	bool last;

	if (split->mtu < IP6_SIZE + IP6_FRAGMENT_SIZE + 8 ||
	    split->offset + header_size >= split->length ||
	    wire_get16(ip + IP6_LENGTH) != split->length - header_size)
		return 0;
	size = next_size(split, header_size, IP6_FRAGMENT_SIZE, &last);
	memcpy(buffer, split->frame, header_size);
	buffer[ETHERNET_SIZE + IP6_NEXT_HEADER] = WIRE_IP6_FRAGMENT_HEADER;
	wire_put16(buffer + ETHERNET_SIZE + IP6_LENGTH, (uint16_t)(IP6_FRAGMENT_SIZE + size));
	memset(extension, 0, IP6_FRAGMENT_SIZE);
	extension[IP6_FRAGMENT_NEXT_HEADER] = ip[IP6_NEXT_HEADER];
	wire_put16(extension + IP6_FRAGMENT_OFFSET,
		   (uint16_t)(split->offset | (last ? 0 : WIRE_IP6_MORE_FRAGMENTS)));
	wire_put32(extension + IP6_FRAGMENT_ID, split->identification);
	memcpy(extension + IP6_FRAGMENT_SIZE, split->frame + header_size + split->offset, size);
	split->offset += size;
	return header_size + IP6_FRAGMENT_SIZE + size;
}

size_t split_next(struct split *split, uint8_t *buffer)
{
	return wire_get16(split->frame + ETHERNET_TYPE) == ETHERTYPE_IP ? next_v4(split, buffer)
									: next_v6(split, buffer);
}
