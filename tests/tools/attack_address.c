/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks by address: every name of the host's loopback, and of what policy denies, by every way to
 * have a socket connected there.
 *
 * The words of the report are the addresses that were reached.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_socket.h"

/* An address, or the environment variable that holds it. */
struct row {
	const char *prefix; /* before the variable's value */
	const char *variable;
	const char *address;
	uint16_t port;
};

static const struct row rows[] = {
	{ "", NULL, "127.0.0.1", PORT_LOOPBACK },
	{ "", NULL, "127.0.0.1", PORT_WILDCARD },
	{ "", NULL, "127.255.255.254", PORT_WILDCARD },
	{ "", NULL, "0.0.0.0", PORT_LOOPBACK },
	{ "", NULL, "0.0.0.0", PORT_WILDCARD },
	{ "", NULL, "0.0.0.1", PORT_WILDCARD },
	{ "", NULL, "255.255.255.255", PORT_WILDCARD },
	{ "", NULL, "::1", PORT_LOOPBACK },
	{ "", NULL, "::", PORT_LOOPBACK },
	{ "", NULL, "::ffff:127.0.0.1", PORT_LOOPBACK },
	{ "", NULL, "::ffff:0.0.0.0", PORT_LOOPBACK },
	{ "", NULL, "::ffff:127.255.255.254", PORT_WILDCARD },
	{ "", NULL, "::127.0.0.1", PORT_LOOPBACK },
	{ "", NULL, "64:ff9b::127.0.0.1", PORT_LOOPBACK },
	{ "", "WORLD_HOST4", NULL, PORT_WILDCARD },
	{ "::ffff:", "WORLD_HOST4", NULL, PORT_WILDCARD },
	{ "", "WORLD_HOST6", NULL, PORT_WILDCARD },
	{ "", "WORLD_REMOTE4", NULL, PORT_DENIED },
	{ "::ffff:", "WORLD_REMOTE4", NULL, PORT_DENIED },
	{ "", "WORLD_REMOTE6", NULL, PORT_DENIED },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static struct target row_target(const struct row *row, char text[static 64])
{
	const char *address = row->address ? row->address : getenv(row->variable);

	snprintf(text, 64, "%s%s", row->prefix, address ? address : "");
	return target_make(text, row->port);
}

/* -- streams: how the socket was prepared ------------------------------------------------------ */

typedef int prepare_func(int family);

static int prepare_fresh(int family)
{
	return stream_open(family, 0);
}

static int prepare_multipath(int family)
{
	return stream_open(family, IPPROTO_MPTCP);
}

/* The allowed or the closed port of the remote machine as an address of the family. */
static struct target outside(int family, const char *address, uint16_t port)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s", family == AF_INET6 ? "::ffff:" : "", address);
	return target_make(text, port);
}

