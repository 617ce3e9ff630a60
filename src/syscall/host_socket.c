/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the host that stand in for a container's. */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "syscall/egress_device.h"
#include "syscall/host_socket.h"
#include "syscall/socket_options.h"

int host_socket_like(int pinned, const struct socket_facts *facts)
{
	int fd = socket(facts->domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -errno;
	socket_options_copy(pinned, fd, facts);
	return fd;
}

/* The port that the socket is bound to; 0: none. */
static uint16_t bound_port(int fd)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct endpoint local;

	if (getsockname(fd, (struct sockaddr *)&storage, &length) < 0 ||
	    !endpoint_from_sockaddr((const struct sockaddr *)&storage, length, &local))
		return 0;
	return local.port;
}

static int socket_domain(int fd)
{
	int domain;
	socklen_t length = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0 ? -errno : domain;
}

/* An IPv4 address as a socket of that domain takes it. */
static struct address address_for_domain(const struct address *address, int domain)
{
	struct address mapped = { .family = AF_INET6 };

	if (domain != AF_INET6 || address->family != AF_INET)
		return *address;
	mapped.bytes[10] = 0xff;
	mapped.bytes[11] = 0xff;
	memcpy(&mapped.bytes[12], address->bytes, sizeof(address->v4));
	return mapped;
}

static int bind_endpoint(int socket, const struct endpoint *local)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(local, &storage);

	return bind(socket, (const struct sockaddr *)&storage, length) < 0 ? -errno : 0;
}

/* Binds to an address only; the port is chosen by connect, so that as many fit as there are peers.
 */
static int bind_address(int socket, const struct address *address)
{
	const struct endpoint local = { .address = *address };
	int yes = 1, before = 0, result;
	socklen_t length = sizeof(before);

	(void)getsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &before, &length);
	if (!before)
		(void)setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
	result = bind_endpoint(socket, &local);
	if (!before)
		(void)setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &before,
				 sizeof(before));
	return result;
}

/* Binds to source (family AF_UNSPEC: any) and, where that can be had, to port (0: any). */
static int bind_source(int socket, const struct address *source, uint16_t port)
{
	struct endpoint local = { .port = port };
	int domain, result;

	if (source->family == AF_UNSPEC && port == 0)
		return 0;
	domain = socket_domain(socket);
	if (domain < 0)
		return domain;
	local.address = address_for_domain(source, domain);
	if (source->family == AF_UNSPEC)
		local.address.family = (sa_family_t)domain; /* the wildcard */
	if (port != 0) {
		result = bind_endpoint(socket, &local);
		if (result != -EADDRINUSE && result != -EACCES)
			return result;
	}
	return source->family == AF_UNSPEC ? 0 : bind_address(socket, &local.address);
}

static int bind_to_device(int socket, const char *name)
{
	return setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name,
			  (socklen_t)strnlen(name, IF_NAMESIZE)) < 0
		       ? -errno
		       : 0;
}

/* The fence: the device of the route. */
static int bind_to_route(int socket, const struct address *destination,
			 const struct address *source)
{
	char name[IF_NAMESIZE];
	int result = egress_device_find(destination, source, name);

	return result < 0 ? result : bind_to_device(socket, name);
}

int host_socket_prepare(int socket, int pinned, const struct host_egress *egress,
			const struct endpoint *destination)
{
	const struct address target = address_unmapped(&destination->address);
	const struct address *source = target.family == AF_INET ? &egress->v4 : &egress->v6;
	const struct address none = { .family = AF_UNSPEC };
	int result = 0;

	/* The host's loopback takes neither a source from outside nor another device. */
	if (address_is_loopback(&target))
		source = &none;
	if (egress->interface[0] != '\0' && !address_is_loopback(&target))
		result = bind_to_device(socket, egress->interface);
	else if (egress->fence)
		result = bind_to_route(socket, &target, source);
	if (result < 0)
		return result;
	return bind_source(socket, source, bound_port(pinned));
}
