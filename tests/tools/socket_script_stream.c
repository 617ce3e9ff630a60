/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: what a connected stream does. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/tools/socket_script.h"

#define BULK 1000000

static void half_close(void)
{
	int fd = open_connected();

	say_send(fd, "one");
	say_result("shutdown", shutdown(fd, SHUT_WR));
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_receive(fd);
	say_receive(fd);
	say_poll(fd, 1000);
	say_result("shutdown again", shutdown(fd, SHUT_RDWR));
	close(fd);
}

static void shutdown_states(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_result("shutdown unconnected", shutdown(fd, SHUT_RDWR));
	say_poll(fd, 100);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_result("shutdown", shutdown(fd, SHUT_RD));
	say_result("receive", recv(fd, &(char){ 0 }, 1, MSG_DONTWAIT));
	/* What comes back is read or not, as it is in time or not. */
	say_send(fd, "one");
	close(fd);
}

static void broken_pipe(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open_connected();

		signal(SIGPIPE, SIG_DFL);
		shutdown(fd, SHUT_WR);
		(void)!write(fd, "x", 1);
		_exit(0);
	}
	say_child(pid);
}

static void reset_by_peer(void)
{
	int fd = open_stream(REMOTE4, 0);

	say_connect(fd, REMOTE4, PORT_RESET);
	say_send(fd, "x");
	say_poll_reset(fd);
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	say_result("receive", recv(fd, &(char){ 0 }, 1, 0));
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_poll(fd, 0);
	close(fd);
}

static volatile sig_atomic_t urgent;

static void note_urgent(int number)
{
	(void)number;
	urgent = 1;
}

static void out_of_band(void)
{
	const struct sigaction action = { .sa_handler = note_urgent, .sa_flags = SA_RESTART };
	int fd = open_stream(REMOTE4, 0);
	char byte = '?';

	sigaction(SIGURG, &action, NULL);
	fcntl(fd, F_SETOWN, getpid());
	say_connect(fd, REMOTE4, PORT_TALK);
	say_receive(fd);
	say_send(fd, "x");
	say_poll_for(fd, POLLPRI, 5000);
	say_result("receive urgent", recv(fd, &byte, 1, MSG_OOB));
	say("urgent: %c, signal %s", byte, urgent ? "came" : "did not come");
	say_result("send urgent", send(fd, "!", 1, MSG_OOB));
	say_send(fd, "y");
	say_receive(fd);
	close(fd);
}

static size_t receive_all(int fd, char *buffer, size_t size)
{
	size_t have = 0;
	ssize_t length;

	while (have < size && (length = recv(fd, buffer + have, size - have, 0)) > 0)
		have += (size_t)length;
	return have;
}

/* sendfile and splice into the socket; the echo is read by another process. */
static void send_file(void)
{
	int fd = open_connected();
	int file = memfd_create("script", MFD_CLOEXEC);
	char *data = calloc(1, BULK), *back = calloc(1, BULK);
	off_t at = 0;
	pid_t pid;

	for (int i = 0; i < BULK; i++)
		data[i] = (char)(i * 7 + i / 255);
	(void)!write(file, data, BULK);
	pid = fork();
	if (pid == 0) {
		while (at < BULK && sendfile(fd, file, &at, BULK) > 0)
			;
		say("sent: %ld", (long)at);
		shutdown(fd, SHUT_WR);
		_exit(0);
	}
	say("received: %zu", receive_all(fd, back, BULK));
	say_child(pid);
	say("intact: %s", memcmp(data, back, BULK) == 0 ? "yes" : "no");
	free(data);
	free(back);
	close(file);
	close(fd);
}

static void spliced(void)
{
	int fd = open_connected();
	int pipes[2];
	char buffer[16] = "";

	(void)!pipe(pipes);
	(void)!write(pipes[1], "through", 7);
	say_result("splice out", splice(pipes[0], NULL, fd, NULL, 7, 0));
	say_poll_for(fd, POLLIN, 5000);
	say_result("splice in", splice(fd, NULL, pipes[1], NULL, 7, 0));
	say_result("read", read(pipes[0], buffer, sizeof(buffer) - 1));
	say("text: %s", buffer);
	close(fd);
}

static void nonblocking_full(void)
{
	int fd = open_connected();
	char block[4096] = "";
	ssize_t length;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	say_result("receive", recv(fd, block, 1, 0));
	for (int i = 0; i < 100000; i++)
		if ((length = send(fd, block, sizeof(block), MSG_NOSIGNAL)) < 0)
			break;
	say_result("send", length);
	close(fd);
}

static void messages(void)
{
	int fd = open_connected();
	char first[3] = "", second[8] = "";
	char parts[] = "abcdefg";
	struct iovec out[] = { { parts, 2 }, { parts + 2, 5 } };
	struct iovec in[] = { { first, 2 }, { second, 5 } };
	struct msghdr message = { .msg_iov = out, .msg_iovlen = 2 };

	say_result("sendmsg", sendmsg(fd, &message, MSG_NOSIGNAL));
	say_poll_for(fd, POLLIN, 5000);
	say_result("peek", recv(fd, second, 5, MSG_PEEK));
	say("peeked: %s", second);
	say_result("readv", readv(fd, in, 2));
	say("read: %s %s", first, second);
	close(fd);
}

static void fast_open(void)
{
	struct sockaddr_storage address;
	socklen_t length = place_address(REMOTE4, PORT_ECHO, &address);
	int fd = open_stream(REMOTE4, 0);
	ssize_t sent = sendto(fd, "one", 3, MSG_FASTOPEN | MSG_NOSIGNAL,
			      (const struct sockaddr *)&address, length);

	/* A kernel may have it turned off; programs connect then. */
	if (sent < 0 && errno == EOPNOTSUPP) {
		connect_place(fd, REMOTE4, PORT_ECHO);
		sent = send(fd, "one", 3, MSG_NOSIGNAL);
	}
	say_result("sent", sent);
	say_receive(fd);
	close(fd);
}

const struct scenario stream_scenarios[] = {
	{ "stream-half-close", 0, half_close },
	{ "stream-shutdown", 0, shutdown_states },
	{ "stream-broken-pipe", 0, broken_pipe },
	{ "stream-reset", 0, reset_by_peer },
	{ "stream-out-of-band", 0, out_of_band },
	{ "stream-sendfile", 0, send_file },
	{ "stream-splice", 0, spliced },
	{ "stream-nonblocking-full", 0, nonblocking_full },
	{ "stream-messages", 0, messages },
	{ "stream-fast-open", 0, fast_open },
	{ 0 },
};
