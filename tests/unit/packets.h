/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames for tests, made and checked by code that shares nothing with the code under test. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX (14 + 40 + 65535)

/* A frame that a test makes; zero-initialise before the first use. */
struct packet_bytes {
	uint8_t data[PACKET_MAX + 64];
	uint32_t length;
};

/* TCP flags by the letters that tcpdump prints. */
#define PACKET_FIN 0x01
#define PACKET_SYN 0x02
#define PACKET_RST 0x04
#define PACKET_ACK 0x10
#define PACKET_URG 0x20

/*
 * Each makes a whole frame with right checksums. The family follows from the text of source and
 * destination; the payload is size bytes that count up.
 */
void packet_make_tcp(struct packet_bytes *packet, const char *source, uint16_t source_port,
		     const char *destination, uint16_t destination_port, uint8_t flags,
		     size_t size);
void packet_make_udp(struct packet_bytes *packet, const char *source, uint16_t source_port,
		     const char *destination, uint16_t destination_port, size_t size);
void packet_make_icmp(struct packet_bytes *packet, const char *source, const char *destination,
		      uint8_t kind, size_t size);
void packet_make_ip(struct packet_bytes *packet, const char *source, const char *destination,
		    uint8_t protocol, size_t size);
void packet_make_arp(struct packet_bytes *packet, uint16_t operation);

/* Puts bytes of IPv4 options (a multiple of 4) behind the IP header. */
void packet_add_options(struct packet_bytes *packet, const void *options, size_t size);

/*
 * Makes fragment the piece of whole (not a fragment) that holds size bytes of its IP payload from
 * offset on, with the given identification. A piece that ends where the payload ends is the last.
 */
void packet_make_fragment(struct packet_bytes *fragment, const struct packet_bytes *whole,
			  uint32_t identification, uint32_t offset, uint32_t size);

/* Sets all checksums again after a test changed something. */
void packet_mend(struct packet_bytes *packet);

/* Where the transport header starts. */
uint32_t packet_transport(const uint8_t *frame);

/* True if the frame's lengths agree and its checksums are right. */
bool packet_is_right(const uint8_t *frame, uint32_t length);

/* The checksum as RFC 1071 describes it, byte by byte; host byte order. */
uint16_t packet_checksum(uint32_t sum, const uint8_t *data, size_t length);

/* True if the IP address at the offsets (IPv4, IPv6) in the IP header reads text. */
bool packet_has_source(const uint8_t *frame, const char *text);
bool packet_has_destination(const uint8_t *frame, const char *text);

/* Fields in host byte order. */
uint16_t packet_get16(const uint8_t *field);
uint32_t packet_get32(const uint8_t *field);
void packet_put16(uint8_t *field, uint16_t value);
void packet_put32(uint8_t *field, uint32_t value);
