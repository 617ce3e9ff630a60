/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The remote machine of the scenarios: TCP and UDP servers on all addresses, and a UNIX socket at
 * which a scenario has connections made to itself.
 *
 * A process for each connection; a scenario's connections end with it.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

#define BACKLOG 4096
#define PATIENCE_MS 5000

/* -- servers -- */

static void serve_echo(int fd)
{
	char buffer[65536];
	ssize_t length;

	while ((length = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		if (send(fd, buffer, (size_t)length, MSG_NOSIGNAL) != length)
			return;
}

static void serve_reset(int fd)
{
	char byte;

	(void)!recv(fd, &byte, 1, 0);
	close_at_once(fd);
}

/* Until the client ends too. */
static void serve_talk(int fd)
{
	char byte;

	send(fd, "hello", 5, MSG_NOSIGNAL);
	if (recv(fd, &byte, 1, 0) <= 0)
		return;
	send(fd, "!", 1, MSG_OOB | MSG_NOSIGNAL);
	if (recv(fd, &byte, 1, 0) <= 0)
		return;
	shutdown(fd, SHUT_WR);
	while (recv(fd, &byte, 1, 0) > 0)
		;
}

static void serve_datagrams(int fd)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	char buffer[2048];
	ssize_t size = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &length);

	if (size >= 0)
		(void)!sendto(fd, buffer, (size_t)size, 0, (struct sockaddr *)&from, length);
}

/* -- orders of a scenario -- */

/* One TCP connection to the host, at a time. */
struct client {
	int fd;
};

static const char *order_connect(struct client *client, const char *host, const char *port)
{
	struct sockaddr_storage address;
	socklen_t length;

	setenv("SCRIPT_OWN4", getenv("WORLD_HOST4"), 1);
	setenv("SCRIPT_OWN6", getenv("WORLD_HOST6"), 1);
	length = place_address(strcmp(host, "connect6") == 0 ? OWN6 : OWN4, (uint16_t)atoi(port),
			       &address);
	if (client->fd >= 0)
		close(client->fd);
	client->fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	set_option(client->fd, IPPROTO_TCP, 18 /* TCP_USER_TIMEOUT */, PATIENCE_MS);
	return error_text(connect(client->fd, (struct sockaddr *)&address, length) < 0 ? errno : 0);
}

static const char *order_receive(const struct client *client)
{
	static char text[256];
	struct pollfd poll_fd = { .fd = client->fd, .events = POLLIN };
	ssize_t length;

	if (poll(&poll_fd, 1, PATIENCE_MS) <= 0)
		return "nothing comes";
	length = recv(client->fd, text, sizeof(text) - 1, 0);
	if (length <= 0)
		return length == 0 ? "end" : error_text(errno);
	text[length] = '\0';
	return text;
}

static const char *obey(struct client *client, const char *verb, const char *argument)
{
	if (strncmp(verb, "connect", 7) == 0)
		return order_connect(client, verb, argument);
	if (strcmp(verb, "send") == 0)
		return error_text(
			send(client->fd, argument, strlen(argument), MSG_NOSIGNAL) < 0 ? errno : 0);
	if (strcmp(verb, "receive") == 0)
		return order_receive(client);
	if (strcmp(verb, "end") == 0)
		return error_text(shutdown(client->fd, SHUT_WR) < 0 ? errno : 0);
	if (strcmp(verb, "reset") == 0)
		close_at_once(client->fd);
	else
		close(client->fd);
	client->fd = -1;
	return "ok";
}

static void serve_orders(int fd)
{
	struct client client = { .fd = -1 };
	char order[256], verb[32], argument[200];
	ssize_t length;

	while ((length = recv(fd, order, sizeof(order) - 1, 0)) > 0) {
		const char *answer;

		order[length] = '\0';
		argument[0] = '\0';
		if (sscanf(order, "%31s %199s", verb, argument) < 1)
			return;
		answer = obey(&client, verb, argument);
		send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	}
}

/* -- the loop -- */

static int open_internet(int type, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t length = place_address(ANY6, port, &address);
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&address, length) < 0 ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)) {
		perror("socket_script: a server's port");
		exit(1);
	}
	return fd;
}

static int open_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 64) < 0) {
		perror("socket_script: the UNIX socket");
		exit(1);
	}
	return fd;
}

static void accept_one(int listener, void (*serve)(int fd))
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0 && fork() == 0) {
		close(listener);
		serve(fd);
		_exit(EXIT_SUCCESS);
	}
	close(fd);
}

int peer_run(const char *path)
{
	const struct {
		int fd;
		void (*serve)(int fd);
		bool datagrams;
	} servers[] = {
		{ open_internet(SOCK_STREAM, PORT_ECHO), serve_echo, false },
		{ open_internet(SOCK_STREAM, PORT_RESET), serve_reset, false },
		{ open_internet(SOCK_STREAM, PORT_TALK), serve_talk, false },
		{ open_internet(SOCK_DGRAM, PORT_UDP), serve_datagrams, true },
		{ open_unix(path), serve_orders, false },
	};
	struct pollfd polls[ARRAY_SIZE(servers)];

	signal(SIGCHLD, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		polls[i] = (struct pollfd){ .fd = servers[i].fd, .events = POLLIN };
	while (poll(polls, ARRAY_SIZE(polls), -1) >= 0 || errno == EINTR)
		for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
			if (polls[i].revents && servers[i].datagrams)
				serve_datagrams(servers[i].fd);
			else if (polls[i].revents)
				accept_one(servers[i].fd, servers[i].serve);
	return EXIT_FAILURE;
}
