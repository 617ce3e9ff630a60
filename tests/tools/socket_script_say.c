/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps of scenarios, and the lines that they print. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#define PATIENCE_MS 5000

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

const char *error_text(int number)
{
	const char *name = number == 0 ? "ok" : strerrorname_np(number);

	return name ? name : "unknown error";
}

long say_result(const char *what, long result)
{
	if (result > 0)
		say("%s: %ld", what, result);
	else
		say("%s: %s", what, error_text(result < 0 ? errno : 0));
	return result;
}

const char *events_text(uint32_t events, char buffer[static 64])
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
		{ POLLIN, "IN" },	{ POLLOUT, "OUT" }, { POLLPRI, "PRI" },
		{ POLLRDHUP, "RDHUP" }, { POLLERR, "ERR" }, { POLLHUP, "HUP" },
		{ POLLNVAL, "NVAL" },
	};

	buffer[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		if (!(events & bits[i].bit))
			continue;
		if (buffer[0])
			strcat(buffer, "|");
		strcat(buffer, bits[i].name);
	}
	return buffer[0] ? buffer : strcpy(buffer, "none");
}

int open_stream(enum place place, int flags)
{
	int fd = socket(place_family(place), SOCK_STREAM | flags, 0);

	if (fd < 0) {
		say("socket: %s", error_text(errno));
		exit(1);
	}
	return fd;
}

int connect_place(int fd, enum place place, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t length = place_address(place, port, &address);

	return connect(fd, (const struct sockaddr *)&address, length);
}

int say_connect(int fd, enum place place, uint16_t port)
{
	return (int)say_result("connect", connect_place(fd, place, port));
}

int say_dissolve(int fd)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	return (int)say_result("dissolve", connect(fd, &none, sizeof(none)));
}

int say_bind(int fd, enum place place, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t length = place_address(place, port, &address);

	return (int)say_result("bind", bind(fd, (const struct sockaddr *)&address, length));
}

int say_listen(int fd, int backlog)
{
	return (int)say_result("listen", listen(fd, backlog));
}

static bool wait_for(int fd, short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	return poll(&poll_fd, 1, PATIENCE_MS) > 0;
}

int say_accept(int listener)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	char text[64];
	int fd;

	if (!wait_for(listener, POLLIN)) {
		say("accept: nobody comes");
		return -1;
	}
	fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
	if (fd < 0)
		say("accept: %s", error_text(errno));
	else
		say("accept: from %s", address_text(&peer, text));
	return fd;
}

static void say_name(const char *what, int result, const struct sockaddr_storage *address)
{
	char text[64];

	if (result < 0)
		say("%s: %s", what, error_text(errno));
	else
		say("%s: %s", what, address_text(address, text));
}

void say_local(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);

	say_name("local", getsockname(fd, (struct sockaddr *)&address, &length), &address);
}

void say_peer(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);

	say_name("peer", getpeername(fd, (struct sockaddr *)&address, &length), &address);
}

void say_error(int fd)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		say("SO_ERROR: fails with %s", error_text(errno));
	else
		say("SO_ERROR: %s", error_text(error));
}

void say_poll_for(int fd, short events, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	char text[64];
	int count;

	do
		count = poll(&poll_fd, 1, timeout_ms);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		say("poll: %s", error_text(errno));
	else
		say("poll: %s", events_text((uint32_t)poll_fd.revents, text));
}

void say_poll_reset(int fd)
{
	struct pollfd poll_fd = { .fd = fd };
	int64_t start = now_ms();

	/* The kernel sets a reset's error first, and then ends the connection. */
	do
		(void)poll(&poll_fd, 1, 5000);
	while (!(poll_fd.revents & POLLHUP) && now_ms() - start < 5000);
	say_poll_for(fd, POLLIN, 0);
}

void say_poll(int fd, int timeout_ms)
{
	say_poll_for(fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, timeout_ms);
}

void say_send(int fd, const char *text)
{
	say_result("send", send(fd, text, strlen(text), MSG_NOSIGNAL));
}

void say_receive(int fd)
{
	char buffer[256];
	ssize_t length;

	if (!wait_for(fd, POLLIN)) {
		say("receive: nothing comes");
		return;
	}
	length = recv(fd, buffer, sizeof(buffer) - 1, MSG_DONTWAIT);
	if (length <= 0) {
		say("receive: %s", length == 0 ? "end" : error_text(errno));
		return;
	}
	buffer[length] = '\0';
	say("receive: \"%s\"", buffer);
}

void say_exchange(int fd, const char *text)
{
	say_send(fd, text);
	say_receive(fd);
}

void say_option(const char *name, int fd, int level, int option)
{
	int value = 0;
	socklen_t length = sizeof(value);

	if (getsockopt(fd, level, option, &value, &length) < 0)
		say("%s: %s", name, error_text(errno));
	else
		say("%s: %d", name, value);
}

void set_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) < 0)
		say("setsockopt: %s", error_text(errno));
}

void say_flags(const char *name, int fd)
{
	int status = fcntl(fd, F_GETFL);
	int flags = fcntl(fd, F_GETFD);

	if (status < 0 || flags < 0)
		say("%s: %s", name, error_text(errno));
	else
		say("%s: %s, %s", name, flags & FD_CLOEXEC ? "closed by exec" : "kept by exec",
		    status & O_NONBLOCK ? "never blocks" : "blocks");
}

int open_connected(void)
{
	int fd = open_stream(REMOTE4, SOCK_CLOEXEC);

	if (connect_place(fd, REMOTE4, PORT_ECHO) < 0)
		say("connect: %s", error_text(errno));
	return fd;
}

void close_at_once(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

void settle(int fd)
{
	(void)wait_for(fd, POLLOUT);
}

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void say_time(const char *what, int64_t start, int64_t at_least_ms, int64_t at_most_ms)
{
	int64_t passed = now_ms() - start;

	if (passed >= at_least_ms && passed <= at_most_ms)
		say("%s: in time", what);
	else
		say("%s: after %lld ms", what, (long long)passed);
}

int peer_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	const char *path = getenv("SCRIPT_PEER");

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path ? path : "");
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		say("the remote's socket: %s", error_text(errno));
		exit(1);
	}
	return fd;
}

void peer_ask(int peer, const char *request)
{
	char answer[256];
	ssize_t length = -1;

	send(peer, request, strlen(request), MSG_NOSIGNAL);
	if (wait_for(peer, POLLIN))
		length = recv(peer, answer, sizeof(answer) - 1, 0);
	if (length < 0)
		length = 0;
	answer[length] = '\0';
	say("remote %s: %s", request, length ? answer : "no answer");
}

void say_child(int pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0)
		say("child: %s", error_text(errno));
	else if (WIFSIGNALED(status))
		say("child: SIG%s", sigabbrev_np(WTERMSIG(status)));
	else
		say("child: exit status %d", WEXITSTATUS(status));
}
