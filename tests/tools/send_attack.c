/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tries to get a datagram to the loopback of the host from a container without packets.
 *
 *	send_attack OUTSIDE PORT VICTIM-PORT
 *
 * OUTSIDE is an IPv4 address that may be reached, PORT a UDP port there; at VICTIM-PORT of the
 * host's 127.0.0.1 the test listens and counts what comes. Each way that is known is tried; what
 * the calls return is of no interest, but for one datagram that has to arrive outside.
 */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRIES 4000
#define LOOPBACK_INDEX 1

static struct sockaddr_in outside, victim;

static struct sockaddr_in address_of(const char *text, const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(port)) };

	inet_pton(AF_INET, text, &address.sin_addr);
	return address;
}

static ssize_t send_to(int fd, const struct sockaddr_in *to)
{
	return sendto(fd, "x", 1, 0, (const struct sockaddr *)to, sizeof(*to));
}

/* A socket of the host that is not connected. */
static int open_host_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || send_to(fd, &outside) != 1) {
		perror("a datagram to the outside");
		exit(EXIT_FAILURE);
	}
	return fd;
}

static ssize_t send_message(int fd, struct sockaddr_in *to, void *control, size_t length)
{
	struct iovec data = { .iov_base = (void *)"x", .iov_len = 1 };
	struct msghdr message = { .msg_name = to,
				  .msg_namelen = to ? sizeof(*to) : 0,
				  .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = length };

	return sendmsg(fd, &message, 0);
}

/* With a choice of the interface lo. */
static void try_packet_info(int fd, struct sockaddr_in *to)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
				  .cmsg_level = IPPROTO_IP,
				  .cmsg_type = IP_PKTINFO } };
	const struct in_pktinfo info = { .ipi_ifindex = LOOPBACK_INDEX };

	memcpy(CMSG_DATA(&control.header), &info, sizeof(info));
	send_message(fd, to, control.bytes, sizeof(control.bytes));
}

static void try_many(int fd, struct sockaddr_in *to)
{
	struct iovec data = { .iov_base = (void *)"x", .iov_len = 1 };
	struct mmsghdr messages[2] = {
		{ .msg_hdr = { &outside, sizeof(outside), &data, 1, NULL, 0, 0 } },
		{ .msg_hdr = { to, sizeof(*to), &data, 1, NULL, 0, 0 } },
	};

	sendmmsg(fd, messages, 2, 0);
	sendmmsg(fd, messages + 1, 1, 0);
}

static void try_connect(int fd, const struct sockaddr_in *to)
{
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
		send(fd, "x", 1, 0);
}

/* Every way, to one address, from sockets in every state. */
static void try_plainly(struct sockaddr_in *to)
{
	for (int state = 0; state < 3; state++) {
		void (*const ways[])(int, struct sockaddr_in *) = { try_packet_info, try_many };

		for (size_t way = 0; way < 5; way++) {
			int fd = state == 0 ? socket(AF_INET, SOCK_DGRAM, 0) : open_host_socket();

			if (state == 2)
				connect(fd, (struct sockaddr *)&outside, sizeof(outside));
			setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2);
			if (way < 2)
				ways[way](fd, to);
			else if (way == 2)
				send_to(fd, to);
			else if (way == 3)
				send_message(fd, to, NULL, 0);
			else
				try_connect(fd, to);
			close(fd);
		}
	}
}

/* -- races ----------------------------------------------------------------------------------------
 */

static struct sockaddr_in racing;
static int number, spare, ours;
/* No bool: the sanitizer of those reads it once only (gcc 12). */
static volatile sig_atomic_t over;

/* Now this address, now that. */
static void *rewrite(void *data)
{
	(void)data;
	while (!over) {
		racing = outside;
		racing = victim;
	}
	return NULL;
}

/* Now a Unix socket, now one of the host. */
static void *replace(void *data)
{
	(void)data;
	while (!over) {
		dup2(spare, number);
		dup2(ours, number);
	}
	return NULL;
}

static int replace_in_process(void *data)
{
	replace(data);
	return 0;
}

static void race(void *(*rival)(void *), void (*attempt)(void))
{
	pthread_t thread;

	over = false;
	if (pthread_create(&thread, NULL, rival, NULL) != 0)
		exit(EXIT_FAILURE);
	for (int i = 0; i < TRIES; i++)
		attempt();
	over = true;
	pthread_join(thread, NULL);
}

static void send_racing(void)
{
	send_message(number, &racing, NULL, 0);
	send_to(number, &racing);
}

static void send_to_victim(void)
{
	try_packet_info(number, &victim);
	send_to(number, &victim);
}

/* This takes the socket of the host away, so that each try needs another. */
static void connect_to_victim(void)
{
	int fd = open_host_socket();

	dup2(fd, spare);
	close(fd);
	connect(number, (struct sockaddr *)&victim, sizeof(victim));
	send(number, "x", 1, MSG_DONTWAIT);
}

static void race_numbers(void)
{
	int pair[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	ours = pair[0];
	spare = open_host_socket();
	number = dup(ours);
	race(replace, send_to_victim);
	race(replace, connect_to_victim);
}

/* The same against a process that has no other thread, and one that shares its descriptors. */
static void race_processes(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t pid;
	int status;

	over = false;
	pid = clone(replace_in_process, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD,
		    NULL);
	for (int i = 0; i < TRIES; i++)
		i % 2 == 0 ? send_to_victim() : connect_to_victim();
	over = true;
	if (pid > 0)
		waitpid(pid, &status, 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in here;

	if (argc != 4)
		return EXIT_FAILURE;
	outside = address_of(argv[1], argv[2]);
	victim = address_of("127.0.0.1", argv[3]);
	here = address_of("0.0.0.0", argv[3]);
	try_plainly(&victim);
	try_plainly(&here);
	number = open_host_socket();
	race(rewrite, send_racing);
	race_numbers();
	race_processes();
	puts("tried");
	return EXIT_SUCCESS;
}
