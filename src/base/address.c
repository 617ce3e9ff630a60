/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses, prefixes and endpoints as values. */

#include "config.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"

#define V4_MAPPED_OFFSET 12

/* Bytes of an address of family; 0 for any but the two. */
static size_t family_size(sa_family_t family)
{
	if (family == AF_INET)
		return sizeof(struct in_addr);
	return family == AF_INET6 ? sizeof(struct in6_addr) : 0;
}

struct address address_from_v4(struct in_addr v4)
{
	struct address address = { .family = AF_INET };

	memcpy(address.bytes, &v4, sizeof(v4));
	return address;
}

struct address address_from_v6(const struct in6_addr *v6)
{
	struct address address = { .family = AF_INET6 };

	memcpy(address.bytes, v6, sizeof(*v6));
	return address;
}

/* The text between the brackets of "[fd00::1]"; false if there are none, or nothing fits between.
 */
static bool text_in_brackets(const char *text, char inner[static INET6_ADDRSTRLEN])
{
	size_t length = strlen(text);

	if (length < 3 || length - 2 >= INET6_ADDRSTRLEN)
		return false;
	if (text[0] != '[' || text[length - 1] != ']')
		return false;
	memcpy(inner, text + 1, length - 2);
	inner[length - 2] = '\0';
	return true;
}

bool address_parse(const char *text, struct address *ret_address)
{
	char inner[INET6_ADDRSTRLEN];
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		*ret_address = address_from_v4(v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6) != 1 &&
	    !(text_in_brackets(text, inner) && inet_pton(AF_INET6, inner, &v6) == 1))
		return false;
	*ret_address = address_from_v6(&v6);
	return true;
}

const char *address_format(const struct address *address, char buffer[static ADDRESS_TEXT_MAX])
{
	if (!inet_ntop(address->family, address->bytes, buffer, ADDRESS_TEXT_MAX))
		strcpy(buffer, "none");
	return buffer;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, family_size(a->family)) == 0;
}

bool address_is_unspecified(const struct address *address)
{
	static const uint8_t zeros[16];
	size_t size = family_size(address->family);

	return size && memcmp(address->bytes, zeros, size) == 0;
}

bool address_is_loopback(const struct address *address)
{
	struct address plain = address_unmapped(address);

	if (plain.family == AF_INET)
		return plain.bytes[0] == 127;
	return plain.family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&plain.v6);
}

bool address_is_multicast(const struct address *address)
{
	if (address->family == AF_INET)
		return (address->bytes[0] & 0xf0) == 0xe0;
	return address->family == AF_INET6 && address->bytes[0] == 0xff;
}

struct address address_unmapped(const struct address *address)
{
	struct in_addr v4;

	if (address->family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&address->v6))
		return *address;
	memcpy(&v4, address->bytes + V4_MAPPED_OFFSET, sizeof(v4));
	return address_from_v4(v4);
}

/* Reads one to three digits that make at most max. */
static bool parse_length(const char *text, unsigned int max, uint8_t *ret_length)
{
	unsigned int length = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits < 1 || digits > 3 || text[digits] != '\0')
		return false;
	for (size_t i = 0; i < digits; i++)
		length = length * 10 + (unsigned int)(text[i] - '0');
	if (length > max)
		return false;
	*ret_length = (uint8_t)length;
	return true;
}

/* True if a and b agree in their first length bits. */
static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned int length)
{
	unsigned int bytes = length / 8;
	unsigned int rest = length % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0;
}

/* True if address has only zeros behind its first length bits. */
static bool host_bits_are_zero(const struct address *address, unsigned int length)
{
	struct address masked = *address;
	size_t size = family_size(address->family);

	for (size_t i = length / 8; i < size; i++) {
		unsigned int kept = i == length / 8 ? length % 8 : 0;

		masked.bytes[i] &= (uint8_t)(0xff00U >> kept);
	}
	return address_equal(&masked, address);
}

bool prefix_parse(const char *text, struct prefix *ret_prefix)
{
	/* An address, perhaps in brackets, and a length of three digits. */
	char copy[INET6_ADDRSTRLEN + 8];
	struct prefix prefix = { 0 };
	unsigned int bits;
	char *slash;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (!address_parse(copy, &prefix.address))
		return false;
	bits = (unsigned int)family_size(prefix.address.family) * 8;
	prefix.length = (uint8_t)bits;
	if (slash && !parse_length(slash + 1, bits, &prefix.length))
		return false;
	if (!host_bits_are_zero(&prefix.address, prefix.length))
		return false;
	*ret_prefix = prefix;
	return true;
}

const char *prefix_format(const struct prefix *prefix, char buffer[static ADDRESS_TEXT_MAX])
{
	size_t length;

	address_format(&prefix->address, buffer);
	length = strlen(buffer);
	if (family_size(prefix->address.family))
		snprintf(buffer + length, ADDRESS_TEXT_MAX - length, "/%u", prefix->length);
	return buffer;
}

bool prefix_contains(const struct prefix *prefix, const struct address *address)
{
	if (prefix->address.family != address->family || !family_size(address->family))
		return false;
	return bits_equal(prefix->address.bytes, address->bytes, prefix->length);
}

const char *endpoint_format(const struct endpoint *endpoint, char buffer[static ADDRESS_TEXT_MAX])
{
	char text[ADDRESS_TEXT_MAX];
	bool brackets = endpoint->address.family == AF_INET6;

	address_format(&endpoint->address, text);
	snprintf(buffer, ADDRESS_TEXT_MAX, "%s%.46s%s:%u", brackets ? "[" : "", text,
		 brackets ? "]" : "", endpoint->port);
	return buffer;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

/* FNV-1a. */
uint32_t endpoint_hash(uint32_t hash, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < family_size(endpoint->address.family); i++)
		hash = (hash ^ endpoint->address.bytes[i]) * 16777619U;
	hash = (hash ^ (endpoint->port & 0xff)) * 16777619U;
	return (hash ^ (endpoint->port >> 8)) * 16777619U;
}

socklen_t endpoint_to_sockaddr(const struct endpoint *endpoint,
			       struct sockaddr_storage *ret_storage)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret_storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_storage;

	memset(ret_storage, 0, sizeof(*ret_storage));
	switch (endpoint->address.family) {
	case AF_INET:
		in->sin_family = AF_INET;
		in->sin_port = htons(endpoint->port);
		in->sin_addr = endpoint->address.v4;
		return sizeof(*in);
	case AF_INET6:
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(endpoint->port);
		in6->sin6_addr = endpoint->address.v6;
		return sizeof(*in6);
	default:
		return 0;
	}
}

bool endpoint_from_sockaddr(const struct sockaddr *sockaddr, socklen_t length,
			    struct endpoint *ret_endpoint)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (length < offsetof(struct sockaddr, sa_data))
		return false;
	if (sockaddr->sa_family == AF_INET && length >= sizeof(in)) {
		memcpy(&in, sockaddr, sizeof(in));
		*ret_endpoint = (struct endpoint){ .address = address_from_v4(in.sin_addr),
						   .port = ntohs(in.sin_port) };
		return true;
	}
	if (sockaddr->sa_family == AF_INET6 && length >= sizeof(in6)) {
		memcpy(&in6, sockaddr, sizeof(in6));
		*ret_endpoint = (struct endpoint){ .address = address_from_v6(&in6.sin6_addr),
						   .port = ntohs(in6.sin6_port) };
		return true;
	}
	return false;
}
