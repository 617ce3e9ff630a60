/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Servers for the attacks: each says its name to whoever comes, and prints that someone came.
 *
 * One that is told "dial PORT" tries to connect to that port of its peer's address, and answers
 * "yes" or "no".
 */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_socket.h"

struct service {
	const char *name; /* of the machine, or what it stands for */
	const char *kind;
	const char *address;
	int fd;
};

static void tell(const struct service *service)
{
	printf("%s reached over %s at %s\n", service->name, service->kind, service->address);
}

static bool dial(int fd, uint16_t port)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	int back;
	bool reached;

	if (getpeername(fd, (struct sockaddr *)&peer, &length) < 0)
		return false;
	((struct sockaddr_in *)&peer)->sin_port = htons(port);
	back = stream_open(peer.ss_family, 0);
	reached = back >= 0 && connect(back, (struct sockaddr *)&peer, length) == 0;
	if (back >= 0)
		close(back);
	return reached;
}

static void *attend(void *data)
{
	int fd = (int)(intptr_t)data;
	char text[32] = "";
	unsigned int port;

	if (recv(fd, text, sizeof(text) - 1, 0) > 0 && sscanf(text, "dial %u", &port) == 1) {
		const char *answer = dial(fd, (uint16_t)port) ? "yes" : "no\n";

		send(fd, answer, 3, MSG_NOSIGNAL);
	}
	close(fd);
	return NULL;
}

static void start_thread(void *(*func)(void *), void *data)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 << 10);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, func, data) != 0)
		perror("pthread_create");
	pthread_attr_destroy(&attributes);
}

static void *serve_streams(void *data)
{
	const struct service *service = data;

	for (;;) {
		int fd = accept4(service->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		if (strcmp(service->name, "remote") != 0)
			tell(service);
		send(fd, service->name, strlen(service->name), MSG_NOSIGNAL | MSG_MORE);
		send(fd, "\n", 1, MSG_NOSIGNAL);
		start_thread(attend, (void *)(intptr_t)fd);
	}
	return NULL;
}

static void *serve_datagrams(void *data)
{
	const struct service *service = data;

	for (;;) {
		struct sockaddr_storage peer;
		socklen_t length = sizeof(peer);
		char text[64];

		if (recvfrom(service->fd, text, sizeof(text), 0, (struct sockaddr *)&peer,
			     &length) < 0)
			continue;
		if (strcmp(service->name, "remote") != 0)
			tell(service);
		sendto(service->fd, service->name, strlen(service->name), 0,
		       (struct sockaddr *)&peer, length);
	}
	return NULL;
}

static void start_service(const struct service *service, void *(*func)(void *))
{
	struct service *copy = malloc(sizeof(*copy));

	*copy = *service;
	start_thread(func, copy);
}

static int open_bound(const struct target *target, int type)
{
	const int on = 1;
	int fd = socket(target->address.ss_family, type | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (target->address.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&target->address, target->length) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 4096) < 0)) {
		perror("attack serve");
		exit(1);
	}
	return fd;
}

static struct target abstract_target(const char *name)
{
	struct target target = { 0 };
	struct sockaddr_un *address = (struct sockaddr_un *)&target.address;

	address->sun_family = AF_UNIX;
	memcpy(address->sun_path + 1, name, strlen(name));
	target.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	return target;
}

int attack_serve(int count, char **arguments)
{
	struct service service = { .name = arguments[0] };

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i + 1 < count; i += 2) {
		bool abstract = arguments[i][0] == '@';
		struct target target =
			abstract ? abstract_target(arguments[i] + 1)
				 : target_make(arguments[i], (uint16_t)atoi(arguments[i + 1]));

		service.address = arguments[i];
		service.kind = abstract ? "unix" : "tcp";
		service.fd = open_bound(&target, SOCK_STREAM);
		start_service(&service, serve_streams);
		if (abstract)
			continue;
		service.kind = "udp";
		service.fd = open_bound(&target, SOCK_DGRAM);
		start_service(&service, serve_datagrams);
	}
	puts("ready");
	for (;;)
		pause();
}
