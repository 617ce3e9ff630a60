/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMPv6 echo over ping sockets. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "slirp-glue/build.h"
#include "slirp-glue/echo6.h"
#include "slirp-glue/wire.h"

/*
 * A ping socket gives its requests an identifier of the kernel's choice and receives the replies to
 * that identifier only. So each ping of the container, that is sender, identifier and destination,
 * gets a socket of its own, and keeps the headers of its first request to make replies from.
 */

/* What of a request is kept: the headers up to the ICMPv6 header's end, if they are the usual ones.
 */
#define HEADERS_SIZE (ETHERNET_SIZE + IP6_SIZE + ICMP_SIZE)

struct ping {
	struct echo6 *owner;
	GList link;
	int fd;
	struct frame request; /* its data is headers */
	uint8_t headers[HEADERS_SIZE];
	struct loop_timer *timer;
};

struct echo6 {
	struct loop *loop;
	frame_sink sink;
	void *sink_data;
	GQueue pings; /* the one used last at the end */
	uint8_t message[UINT16_MAX];
	uint8_t frame[FRAME_MAX];
};

static void ping_free(struct ping *ping)
{
	struct echo6 *owner = ping->owner;

	loop_unwatch(owner->loop, ping->fd);
	descriptor_close(&ping->fd);
	loop_timer_free(ping->timer);
	g_queue_unlink(&owner->pings, &ping->link);
	g_free(ping);
}

static void on_timer(void *data)
{
	ping_free(data);
}

static void on_reply(int fd, uint32_t events, void *data)
{
	struct ping *ping = data;
	struct echo6 *owner = ping->owner;
	struct sockaddr_in6 from;
	socklen_t from_length = sizeof(from);
	const uint8_t *destination = ping->headers + ETHERNET_SIZE + IP6_DESTINATION;
	ssize_t length;
	size_t size;

	(void)events;
	length = recvfrom(fd, owner->message, sizeof(owner->message), 0, (struct sockaddr *)&from,
			  &from_length);
	/* An ICMPv6 error that came back: reading it has cleared it, and the ping goes on waiting.
	 */
	if (length < ICMP_SIZE || owner->message[ICMP_KIND] != ICMP6_ECHO_REPLY)
		return;
	/* The kernel looks at the identifier only. */
	if (memcmp(&from.sin6_addr, destination, IP6_ADDRESS_SIZE) != 0)
		return;
	size = build_echo6_answer(&ping->request, owner->message + ICMP_SEQUENCE,
				  (size_t)length - ICMP_SEQUENCE, owner->frame,
				  sizeof(owner->frame));
	if (size > 0)
		owner->sink(owner->frame, size, owner->sink_data);
}

/* The socket for a ping to destination (16 bytes), connected; or -errno. */
static int open_socket(const uint8_t *destination)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	CLEANUP_CLOSE int fd =
		socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	int on = 1;

	if (fd < 0)
		return -errno;
	memcpy(&address.sin6_addr, destination, IP6_ADDRESS_SIZE);
	/* No way round to IPv4, where other rules may hold. */
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

static bool same_ping(const struct ping *ping, const struct frame *frame)
{
	const uint8_t *ours = ping->headers + ETHERNET_SIZE;
	const uint8_t *theirs = frame->data + ETHERNET_SIZE;

	return memcmp(ours + IP6_SOURCE, theirs + IP6_SOURCE, 2 * IP6_ADDRESS_SIZE) == 0 &&
	       memcmp(ours + IP6_SIZE + ICMP_IDENTIFIER, theirs + IP6_SIZE + ICMP_IDENTIFIER, 2) ==
		       0;
}

static struct ping *find_ping(const struct echo6 *echo6, const struct frame *frame)
{
	for (GList *link = echo6->pings.head; link; link = link->next)
		if (same_ping(link->data, frame))
			return link->data;
	return NULL;
}

/* Returns NULL with errno set. */
static struct ping *ping_new(struct echo6 *echo6, const struct frame *frame)
{
	int fd = open_socket(frame->data + ETHERNET_SIZE + IP6_DESTINATION);
	struct ping *ping;
	int result;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	if (echo6->pings.length >= ECHO6_PINGS)
		ping_free(echo6->pings.head->data);
	ping = g_new0(struct ping, 1);
	ping->owner = echo6;
	ping->fd = fd;
	memcpy(ping->headers, frame->data, HEADERS_SIZE);
	ping->request = *frame;
	ping->request.data = ping->headers;
	ping->request.length = HEADERS_SIZE;
	ping->timer = loop_timer_new(echo6->loop, on_timer, ping);
	ping->link.data = ping;
	g_queue_push_tail_link(&echo6->pings, &ping->link);
	result = loop_watch(echo6->loop, fd, EPOLLIN, on_reply, ping);
	if (result < 0) {
		ping_free(ping);
		errno = -result;
		return NULL;
	}
	return ping;
}

static int send_request(struct ping *ping, const struct frame *frame)
{
	int hop_limit = frame->data[ETHERNET_SIZE + IP6_HOP_LIMIT] - 1;

	if (setsockopt(ping->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hop_limit, sizeof(hop_limit)) <
		    0 ||
	    send(ping->fd, frame->data + frame->transport_offset,
		 frame->length - frame->transport_offset, 0) < 0)
		return -errno;
	return 0;
}

static void reject(struct echo6 *echo6, const struct frame *frame)
{
	size_t size = build_reject(frame, echo6->frame);

	if (size > 0)
		echo6->sink(echo6->frame, size, echo6->sink_data);
}

static bool is_request(const struct frame *frame)
{
	return frame->protocol == IPPROTO_ICMPV6 && !frame->fragment &&
	       frame->transport_offset == ETHERNET_SIZE + IP6_SIZE &&
	       frame->length >= HEADERS_SIZE &&
	       frame->data[frame->transport_offset + ICMP_KIND] == ICMP6_ECHO_REQUEST &&
	       frame->data[ETHERNET_SIZE + IP6_HOP_LIMIT] > 1;
}

/* True for what comes from a queue that is full for now, or from an earlier request. */
static bool is_passing(int number)
{
	return number == EAGAIN || number == ENOBUFS || number == EINTR || number == ECONNREFUSED ||
	       number == EMSGSIZE;
}

void echo6_request(struct echo6 *echo6, const struct frame *frame)
{
	struct ping *ping;
	int result = 0;

	if (!is_request(frame))
		return;
	ping = find_ping(echo6, frame);
	if (!ping)
		ping = ping_new(echo6, frame);
	if (!ping) {
		reject(echo6, frame);
		return;
	}
	result = send_request(ping, frame);
	if (result < 0 && !is_passing(-result)) {
		ping_free(ping);
		reject(echo6, frame);
		return;
	}
	g_queue_unlink(&echo6->pings, &ping->link);
	g_queue_push_tail_link(&echo6->pings, &ping->link);
	loop_timer_set(ping->timer, loop_now(echo6->loop) + ECHO6_TIMEOUT_NS);
}

struct echo6 *echo6_new(struct loop *loop, frame_sink sink, void *sink_data)
{
	struct echo6 *echo6 = g_new0(struct echo6, 1);

	echo6->loop = loop;
	echo6->sink = sink;
	echo6->sink_data = sink_data;
	g_queue_init(&echo6->pings);
	return echo6;
}

void echo6_free(struct echo6 *echo6)
{
	if (!echo6)
		return;
	while (echo6->pings.head)
		ping_free(echo6->pings.head->data);
	g_free(echo6);
}
