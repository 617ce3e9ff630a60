/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libslirp's descriptors on the engine's epoll.
 *
 * libslirp names every descriptor that it wants before each turn, and may leave one out in the next
 * (its buffer is full). What was named in this turn is "armed"; readiness is told to libslirp for
 * armed descriptors only, for it asserts that there is room to read. A descriptor that is no longer
 * armed stays in the epoll set until it fires, which costs nothing while it is quiet; only then it
 * is taken out.
 *
 * libslirp accepts a connection over a forward before it knows whether the container wants it. So
 * that the client is told if not, closing it resets it (SO_LINGER, which the listener bequeaths)
 * until the container has answered, which shows in that libslirp asks for the descriptor. Where no
 * more flows may be open, listeners are not looked at, and connections wait in the backlog.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "slirp-glue/address_rules.h"
#include "slirp-glue/stack_internal.h"

/* libslirp listens with a backlog of 1, and accepts one connection a turn. */
#define LISTEN_BACKLOG 4096

/* Seconds after which a quiet peer is asked whether it is still there (tcp(7)). */
#define KEEPALIVE_IDLE 600

static const struct {
	int slirp;
	uint32_t epoll;
} event_map[] = {
	{ SLIRP_POLL_IN, EPOLLIN },   { SLIRP_POLL_OUT, EPOLLOUT }, { SLIRP_POLL_PRI, EPOLLPRI },
	{ SLIRP_POLL_ERR, EPOLLERR }, { SLIRP_POLL_HUP, EPOLLHUP },
};

static uint32_t to_epoll(int events)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(event_map); i++)
		mask |= events & event_map[i].slirp ? event_map[i].epoll : 0;
	return mask;
}

static int from_epoll(uint32_t mask)
{
	int events = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(event_map); i++)
		events |= mask & event_map[i].epoll ? event_map[i].slirp : 0;
	return events;
}

static struct stack_poll *poll_of(struct stack *stack, int fd)
{
	uint32_t size = stack->polls_size;

	if ((uint32_t)fd >= size) {
		size = MAX((uint32_t)fd + 1, MAX(size * 2, 64));
		stack->polls = g_renew(struct stack_poll, stack->polls, size);
		memset(stack->polls + stack->polls_size, 0,
		       (size - stack->polls_size) * sizeof(*stack->polls));
		stack->polls_size = size;
	}
	return &stack->polls[fd];
}

struct stack_poll *stack_poll_find(struct stack *stack, int fd)
{
	return fd >= 0 && (uint32_t)fd < stack->polls_size && stack->polls[fd].known
		       ? &stack->polls[fd]
		       : NULL;
}

static void socket_ready(int fd, uint32_t events, void *data)
{
	struct stack *stack = data;
	struct stack_poll *poll = poll_of(stack, fd);

	if (poll->armed_turn == stack->turn)
		poll->ready = from_epoll(events);
	else
		loop_unwatch(stack->loop, fd);
}

