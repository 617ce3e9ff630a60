/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's TCP sockets, as its kernel tells of them when they end. */

/*
 * Theory of operation. The kernel multicasts a message when a TCP socket is destroyed, with the
 * counters of the connection (linux/sock_diag.h, SKNLGRP_INET_TCP_DESTROY; `ss -E` reads the same).
 * Nothing has to be polled, and no connection is too short to be seen. Those that are still open in
 * the end are asked for by an ordinary dump. A socket that waits in TIME_WAIT was destroyed before:
 * what waits is a small one that knows nothing any more. Each is known by its
 * cookie, so that those that were open before are left out, and none is noted twice.
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "explain/socket_watch.h"

#define BUFFER_SIZE 32768
#define RECEIVE_ROOM (4 * 1024 * 1024)
#define NOTES_MAX 100000
#define DUMP_TIMEOUT_MS 2000

/* The kernel tells of a socket's end from a work queue, soon after it: we look on until it has been
 * quiet for a while. */
#define QUIET_MS 50
#define SETTLE_MAX_MS 1000

#define STATE_TIME_WAIT 6
#define STATE_LISTEN 10

struct socket_watch {
	int fd;
	guint source;
	GArray *notes;	  /* struct socket_note */
	GHashTable *seen; /* cookies: of sockets that are noted, or were there before */
	bool started;	  /* else sockets are noted that are none of the caller's */
	bool lost;
};

static struct endpoint read_endpoint(uint8_t family, const __be32 *address, __be16 port)
{
	struct endpoint endpoint = { .port = ntohs(port) };
	struct in6_addr v6;
	struct in_addr v4;

	if (family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		endpoint.address = address_from_v4(v4);
	} else {
		memcpy(&v6, address, sizeof(v6));
		endpoint.address = address_from_v6(&v6);
		endpoint.address = address_unmapped(&endpoint.address);
	}
	return endpoint;
}

/* Older kernels tell less of a connection; what is not there reads as zero. */
static void read_counters(const struct nlattr *attribute, struct socket_note *note)
{
	struct tcp_info info = { 0 };

	memcpy(&info, mnl_attr_get_payload(attribute),
	       MIN(sizeof(info), mnl_attr_get_payload_len(attribute)));
	/* Before Linux 4.19 only what was acknowledged is told, with the SYN and the FIN. */
	note->bytes_sent = info.tcpi_bytes_sent > 0 ? info.tcpi_bytes_sent - info.tcpi_bytes_retrans
						    : info.tcpi_bytes_acked;
	note->bytes_received = info.tcpi_bytes_received;
	note->round_trip_us = info.tcpi_rtt;
	note->segments_out = info.tcpi_segs_out;
	note->segments_in = info.tcpi_segs_in;
	note->retransmitted = info.tcpi_total_retrans;
}

static void add_note(struct socket_watch *watch, const struct socket_note *note)
{
	gint64 cookie = (gint64)note->cookie;

	if (g_hash_table_contains(watch->seen, &cookie))
		return;
	if (g_hash_table_size(watch->seen) >= NOTES_MAX) {
		watch->lost = true;
		return;
	}
	g_hash_table_add(watch->seen, g_memdup2(&cookie, sizeof(cookie)));
	g_array_append_vals(watch->notes, note, 1);
}

static void take_message(struct socket_watch *watch, const struct nlmsghdr *message, bool ended)
{
	const struct inet_diag_msg *told = mnl_nlmsg_get_payload(message);
	struct socket_note note = { .time = g_get_real_time(), .ended = ended };
	const struct nlattr *attribute;
	bool counted = false;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*told) ||
	    (told->idiag_family != AF_INET && told->idiag_family != AF_INET6))
		return;
	note.cookie = (uint64_t)told->id.idiag_cookie[1] << 32 | told->id.idiag_cookie[0];
	note.local = read_endpoint(told->idiag_family, told->id.idiag_src, told->id.idiag_sport);
	note.remote = read_endpoint(told->idiag_family, told->id.idiag_dst, told->id.idiag_dport);
	if (note.remote.port == 0) /* never connected, or a listener */
		return;
	mnl_attr_for_each(attribute, message, sizeof(*told))
	{
		if (mnl_attr_get_type(attribute) != INET_DIAG_INFO)
			continue;
		read_counters(attribute, &note);
		counted = true;
	}
	/* In TIME_WAIT it has its old cookie, and knows nothing: its end is told of, or will be. */
	if (counted || !watch->started)
		add_note(watch, &note);
}

