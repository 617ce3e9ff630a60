/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses, prefixes and endpoints as values. Pure. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* An IPv4 or IPv6 address in network byte order; family AF_UNSPEC means "none given". */
struct address {
	sa_family_t family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];
	};
};

/* An address and a port; the port is in host byte order. */
struct endpoint {
	struct address address;
	uint16_t port;
};

/* A network prefix such as 10.0.2.0/24; bits beyond the length are zero. */
struct prefix {
	struct address address;
	uint8_t length;
};

/* Room for the longest text of address_format, prefix_format and endpoint_format. */
#define ADDRESS_TEXT_MAX 64

/* Makes an address from network byte order. */
struct address address_from_v4(struct in_addr v4);
struct address address_from_v6(const struct in6_addr *v6);

/*
 * Parses "192.0.2.1", "fd00::1" or "[fd00::1]"; returns false and leaves *ret_address alone if it
 * is neither.
 */
bool address_parse(const char *text, struct address *ret_address);

/* Writes the text of an address ("none" for AF_UNSPEC) to buffer and returns buffer. */
const char *address_format(const struct address *address, char buffer[static ADDRESS_TEXT_MAX]);

/* True if both are of one family and equal. */
bool address_equal(const struct address *a, const struct address *b);

/* True for 0.0.0.0 and ::. */
bool address_is_unspecified(const struct address *address);

/* True for 127.0.0.0/8, ::1, and both of them written as v4-mapped addresses. */
bool address_is_loopback(const struct address *address);

/* True for 224.0.0.0/4 and ff00::/8. */
bool address_is_multicast(const struct address *address);

/* Turns ::ffff:a.b.c.d into a.b.c.d; any other address comes back unchanged. */
struct address address_unmapped(const struct address *address);

/*
 * Parses "10.0.0.0/8", "fd00::/8" or a bare address (full length); host bits must be zero. Returns
 * false and leaves *ret_prefix alone if it is none of these.
 */
bool prefix_parse(const char *text, struct prefix *ret_prefix);

/* Writes "10.0.0.0/8" to buffer and returns buffer. */
const char *prefix_format(const struct prefix *prefix, char buffer[static ADDRESS_TEXT_MAX]);

/* True if address lies in prefix (families must agree; length 0 matches the whole family). */
bool prefix_contains(const struct prefix *prefix, const struct address *address);

/* Writes "192.0.2.1:80" or "[fd00::1]:80" to buffer and returns buffer. */
const char *endpoint_format(const struct endpoint *endpoint, char buffer[static ADDRESS_TEXT_MAX]);

/* True if address and port are equal. */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* A hash of an endpoint that goes on from hash: the start, or that of the endpoint before it. */
#define ENDPOINT_HASH_START 2166136261U
uint32_t endpoint_hash(uint32_t hash, const struct endpoint *endpoint);

/*
 * Fills *ret_storage and returns the length to hand to bind(2) or connect(2); 0 if the endpoint has
 * no address.
 */
socklen_t endpoint_to_sockaddr(const struct endpoint *endpoint,
			       struct sockaddr_storage *ret_storage);

/*
 * Reads an AF_INET or AF_INET6 socket address; returns false for any other family or a short
 * length. The scope of a link-local address is not kept.
 */
bool endpoint_from_sockaddr(const struct sockaddr *sockaddr, socklen_t length,
			    struct endpoint *ret_endpoint);
