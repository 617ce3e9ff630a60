/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: descriptors of the same socket, in this process and in others, and their flags. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

static void flags_of(int open_flags, bool v6)
{
	enum place place = v6 ? REMOTE6 : REMOTE4;
	int fd = open_stream(place, open_flags);

	say_flags("before", fd);
	connect_place(fd, place, PORT_ECHO);
	settle(fd);
	say_flags("after", fd);
	say_dissolve(fd);
	say_flags("dissolved", fd);
	close(fd);
}

static void flags(void)
{
	flags_of(0, false);
	flags_of(SOCK_CLOEXEC, false);
	flags_of(SOCK_NONBLOCK, false);
	flags_of(SOCK_CLOEXEC | SOCK_NONBLOCK, true);
}

/* Two descriptors of a process are the same socket: what one does the other sees. */
static void say_same(const char *name, int fd, int other)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	say("%s: %s", name,
	    fcntl(other, F_GETFL) & O_NONBLOCK ? "the same socket" : "another socket");
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

static void duplicates(void)
{
	int fd = open_stream(REMOTE4, 0);
	int others[] = { dup(fd), dup2(fd, 100), fcntl(fd, F_DUPFD, 200),
			 fcntl(fd, F_DUPFD_CLOEXEC, 300), dup3(fd, 150, O_CLOEXEC) };

	say_connect(fd, REMOTE4, PORT_ECHO);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		say_peer(others[i]);
		say_flags("duplicate", others[i]);
		say_same("duplicate", fd, others[i]);
		say_exchange(others[i], "one");
	}
	close(fd);
	say_exchange(others[0], "two");
}

static void connect_by_duplicate(void)
{
	int fd = open_stream(REMOTE4, SOCK_CLOEXEC);
	int other = dup(fd);

	say_connect(other, REMOTE4, PORT_ECHO);
	say_peer(fd);
	say_flags("first", fd);
	say_flags("second", other);
	say_same("first", fd, other);
	close(other);
	say_exchange(fd, "one");
}

/* Standard input and output, as inetd's programs and shells have them. */
static void standard_streams(void)
{
	int fd = open_stream(REMOTE4, 0);
	int kept = dup(0);

	dup2(fd, 0);
	say_connect(fd, REMOTE4, PORT_ECHO);
	close(fd);
	say_send(0, "hello");
	say_receive(0);
	dup2(kept, 0);
}

static void duplicate_while_waiting(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);
	int other;

	say_connect(fd, REMOTE4, PORT_ECHO);
	other = dup(fd);
	settle(other);
	say_connect(other, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
	say_exchange(other, "two");
}

static void fork_after(void)
{
	int fd = open_connected();
	pid_t pid = fork();

	if (pid == 0) {
		say_peer(fd);
		say_exchange(fd, "child");
		_exit(0);
	}
	say_child(pid);
	say_exchange(fd, "parent");
	close(fd);
}

/* The socket is shared when the parent connects it. */
static void fork_before(void)
{
	int fd = open_stream(REMOTE4, 0);
	int go[2];
	pid_t pid;

	(void)!pipe(go);
	pid = fork();
	if (pid == 0) {
		(void)!read(go[0], &(char){ 0 }, 1);
		say_peer(fd);
		say_exchange(fd, "child");
		_exit(0);
	}
	say_connect(fd, REMOTE4, PORT_ECHO);
	(void)!write(go[1], "x", 1);
	say_child(pid);
	say_exchange(fd, "parent");
	close(fd);
}

/* A child holds the socket while the parent dissolves its association, and makes another. */
static void fork_and_dissolve(void)
{
	int fd = open_connected();
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	say_dissolve(fd);
	say_peer(fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "parent");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
}

/* A child connects the socket that its parent made, and ends. */
static void fork_child_connects(void)
{
	int fd = open_stream(REMOTE4, 0);
	pid_t pid = fork();

	if (pid == 0) {
		say_connect(fd, REMOTE4, PORT_ECHO);
		_exit(0);
	}
	say_child(pid);
	say_peer(fd);
	say_exchange(fd, "parent");
	say_connect(fd, REMOTE4, PORT_ECHO);
	close(fd);
}