/* Takes one datagram of messages. Returns 1, 0 at the end of a dump, or -errno. */
static int take_datagram(struct socket_watch *watch, int fd, bool ended)
{
	char buffer[BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t received = recv(fd, buffer, sizeof(buffer), 0);
	const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
	int left = (int)received;

	if (received < 0)
		return -errno;
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
			return 0;
		if (message->nlmsg_type == SOCK_DIAG_BY_FAMILY)
			take_message(watch, message, ended);
	}
	return 1;
}

/* Takes what was multicast up to now. */
static void take_all(struct socket_watch *watch)
{
	int result;

	do {
		result = take_datagram(watch, watch->fd, true);
		if (result == -ENOBUFS)
			watch->lost = true;
	} while (result >= 0 || result == -ENOBUFS || result == -EINTR);
}

static gboolean socket_is_readable(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
				   void *data)
{
	take_all(data);
	return G_SOURCE_CONTINUE;
}

static bool ask_for_open(int fd, uint8_t family)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request;

	message->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request = mnl_nlmsg_put_extra_header(message, sizeof(*request));
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = ~((1U << STATE_LISTEN) | (1U << STATE_TIME_WAIT));
	request->idiag_ext = 1U << (INET_DIAG_INFO - 1);
	return send(fd, message, message->nlmsg_len, 0) >= 0;
}

static void dump_open(struct socket_watch *watch)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		CLEANUP_CLOSE int fd =
			socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

		if (fd < 0 || !ask_for_open(fd, families[i]))
			continue;
		while (descriptor_wait_readable(fd, DUMP_TIMEOUT_MS) == 0 &&
		       take_datagram(watch, fd, false) > 0)
			;
	}
}

static int open_socket(void)
{
	static const int groups[] = { SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY };
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int room = RECEIVE_ROOM;
	CLEANUP_CLOSE int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return -errno;
	/* As much as net.core.rmem_max allows. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		address.nl_groups |= 1U << (groups[i] - 1);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

struct socket_watch *socket_watch_new(GError **error)
{
	struct socket_watch *watch;
	int fd = open_socket();

	if (fd < 0) {
		error_set_errno(error, -fd, "watching the host's sockets");
		return NULL;
	}
	watch = g_new0(struct socket_watch, 1);
	watch->fd = fd;
	watch->notes = g_array_new(FALSE, FALSE, sizeof(struct socket_note));
	watch->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	watch->source = g_unix_fd_add(fd, G_IO_IN, socket_is_readable, watch);
	/* What is open already is none of the caller's. */
	dump_open(watch);
	g_array_set_size(watch->notes, 0);
	watch->started = true;
	return watch;
}

void socket_watch_free(struct socket_watch *watch)
{
	if (!watch)
		return;
	g_source_remove(watch->source);
	descriptor_close(&watch->fd);
	g_array_unref(watch->notes);
	g_hash_table_unref(watch->seen);
	g_free(watch);
}

static void settle(struct socket_watch *watch)
{
	gint64 deadline = g_get_monotonic_time() + SETTLE_MAX_MS * (G_USEC_PER_SEC / 1000);

	while (g_get_monotonic_time() < deadline &&
	       descriptor_wait_readable(watch->fd, QUIET_MS) == 0)
		take_all(watch);
}

GArray *socket_watch_finish(struct socket_watch *watch, bool *ret_lost)
{
	settle(watch);
	dump_open(watch);
	/* What has ended before the dump came to it is in neither. */
	take_all(watch);
	*ret_lost = watch->lost;
	return g_array_ref(watch->notes);
}
