/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the attacks go, and the sockets that they go with. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/tools/attack_socket.h"

#define TIMEOUT_SECONDS 3

struct target target_make(const char *address, uint16_t port)
{
	struct target target = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&target.address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&target.address;

	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		target.length = sizeof(*v4);
	} else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		target.length = sizeof(*v6);
	}
	return target;
}

const char *target_remote4(void)
{
	const char *address = getenv("WORLD_REMOTE4");

	return address ? address : "198.51.100.1";
}

struct target target_allowed(void)
{
	return target_make(target_remote4(), PORT_ALLOWED);
}

struct target target_closed(void)
{
	return target_make(target_remote4(), PORT_CLOSED);
}

struct target target_black_hole(void)
{
	return target_make(BLACK_HOLE, PORT_ALLOWED);
}

int stream_open(int family, int protocol)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	}
	return fd;
}

int stream_connect(int fd, const struct target *target)
{
	return connect(fd, (const struct sockaddr *)&target->address, target->length) == 0 ? 0
											   : errno;
}

bool stream_is_forbidden(int fd)
{
	struct pollfd source = { .fd = fd, .events = POLLIN };
	char text[16] = "";

	if (poll(&source, 1, 1000) <= 0 || recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) <= 0)
		return false;
	return strncmp(text, "host", 4) == 0 || strncmp(text, "denied", 6) == 0;
}

bool stream_reaches(int fd, const struct target *target)
{
	return stream_connect(fd, target) == 0 && stream_is_forbidden(fd);
}

int stream_connected(int protocol)
{
	const struct target allowed = target_allowed();
	int fd = stream_open(AF_INET, protocol);

	if (fd >= 0 && stream_connect(fd, &allowed) == 0)
		return fd;
	close(fd);
	return -1;
}

int stream_given_up(int protocol)
{
	const struct target away = target_black_hole();
	int fd = stream_open(AF_INET, protocol);
	int flags;

	if (fd < 0)
		return -1;
	flags = fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	if (stream_connect(fd, &away) != EINPROGRESS) {
		close(fd);
		return -1;
	}
	shutdown(fd, SHUT_RDWR);
	fcntl(fd, F_SETFL, flags);
	return fd;
}

int hold_descriptors(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint16_t local_port(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &length);
	/* The port is at the same place in both families. */
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

bool dialled_back(uint16_t port)
{
	int fd = stream_connected(0);
	char text[32] = "";
	bool yes;

	if (fd < 0)
		return false;
	snprintf(text, sizeof(text), "dial %u\n", port);
	recv(fd, (char[16]){ 0 }, 7, MSG_WAITALL); /* "remote\n" */
	yes = send(fd, text, strlen(text), MSG_NOSIGNAL) > 0 && recv(fd, text, 3, 0) > 0 &&
	      text[0] == 'y';
	close(fd);
	return yes;
}
