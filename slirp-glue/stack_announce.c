/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the container opens, and the bound on it.
 *
 * libslirp has no bound: it opens a socket for each connection, for each endpoint of the container
 * that sends UDP, and for each echo request, and keeps the last two for minutes. So a frame is
 * looked at before libslirp gets it. The table of flows follows libslirp exactly, for each entry is
 * made when libslirp registers a socket while it works on the frame, and goes when it unregisters
 * it.
 */

#include "config.h"

#include <netinet/in.h>

#include "slirp-glue/stack_internal.h"

#define PORT_DHCP 67
#define PORT_DHCP6 547

static bool is_v4(const struct address *address, in_addr_t v4)
{
	return address->family == AF_INET && address->v4.s_addr == v4;
}

/* What libslirp answers by itself, without a socket. */
static bool is_for_libslirp(const struct network *network, const struct flow_key *ends)
{
	const struct address *address = &ends->remote.address;
	bool gateway = is_v4(address, network->v4_gateway.s_addr);

	if (ends->protocol == IPPROTO_ICMP)
		return gateway || is_v4(address, network->v4_dns.s_addr);
	if (ends->protocol != IPPROTO_UDP)
		return false;
	if (ends->remote.port == PORT_DHCP)
		return gateway || is_v4(address, INADDR_BROADCAST);
	return ends->remote.port == PORT_DHCP6 && address->family == AF_INET6 &&
	       IN6_ARE_ADDR_EQUAL(&address->v6, &network->v6_gateway);
}

static bool may_open(const struct frame *frame)
{
	return frame_starts_tcp(frame) || frame->protocol == IPPROTO_UDP ||
	       frame->protocol == IPPROTO_ICMP;
}

/* As the table knows it. */
static struct flow_key table_key(const struct flow_key *ends)
{
	struct flow_key key = *ends;

	if (key.protocol == IPPROTO_UDP)
		key.remote = (struct endpoint){ 0 };
	return key;
}

bool stack_is_full(const struct stack *stack)
{
	return stack->sockets >= stack->config->flows_max;
}

bool stack_announce(struct stack *stack, const struct frame *frame)
{
	struct flow_key ends = { .protocol = frame->protocol }, key;
	int fd;

	stack->opening = (struct flow_key){ 0 };
	if (!may_open(frame))
		return true;
	frame_source(frame, &ends.guest);
	frame_destination(frame, &ends.remote);
	if (is_for_libslirp(&stack->config->network, &ends))
		return true;
	key = table_key(&ends);
	fd = flow_table_find(stack->flows, &key);
	if (fd >= 0) {
		stack_poll_find(stack, fd)->key.remote = ends.remote;
		if (!stack_poll_bind(stack, fd, &ends.remote.address))
			return false;
	} else if (stack_is_full(stack) &&
		   !(ends.protocol == IPPROTO_UDP && stack_forward_carries(stack, &ends.guest)))
		return false;
	stack->opening = ends;
	return true;
}

void stack_note_opened(struct stack *stack, struct stack_poll *poll, int fd)
{
	struct flow_key key = table_key(&stack->opening);

	poll->key = stack->opening;
	/* Each echo request opens anew. */
	if (key.protocol != IPPROTO_ICMP)
		flow_table_add(stack->flows, &key, fd);
}

void stack_note_closed(struct stack *stack, const struct stack_poll *poll, int fd)
{
	struct flow_key key = table_key(&poll->key);

	flow_table_remove(stack->flows, &key, fd);
}