static void set_int(int fd, int level, int option, int value)
{
	/* A socket that has no such option is one that doesn't need it. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* With seconds of 0, closing resets the connection; with -1 it ends it. */
static void set_linger(int fd, int seconds)
{
	struct linger linger = { .l_onoff = seconds >= 0, .l_linger = MAX(seconds, 0) };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* One of the addresses of a socket, by getsockname or getpeername; false if it has none. */
static bool ask_address(int fd, int (*ask)(int, struct sockaddr *, socklen_t *),
			struct endpoint *ret_endpoint)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	return ask(fd, (struct sockaddr *)&address, &length) == 0 &&
	       endpoint_from_sockaddr((struct sockaddr *)&address, length, ret_endpoint);
}

/* A connection that came in over a forward. */
static void note_accepted(struct stack *stack, struct stack_poll *poll, int fd)
{
	const struct endpoint *guest;
	struct endpoint host, remote;

	poll->accepted = true;
	if (!ask_address(fd, getsockname, &host))
		return;
	/* A client that has given up already can't be asked. */
	if (!ask_address(fd, getpeername, &remote))
		remote = (struct endpoint){ .address = { .family = host.address.family } };
	guest = stack_forward_find_guest(stack, &host);
	if (guest != NULL)
		poll->key = (struct flow_key){ IPPROTO_TCP, *guest, remote };
}

/*
 * Binds a flow to the interface that all are to take. Where that fails (the interface is gone) the
 * flow must not take another: bound to a loopback address it reaches nothing outside. False if that
 * can't be had either: it has a port already.
 */
static bool bind_to_interface(int fd, const char *interface)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) ==
	    0)
		return true;
	log_debug("binding a flow to %s: %s", interface, strerror(errno));
	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return false;
	if (address.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
	else if (address.ss_family == AF_INET)
		((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		return false;
	return bind(fd, (struct sockaddr *)&address, length) == 0;
}

/* True for what libslirp turns into the host's loopback, which no other interface leads to. */
static bool is_host_loopback(const struct stack *stack, const struct address *address)
{
	const struct network *network = &stack->config->network;
	enum place place = address->family == AF_INET
				   ? address_rules_place4(network, (const uint8_t *)&address->v4)
				   : address_rules_place6(network, address->v6.s6_addr);

	return place == PLACE_GUEST || place == PLACE_GATEWAY || place == PLACE_DNS ||
	       place == PLACE_ROUTER;
}

bool stack_poll_bind(struct stack *stack, int fd, const struct address *remote)
{
	const char *interface = stack->config->outbound_interface;
	struct stack_poll *poll = poll_of(stack, fd);

	if (interface[0] == '\0' || poll->bound || is_host_loopback(stack, remote))
		return true;
	poll->bound = bind_to_interface(fd, interface);
	return poll->bound;
}

void stack_poll_register(int fd, void *opaque)
{
	struct stack *stack = opaque;
	struct stack_poll *poll;

	/* libslirp tells of datagram sockets that it failed to make, too. */
	if (fd < 0)
		return;
	/* Some of its failures close a descriptor without a word; then its number comes again. */
	if (poll_of(stack, fd)->known)
		stack_poll_unregister(fd, opaque);
	poll = poll_of(stack, fd);
	poll->known = true;
	stack->sockets++;
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE);
	/* What came in over a forward stays on the way that it came. */
	if (stack->opening.protocol == 0) {
		note_accepted(stack, poll, fd);
		return;
	}
	stack_note_opened(stack, poll, fd);
	(void)stack_poll_bind(stack, fd, &stack->opening.remote.address);
}

void stack_poll_unregister(int fd, void *opaque)
{
	struct stack *stack = opaque;
	struct stack_poll *poll;

	/* So it ends flows whose socket it failed to make. */
	if (fd < 0)
		return;
	poll = poll_of(stack, fd);
	if (poll->known && stack->sockets > 0)
		stack->sockets--;
	stack_note_closed(stack, poll, fd);
	*poll = (struct stack_poll){ 0 };
	loop_unwatch(stack->loop, fd);
}

/* Descriptors that libslirp never registered are a forward's. Listeners get a real backlog. */
static void adopt_forward(struct stack *stack, struct stack_poll *poll, int fd)
{
	int listening = 0;
	socklen_t length = sizeof(listening);

	poll->known = true;
	stack->sockets++;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0 || !listening)
		return;
	poll->listening = true;
	set_linger(fd, 0);
	if (listen(fd, LISTEN_BACKLOG) < 0)
		log_debug("listening with a longer backlog: %s", strerror(errno));
}

static bool has_to_wait(const struct stack *stack, const struct stack_poll *poll)
{
	return poll->listening && stack_is_full(stack);
}

static int add_poll(int fd, int events, void *opaque)
{
	struct stack *stack = opaque;
	struct stack_poll *poll = poll_of(stack, fd);
	int result;

	if (!poll->known)
		adopt_forward(stack, poll, fd);
	if (poll->accepted)
		set_linger(fd, -1);
	poll->accepted = false;
	if (has_to_wait(stack, poll))
		return fd;
	poll->armed_turn = stack->turn;
	poll->asked = events;
	poll->established |= (events & SLIRP_POLL_IN) != 0;
	poll->ready = 0;
	result = loop_watch(stack->loop, fd, to_epoll(events), socket_ready, stack);
	if (result < 0)
		log_debug("watching a flow: %s", strerror(-result));
	return fd;
}

/*
 * Errors, which epoll tells of unasked, make libslirp read, and it aborts where it has no room. Who
 * only wants to write hears of them by writing. While a connection is being made there is room.
 */
static int what_to_tell(const struct stack_poll *poll)
{
	if (poll->asked & SLIRP_POLL_IN || !poll->established)
		return poll->ready;
	return poll->ready != 0 ? SLIRP_POLL_OUT : 0;
}

static int get_revents(int index, void *opaque)
{
	struct stack *stack = opaque;
	struct stack_poll *poll = poll_of(stack, index);

	if (poll->armed_turn != stack->turn || has_to_wait(stack, poll))
		return 0;
	return what_to_tell(poll);
}

int stack_prepare(struct stack *stack)
{
	uint32_t timeout_ms = G_MAXINT32;

	stack->turn++;
	slirp_pollfds_fill(stack->slirp, &timeout_ms, add_poll, stack);
	return (int)timeout_ms;
}

void stack_dispatch(struct stack *stack)
{
	/* What libslirp opens from here on is nothing that the container asked for. */
	stack->opening = (struct flow_key){ 0 };
	slirp_pollfds_poll(stack->slirp, 0, get_revents, stack);
}
