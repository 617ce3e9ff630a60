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

/* With either option UDP sockets share a port, and the last one to be bound gets the datagrams. */
static void unshare_port(int fd)
{
	const int off = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &off, sizeof(off));
}

int host_socket_like(int pinned, const struct socket_facts *facts, const struct options_set *set)
{
	bool udp = socket_facts_is_udp(facts);
	int fd = socket(facts->domain,
			(udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC,
			udp ? IPPROTO_UDP : IPPROTO_TCP);

	if (fd < 0)
		return -errno;
	socket_options_copy(pinned, fd, facts, set);
	if (udp)
		unshare_port(fd);
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

/* UDP has no other fence than this one. */
static bool is_fence_wanted(const struct socket_facts *facts, const struct host_egress *egress)
{
	return egress->fence || socket_facts_is_udp(facts);
}

/* Of that family, for target, which is not v4-mapped; the host's loopback takes none from outside.
 */
static const struct address *source_for(const struct host_egress *egress,
					const struct address *target)
{
	static const struct address none = { .family = AF_UNSPEC };

	if (address_is_loopback(target))
		return &none;
	return target->family == AF_INET ? &egress->v4 : &egress->v6;
}

/* The device to bind to; "" for any. Returns 0 or -errno. */
static int find_device(const struct socket_facts *facts, const struct host_egress *egress,
		       const struct address *target, char ret_name[static IF_NAMESIZE])
{
	ret_name[0] = '\0';
	if (egress->interface[0] != '\0' && !address_is_loopback(target))
		memcpy(ret_name, egress->interface, IF_NAMESIZE);
	else if (is_fence_wanted(facts, egress))
		return egress_device_find(target, source_for(egress, target), ret_name);
	return 0;
}

int host_socket_prepare(int socket, int pinned, const struct socket_facts *facts,
			const struct host_egress *egress, const struct endpoint *destination)
{
	const struct address target = address_unmapped(&destination->address);
	char device[IF_NAMESIZE];
	int result = find_device(facts, egress, &target, device);

	if (result == 0 && device[0] != '\0')
		result = bind_to_device(socket, device);
	if (result < 0)
		return result;
	return bind_source(socket, source_for(egress, &target), bound_port(pinned));
}

int host_socket_bind_any(int socket)
{
	struct endpoint any = { .address.family = AF_INET };
	int domain = socket_domain(socket);

	if (domain > 0)
		any.address.family = (sa_family_t)domain;
	return bind_endpoint(socket, &any);
}

int host_socket_prepare_unconnected(int socket, int pinned, const struct host_egress *egress,
				    const struct endpoint *destination)
{
	const struct address target = address_unmapped(&destination->address);
	int result = 0;

	if (egress->interface[0] != '\0' && !address_is_loopback(&target))
		result = bind_to_device(socket, egress->interface);
	if (result == 0)
		result = bind_source(socket, source_for(egress, &target), bound_port(pinned));
	if (result == 0 && bound_port(socket) == 0)
		host_socket_bind_any(socket);
	return result;
}

bool host_socket_fits(int socket, const struct socket_facts *facts,
		      const struct host_egress *egress, const struct endpoint *destination)
{
	const struct address target = address_unmapped(&destination->address);
	char wanted[IF_NAMESIZE], device[IF_NAMESIZE] = "";
	socklen_t length = sizeof(device);

	if (find_device(facts, egress, &target, wanted) < 0 ||
	    getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device, &length) < 0)
		return false;
	if (length == 0 || device[0] == '\0')
		return bind_to_device(socket, wanted) == 0;
	return strncmp(wanted, device, sizeof(wanted)) == 0;
}

bool host_socket_is_on_loopback(int socket)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct endpoint local;

	return getsockname(socket, (struct sockaddr *)&storage, &length) == 0 &&
	       endpoint_from_sockaddr((const struct sockaddr *)&storage, length, &local) &&
	       address_is_loopback(&local.address);
}