/* Two processes share it, not blocking: refused for both. */
static void fork_before_nonblocking(void)
{
	int fd = open_stream(REMOTE4, SOCK_NONBLOCK);
	pid_t pid = fork();

	if (pid == 0) {
		say_connect(fd, REMOTE4, PORT_CLOSED);
		settle(fd);
		_exit(0);
	}
	say_child(pid);
	say_poll(fd, 1000);
	say_error(fd);
	close(fd);
}

static void send_descriptor(int over, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char text[] = "x";
	struct iovec byte = { text, 1 };
	struct msghdr message = { .msg_iov = &byte,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (sendmsg(over, &message, MSG_NOSIGNAL) < 0)
		say("sendmsg: %s", error_text(errno));
}

static int receive_descriptor(int over)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec room = { &byte, 1 };
	struct msghdr message = { .msg_iov = &room,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(over, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void passed_after(void)
{
	int pair[2];
	pid_t pid;
	int fd;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pid = fork();
	if (pid == 0) {
		fd = receive_descriptor(pair[1]);
		say_peer(fd);
		say_flags("received", fd);
		say_exchange(fd, "child");
		_exit(0);
	}
	fd = open_connected();
	send_descriptor(pair[0], fd);
	close(fd);
	say_child(pid);
}

/* Connects fd while a copy of it is in flight in a UNIX socket; the copy. */
static int connect_in_flight(int fd)
{
	int pair[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	send_descriptor(pair[0], fd);
	say_connect(fd, REMOTE4, PORT_ECHO);
	return receive_descriptor(pair[1]);
}

static void passed_before(void)
{
	int fd = open_stream(REMOTE4, 0), other = connect_in_flight(fd);

	say_peer(other);
	say_exchange(fd, "one");
	say_exchange(other, "two");
	close(fd);
	close(other);
}

/* It blocks, whichever socket it has turned out to be. */
static void flags_in_flight(void)
{
	int fd = open_stream(REMOTE4, 0), other = connect_in_flight(fd);

	say_flags("connected", fd);
	say_flags("received", other);
	close(fd);
	close(other);
}

/* A child that the program execs has those descriptors that it shall have, and no other. */
static void over_exec(void)
{
	int kept = open_stream(REMOTE4, 0), closed = open_stream(REMOTE4, SOCK_CLOEXEC);
	pid_t pid;

	say_connect(kept, REMOTE4, PORT_ECHO);
	say_connect(closed, REMOTE4, PORT_ECHO);
	dup2(kept, 50);
	dup3(closed, 51, O_CLOEXEC);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c",
		      "for n in 50 51; do if [ -e /proc/self/fd/$n ]; then echo $n: there; "
		      "else echo $n: closed; fi; done",
		      (char *)NULL);
		_exit(127);
	}
	say_child(pid);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			count++;
	return count;
}

/* Nothing is left behind in the program's table, and numbers are given out as ever. */
static void nothing_left(void)
{
	int before = count_descriptors();
	int first = dup(0);

	close(first);
	for (int i = 0; i < 20; i++) {
		int fd = open_connected();

		if (fd != first)
			say("number %d instead of %d", fd, first);
		close(fd);
	}
	say("descriptors more than before: %d", count_descriptors() - before);
}

const struct scenario descriptor_scenarios[] = {
	{ "descriptor-flags", 0, flags },
	{ "descriptor-duplicates", 0, duplicates },
	{ "descriptor-connect-by-duplicate", 0, connect_by_duplicate },
	{ "descriptor-standard-streams", 0, standard_streams },
	{ "descriptor-duplicate-while-waiting", 0, duplicate_while_waiting },
	{ "descriptor-fork-after", 0, fork_after },
	{ "descriptor-fork-before", 0, fork_before },
	{ "descriptor-fork-and-dissolve", 0, fork_and_dissolve },
	{ "descriptor-fork-child-connects", 0, fork_child_connects },
	{ "descriptor-fork-before-nonblocking", 0, fork_before_nonblocking },
	{ "descriptor-passed-after", 0, passed_after },
	{ "descriptor-passed-before", 0, passed_before },
	{ "descriptor-flags-in-flight", 0, flags_in_flight },
	{ "descriptor-over-exec", 0, over_exec },
	{ "descriptor-nothing-left", 0, nothing_left },
	{ 0 },
};
