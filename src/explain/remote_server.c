/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The servers of the test world's remote machine.
 *
 * A process for each connection: it may take as long as its client likes, and nobody else waits.
 * They die with the world, whose first process is init to them.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/descriptor.h"
#include "base/dns_answer.h"
#include "base/util.h"
#include "explain/http_answer.h"
#include "explain/remote_server.h"
#include "world/world.h"

#define DNS_PORT 53
#define QUERY_MAX 512
#define CHUNK (64 * 1024)
#define PATIENCE_SECONDS 30

static const uint16_t web_ports[] = { 80, 8000 };

/* A bound socket for both families, or -errno. */
static int open_socket(int type, uint16_t port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	const int on = 1, off = 0;
	CLEANUP_CLOSE int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (type == SOCK_STREAM && listen(fd, SOMAXCONN) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

static bool send_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			data += sent;
			length -= (size_t)sent;
		}
	}
	return true;
}

/* The length of the header in request; 0 if none came. more is what was read behind it. */
static size_t read_header(int fd, char request[static HTTP_REQUEST_MAX], uint64_t *ret_more)
{
	size_t length = 0;

	while (length < HTTP_REQUEST_MAX && !http_is_whole(request, length)) {
		ssize_t got = recv(fd, request + length, HTTP_REQUEST_MAX - length, 0);

		if (got <= 0 && errno != EINTR)
			return 0;
		length += got > 0 ? (size_t)got : 0;
	}
	for (size_t end = 1; end <= length; end++) {
		if (http_is_whole(request, end)) {
			*ret_more = length - end;
			return end;
		}
	}
	return 0;
}

/* Reads the rest of what the client uploads. */
static bool take_upload(int fd, uint64_t left)
{
	static char chunk[CHUNK];

	while (left > 0) {
		ssize_t got = recv(fd, chunk, MIN(left, sizeof(chunk)), 0);

		if (got <= 0)
			return false;
		left -= (uint64_t)got;
	}
	return true;
}

static void send_body(int fd, uint64_t left)
{
	static const char line[] =
		"This is the remote machine of slirpway's test world. Hello.....\n";
	static char chunk[CHUNK];
	_Static_assert(sizeof(line) - 1 == 64 && CHUNK % 64 == 0, "lines fill the chunk");

	for (size_t at = 0; at < sizeof(chunk); at += sizeof(line) - 1)
		memcpy(chunk + at, line, sizeof(line) - 1);
	while (left > 0) {
		size_t length = MIN(left, sizeof(chunk));

		if (!send_all(fd, chunk, length))
			return;
		left -= length;
	}
}

/* One request of a connection. */
static void serve(int fd)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	char request[HTTP_REQUEST_MAX];
	struct http_answer answer;
	uint64_t more;
	size_t length;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	length = read_header(fd, request, &more);
	if (length == 0)
		return;
	http_answer(request, length, &answer);
	if (answer.expects && !send_all(fd, go_on, strlen(go_on)))
		return;
	if (!take_upload(fd, answer.upload - MIN(answer.upload, more)))
		return;
	if (send_all(fd, answer.header, strlen(answer.header)))
		send_body(fd, answer.body);
	shutdown(fd, SHUT_WR);
}

static void accept_one(int listener)
{
	CLEANUP_CLOSE int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || fork() != 0)
		return;
	serve(fd);
	_exit(0);
}

/* Every name is the remote's. */
static void answer_query(int fd)
{
	struct sockaddr_in6 peer;
	socklen_t size = sizeof(peer);
	uint8_t query[QUERY_MAX], answer[DNS_ANSWER_MAX];
	ssize_t length = recvfrom(fd, query, sizeof(query), 0, (struct sockaddr *)&peer, &size);
	struct address address;
	size_t answered;

	if (length < 0 || !address_parse(WORLD_REMOTE4, &address))
		return;
	answered = dns_answer(query, (size_t)length, address.v4, answer);
	if (answered > 0)
		sendto(fd, answer, answered, MSG_NOSIGNAL, (struct sockaddr *)&peer, size);
}

static void serve_all(struct pollfd entries[static 1 + ARRAY_SIZE(web_ports)])
{
	for (;;) {
		if (poll(entries, 1 + ARRAY_SIZE(web_ports), -1) < 0)
			continue;
		if (entries[0].revents)
			answer_query(entries[0].fd);
		for (size_t i = 1; i <= ARRAY_SIZE(web_ports); i++)
			if (entries[i].revents)
				accept_one(entries[i].fd);
	}
}

int remote_server_run(int ready)
{
	struct pollfd entries[1 + ARRAY_SIZE(web_ports)];

	signal(SIGCHLD, SIG_IGN); /* so that they are not to be waited for */
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		int fd = i == 0 ? open_socket(SOCK_DGRAM, DNS_PORT)
				: open_socket(SOCK_STREAM, web_ports[i - 1]);

		if (fd < 0) {
			descriptor_close(&ready);
			return fd;
		}
		entries[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	descriptor_write_all(ready, "1", 1);
	descriptor_close(&ready);
	serve_all(entries);
	return 0;
}
