/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forwards as libslirp's "host forwards". */

#include "config.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "slirp-glue/stack_internal.h"

/* Flows beyond the bound that endpoints may open which could be a forward's, and are not. */
#define PRETENDERS_MAX 16

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

static const struct forward *forward_at(const struct stack *stack, uint32_t index)
{
	return &g_array_index(stack->forwards, struct forward, index);
}

static void forget(struct stack *stack, const struct forward *forward)
{
	for (uint32_t i = 0; i < stack->forwards->len; i++) {
		if (forward_same_host(forward_at(stack, i), forward)) {
			g_array_remove_index_fast(stack->forwards, i);
			return;
		}
	}
}

int stack_forward_add(struct stack *stack, const struct forward *forward)
{
	struct sockaddr_storage host, guest;
	struct forward known = { .protocol = forward->protocol,
				 .host = forward->host,
				 .guest = guest_endpoint(stack, forward) };
	socklen_t host_length = endpoint_to_sockaddr(&forward->host, &host);
	socklen_t guest_length = endpoint_to_sockaddr(&known.guest, &guest);
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
			       forward_flags(forward)) != 0)
		return errno != 0 ? errno : EINVAL;
	g_array_append_val(stack->forwards, known);
	return 0;
}

int stack_forward_remove(struct stack *stack, const struct forward *forward)
{
	struct sockaddr_storage host;
	socklen_t length = endpoint_to_sockaddr(&forward->host, &host);

	if (slirp_remove_hostxfwd(stack->slirp, (struct sockaddr *)&host, length,
				  forward_flags(forward)) != 0)
		return ENOENT;
	forget(stack, forward);
	return 0;
}

const struct endpoint *stack_forward_find_guest(const struct stack *stack,
						const struct endpoint *host)
{
	for (uint32_t i = 0; i < stack->forwards->len; i++) {
		const struct forward *forward = forward_at(stack, i);

		if (forward->protocol == IPPROTO_TCP && forward->host.port == host->port &&
		    forward->host.address.family == host->address.family &&
		    (address_is_unspecified(&forward->host.address) ||
		     address_equal(&forward->host.address, &host->address)))
			return &forward->guest;
	}
	return NULL;
}

bool stack_forward_carries(const struct stack *stack, const struct endpoint *guest)
{
	for (uint32_t i = 0; i < stack->forwards->len; i++) {
		const struct forward *forward = forward_at(stack, i);

		if (forward->protocol != IPPROTO_UDP || forward->guest.port != guest->port)
			continue;
		if (address_equal(&forward->guest.address, &guest->address))
			return true;
		/* Which address libslirp has taken can't be asked: some may pass for it. */
		if (forward->guest.address.family == guest->address.family &&
		    address_is_unspecified(&forward->guest.address) &&
		    stack->sockets < stack->config->flows_max + PRETENDERS_MAX)
			return true;
	}
	return false;
}