static void set_blocking(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

/* It was refused, and the error was taken from it. */
static int prepare_refused(int family)
{
	const struct target closed = outside(family, target_remote4(), PORT_CLOSED);
	int fd = stream_open(family, 0);
	struct pollfd source = { .fd = fd, .events = POLLOUT };
	int error;
	socklen_t length = sizeof(error);

	set_blocking(fd, false);
	stream_connect(fd, &closed);
	poll(&source, 1, 1000);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	stream_connect(fd, &closed);
	poll(&source, 1, 1000);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	set_blocking(fd, true);
	return fd;
}

/* The program gave up while it was on its way. */
static int prepare_given_up(int family)
{
	const struct target away = outside(family, BLACK_HOLE, PORT_ALLOWED);
	int fd = stream_open(family, 0);

	set_blocking(fd, false);
	stream_connect(fd, &away);
	shutdown(fd, SHUT_RDWR);
	set_blocking(fd, true);
	return fd;
}

/* Connected, and dissolved by AF_UNSPEC. */
static int prepare_dissolved(int family)
{
	const struct target allowed = outside(family, target_remote4(), PORT_ALLOWED);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = stream_open(family, 0);

	stream_connect(fd, &allowed);
	connect(fd, &none, sizeof(none));
	return fd;
}

/* On its way, then AF_UNSPEC. */
static int prepare_dissolved_early(int family)
{
	const struct target away = outside(family, BLACK_HOLE, PORT_ALLOWED);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = stream_open(family, 0);

	set_blocking(fd, false);
	stream_connect(fd, &away);
	connect(fd, &none, sizeof(none));
	set_blocking(fd, true);
	return fd;
}

/* Bound to the published port. */
static int prepare_published(int family)
{
	struct target local = target_make(family == AF_INET6 ? "::" : "0.0.0.0", PORT_PUBLISHED);
	const int on = 1;
	int fd = stream_open(family, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	bind(fd, (struct sockaddr *)&local.address, local.length);
	return fd;
}

/* Listened on the published port, and stopped. */
static int prepare_stopped(int family)
{
	int fd = prepare_published(family);

	listen(fd, 1);
	shutdown(fd, SHUT_RDWR);
	return fd;
}

static enum attack_result try_streams(const void *data, struct attack_report *report)
{
	prepare_func *const *prepare = data;
	enum attack_result result = ATTACK_HELD;
	char text[64];

	for (size_t i = 0; i < ROWS; i++) {
		struct target target = row_target(&rows[i], text);
		int fd = target.length ? (*prepare)(target.address.ss_family) : -1;

		if (fd < 0)
			continue;
		if (stream_reaches(fd, &target)) {
			result = ATTACK_BROKEN;
			attack_say(report, "%s:%u", text, rows[i].port);
		}
		close(fd);
	}
	return result;
}

/* -- datagrams --------------------------------------------------------------------------------- */

typedef bool datagram_func(int fd, const struct target *target);

static bool send_connected(int fd, const struct target *target)
{
	return stream_connect(fd, target) == 0 && send(fd, "x", 1, 0) == 1;
}

static bool send_addressed(int fd, const struct target *target)
{
	return sendto(fd, "x", 1, 0, (const struct sockaddr *)&target->address, target->length) ==
	       1;
}

/* Over the interface number 1, the loopback of every namespace. */
static bool send_by_loopback(int fd, const struct target *target)
{
	struct iovec data = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct msghdr message = { .msg_name = (void *)&target->address,
				  .msg_namelen = target->length,
				  .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct in_pktinfo info = { .ipi_ifindex = 1 };

	if (target->address.ss_family != AF_INET)
		return false;
	control.header.cmsg_level = IPPROTO_IP;
	control.header.cmsg_type = IP_PKTINFO;
	control.header.cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(&control.header), &info, sizeof(info));
	return sendmsg(fd, &message, 0) == 1;
}

static bool datagram_reaches(const struct target *target, datagram_func *send_one)
{
	int fd = socket(target->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd source = { .fd = fd, .events = POLLIN };
	char text[16] = "";
	bool reached = send_one(fd, target) && poll(&source, 1, 200) > 0 &&
		       recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0 &&
		       (strcmp(text, "host") == 0 || strcmp(text, "denied") == 0);

	close(fd);
	return reached;
}

static enum attack_result try_datagrams(const void *data, struct attack_report *report)
{
	datagram_func *const *send_one = data;
	enum attack_result result = ATTACK_HELD;
	char text[64];

	for (size_t i = 0; i < ROWS; i++) {
		struct target target = row_target(&rows[i], text);

		if (target.length && datagram_reaches(&target, *send_one)) {
			result = ATTACK_BROKEN;
			attack_say(report, "%s:%u", text, rows[i].port);
		}
	}
	return result;
}

/* -- the host's abstract name ------------------------------------------------------------------ */

static enum attack_result try_abstract(const void *data, struct attack_report *report)
{
	struct target target = { 0 };
	struct sockaddr_un *address = (struct sockaddr_un *)&target.address;
	int fd = stream_open(AF_UNIX, 0);

	(void)data;
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path + 1, ABSTRACT_NAME);
	target.length = offsetof(struct sockaddr_un, sun_path) + (socklen_t)sizeof(ABSTRACT_NAME);
	if (stream_reaches(fd, &target))
		return ATTACK_BROKEN;
	attack_say(report, "%s", strerror(errno));
	return ATTACK_HELD;
}

#define STREAM(func)                                                                               \
	PROOF_PLAIN, try_streams, &(prepare_func *const)                                           \
	{                                                                                          \
		func                                                                               \
	}
#define DATAGRAM(func)                                                                             \
	PROOF_PLAIN, try_datagrams, &(datagram_func *const)                                        \
	{                                                                                          \
		func                                                                               \
	}

const struct attack attacks_by_address[] = {
	{ "address/fresh", STREAM(prepare_fresh) },
	{ "address/multipath", STREAM(prepare_multipath) },
	{ "address/after-refusal", STREAM(prepare_refused) },
	{ "address/after-giving-up", STREAM(prepare_given_up) },
	{ "address/after-dissolving", STREAM(prepare_dissolved) },
	{ "address/after-dissolving-early", STREAM(prepare_dissolved_early) },
	{ "address/bound-to-published", STREAM(prepare_published) },
	{ "address/stopped-listening", STREAM(prepare_stopped) },
	{ "address/datagram-connected", DATAGRAM(send_connected) },
	{ "address/datagram-addressed", DATAGRAM(send_addressed) },
	{ "address/datagram-by-loopback", DATAGRAM(send_by_loopback) },
	{ "address/abstract-unix", PROOF_PLAIN, try_abstract, NULL },
	{ NULL, PROOF_NONE, NULL, NULL },
};
