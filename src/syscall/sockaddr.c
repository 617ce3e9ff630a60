/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket addresses as programs hand them in: lengths and families judged as the kernel does. */

/*
 * The kernel looks at an address in a fixed order, and a program can tell from the errno which
 * check came first. Here is the order, by call and kind of socket; lengths are in bytes.
 *
 *   any call   length below 0 or above 128: EINVAL
 *
 *   connect    below 2: EINVAL. AF_UNSPEC, whatever follows: dissolves the association
 *     IPv4     below 16: EINVAL. Not AF_INET: EAFNOSUPPORT
 *     IPv6     below 24: EINVAL. Not AF_INET6: EAFNOSUPPORT; but to UDP AF_INET of at
 *              least 16 is a destination, too
 *
 *   bind
 *     IPv4     below 16: EINVAL. AF_INET, or AF_UNSPEC with 0.0.0.0; others: EAFNOSUPPORT
 *     IPv6     below 24: EINVAL. Not AF_INET6: EAFNOSUPPORT
 *
 *   sendto
 *     IPv4     below 16: EINVAL. AF_INET or AF_UNSPEC, which means the same; others: EAFNOSUPPORT
 *     IPv6     below 2: EINVAL. AF_INET6 of at least 24, AF_INET of at least 16, AF_UNSPEC: none
 *              given. Others: EINVAL
 *
 * 24 bytes are a sockaddr_in6 without the scope that RFC 2553 added. What lies behind the family's
 * own length is not looked at.
 */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "syscall/sockaddr.h"

#define FAMILY_SIZE sizeof(sa_family_t)
#define V4_SIZE sizeof(struct sockaddr_in)
#define V6_SIZE offsetof(struct sockaddr_in6, sin6_scope_id)

int sockaddr_check_length(int64_t length)
{
	uint32_t taken = (uint32_t)length;

	return taken > sizeof(struct sockaddr_storage) ? EINVAL : 0;
}

static sa_family_t family_of(const struct call_address *address)
{
	return address->storage.ss_family;
}

/* The address has at least V4_SIZE bytes. */
static int read_v4(const struct call_address *address, struct endpoint *ret_endpoint)
{
	struct sockaddr_in in;

	memcpy(&in, &address->storage, sizeof(in));
	*ret_endpoint = (struct endpoint){ .address = address_from_v4(in.sin_addr),
					   .port = ntohs(in.sin_port) };
	return 0;
}

/* The address has at least V6_SIZE bytes. */
static int read_v6(const struct call_address *address, struct endpoint *ret_endpoint)
{
	struct sockaddr_in6 in6 = { 0 };

	memcpy(&in6, &address->storage, V6_SIZE);
	*ret_endpoint = (struct endpoint){ .address = address_from_v6(&in6.sin6_addr),
					   .port = ntohs(in6.sin6_port) };
	return 0;
}

static int read_none(struct endpoint *ret_endpoint)
{
	*ret_endpoint = (struct endpoint){ .address.family = AF_UNSPEC };
	return 0;
}

/* The bytes that an address of the socket's own family needs at least. */
static size_t size_needed(int domain)
{
	return domain == AF_INET6 ? V6_SIZE : V4_SIZE;
}

/* An address of the socket's own family. */
static int read_own(const struct call_address *address, int domain, struct endpoint *ret_endpoint)
{
	if (address->length < size_needed(domain))
		return EINVAL;
	if (family_of(address) != domain)
		return EAFNOSUPPORT;
	return domain == AF_INET6 ? read_v6(address, ret_endpoint) : read_v4(address, ret_endpoint);
}

int sockaddr_read_connect(const struct call_address *address, int domain,
			  struct endpoint *ret_endpoint)
{
	if (address->length < FAMILY_SIZE || address->length > sizeof(address->storage))
		return EINVAL;
	if (family_of(address) == AF_UNSPEC)
		return read_none(ret_endpoint);
	return read_own(address, domain, ret_endpoint);
}

int sockaddr_read_connect_datagram(const struct call_address *address, int domain,
				   struct endpoint *ret_endpoint)
{
	bool whole = address->length >= V4_SIZE && address->length <= sizeof(address->storage);

	if (domain == AF_INET6 && whole && family_of(address) == AF_INET)
		return read_v4(address, ret_endpoint);
	return sockaddr_read_connect(address, domain, ret_endpoint);
}

int sockaddr_read_bind(const struct call_address *address, int domain,
		       struct endpoint *ret_endpoint)
{
	struct endpoint endpoint;

	if (address->length > sizeof(address->storage))
		return EINVAL;
	if (domain == AF_INET && address->length >= V4_SIZE && family_of(address) == AF_UNSPEC) {
		read_v4(address, &endpoint);
		if (!address_is_unspecified(&endpoint.address))
			return EAFNOSUPPORT;
		*ret_endpoint = endpoint;
		return 0;
	}
	return read_own(address, domain, ret_endpoint);
}

static int read_send_v6(const struct call_address *address, struct endpoint *ret_endpoint)
{
	if (address->length < FAMILY_SIZE)
		return EINVAL;
	switch (family_of(address)) {
	case AF_UNSPEC:
		return read_none(ret_endpoint);
	case AF_INET:
		return address->length < V4_SIZE ? EINVAL : read_v4(address, ret_endpoint);
	case AF_INET6:
		return address->length < V6_SIZE ? EINVAL : read_v6(address, ret_endpoint);
	default:
		return EINVAL;
	}
}

int sockaddr_read_send(const struct call_address *address, int domain,
		       struct endpoint *ret_endpoint)
{
	if (address->length > sizeof(address->storage))
		return EINVAL;
	if (domain == AF_INET6)
		return read_send_v6(address, ret_endpoint);
	if (address->length >= V4_SIZE && family_of(address) == AF_UNSPEC)
		return read_v4(address, ret_endpoint);
	return read_own(address, domain, ret_endpoint);
}
