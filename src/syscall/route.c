/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the container's own routing sends a packet: connect(2) of a datagram socket sends nothing,
 * but has the kernel choose a route and its source address, which getsockname(2) tells.
 */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/route.h"

/* Any will do: discard. */
#define PORT 9

int route_socket(void)
{
	const int off = 0;
	CLEANUP_CLOSE int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	else if (fd >= 0 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0)
		return -errno;
	return fd < 0 ? -errno : descriptor_steal(&fd);
}

/* Connects probe to destination, whose family may be IPv4 for an IPv6 socket too; 0 or -errno. */
static int connect_probe(int probe, const struct address *destination)
{
	const struct endpoint endpoint = { .address = *destination, .port = PORT };
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(&endpoint, &storage);

	if (connect(probe, (const struct sockaddr *)&storage, length) < 0)
		return -errno;
	return 0;
}

/* Gives its port back as well, which a connect that failed has taken too. */
static void disconnect_probe(int probe)
{
	const struct sockaddr nothing = { .sa_family = AF_UNSPEC };

	connect(probe, &nothing, sizeof(nothing));
}

/* The source address of the connected probe; false if it can't be told. */
static bool read_source(int probe, struct address *ret_source)
{
	struct sockaddr_storage storage;
	struct endpoint endpoint;
	socklen_t length = sizeof(storage);

	if (getsockname(probe, (struct sockaddr *)&storage, &length) < 0 ||
	    !endpoint_from_sockaddr((const struct sockaddr *)&storage, length, &endpoint))
		return false;
	*ret_source = address_unmapped(&endpoint.address);
	return true;
}

static bool is_guest(const struct network *network, const struct address *address)
{
	struct address guest = address_from_v4(network->v4_guest);

	if (address->family == AF_INET6)
		guest = address_from_v6(&network->v6_guest);
	return (address->family == AF_INET || network->v6) && address_equal(address, &guest);
}

static bool is_link_local(const struct address *address)
{
	return address->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address->v6);
}

/* Whether the error of connect(2) says that there is no route; see ip-route(8), types of routes. */
static bool is_unreachable(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EACCES ||
	       error == -EINVAL || error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT;
}

enum route route_find(int probe, const struct network *network, const struct address *destination)
{
	struct address to = address_unmapped(destination), source;
	enum route route = ROUTE_ELSEWHERE;
	int error;

	/* Its own addresses have themselves as the source. */
	if (is_link_local(&to) || is_guest(network, &to))
		return ROUTE_ELSEWHERE;
	error = connect_probe(probe, &to);
	if (error < 0)
		route = is_unreachable(error) ? ROUTE_UNREACHABLE : ROUTE_ELSEWHERE;
	else if (read_source(probe, &source) && is_guest(network, &source))
		route = ROUTE_OUT;
	disconnect_probe(probe);
	return route;
}
