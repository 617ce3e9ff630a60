/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forwards as libslirp's "host forwards". */

#include "config.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "slirp-glue/stack_internal.h"

static int forward_flags(const struct forward *forward)
{
	int flags = 0;

	if (forward->protocol == IPPROTO_UDP)
		flags |= SLIRP_HOSTFWD_UDP;
	/* [::] is the IPv6 half only: IPv4 connections couldn't be carried to its container. */
	if (forward->host.address.family == AF_INET6)
		flags |= SLIRP_HOSTFWD_V6ONLY;
	return flags;
}

/*
 * Where the forward goes inside. An IPv6 address that the container chose for itself is not known
 * here: for :: libslirp takes the one that it has seen it use.
 */
static struct endpoint guest_endpoint(const struct stack *stack, const struct forward *forward)
{
	const struct engine_config *config = stack->config;
	struct endpoint guest = forward->guest;

	if (guest.address.family != AF_UNSPEC)
		return guest;
	if (forward->host.address.family == AF_INET)
		guest.address = address_from_v4(config->network.v4_guest);
	else
		guest.address = address_from_v6(config->configured ? &config->network.v6_guest
								   : &in6addr_any);
	return guest;
}

/*
 * libslirp binds UDP with SO_REUSEADDR, with which Linux lets two sockets of a user share a port
 * and the newer take all that comes. So see first, without that option, whether the port is free.
 */
static int try_bind_udp(const struct sockaddr_storage *address, socklen_t length)
{
	CLEANUP_CLOSE int fd = socket(address->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int yes = 1;

	if (fd < 0)
		return errno;
	if (address->ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) < 0)
		return errno;
	return bind(fd, (const struct sockaddr *)address, length) < 0 ? errno : 0;
}

int stack_forward_add(struct stack *stack, const struct forward *forward)
{
	struct sockaddr_storage host, guest;
	struct endpoint guest_end = guest_endpoint(stack, forward);
	socklen_t host_length = endpoint_to_sockaddr(&forward->host, &host);
	socklen_t guest_length = endpoint_to_sockaddr(&guest_end, &guest);
	int error;

	if (host.ss_family != guest.ss_family)
		return EAFNOSUPPORT;
	if (forward->protocol == IPPROTO_UDP) {
		error = try_bind_udp(&host, host_length);
		if (error != 0)
			return error;
	}
	errno = 0;
	if (slirp_add_hostxfwd(stack->slirp, (struct sockaddr *)&host, host_length,
			       (struct sockaddr *)&guest, guest_length,
			       forward_flags(forward)) == 0)
		return 0;
	return errno != 0 ? errno : EINVAL;
}

int stack_forward_remove(struct stack *stack, const struct forward *forward)
{
	struct sockaddr_storage host;
	socklen_t length = endpoint_to_sockaddr(&forward->host, &host);

	if (slirp_remove_hostxfwd(stack->slirp, (struct sockaddr *)&host, length,
				  forward_flags(forward)) == 0)
		return 0;
	return ENOENT;
}
