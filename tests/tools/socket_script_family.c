/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: sockets of other kinds, and two connections at a time. */

#include "config.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/socket_script.h"

static int open_datagram(enum place place)
{
	return socket(place_family(place), SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static void datagram_to(enum place place)
{
	struct sockaddr_storage address;
	socklen_t length = place_address(place, PORT_UDP, &address);
	int fd = open_datagram(place);

	say_result("sendto", sendto(fd, "hello", 5, 0, (const struct sockaddr *)&address, length));
	say_receive(fd);
	say_connect(fd, place, PORT_UDP);
	say_peer(fd);
	say_exchange(fd, "there");
	say_connect(fd, place, PORT_UDP);
	say_dissolve(fd);
	say_peer(fd);
	say_result("send", send(fd, "x", 1, MSG_NOSIGNAL));
	say_connect(fd, LOOPBACK4, PORT_CLOSED);
	say_listen(fd, 5);
	close(fd);
}

static void datagrams(void)
{
	datagram_to(REMOTE4);
	datagram_to(REMOTE6);
}

static void datagrams_inside(void)
{
	int server = open_datagram(ANY4), client = open_datagram(LOOPBACK4);

	say_bind(server, ANY4, PORT_OWN);
	say_bind(server, ANY4, PORT_OWN);
	say_connect(client, LOOPBACK4, PORT_OWN);
	say_send(client, "ping");
	say_receive(server);
	close(server);
	say_send(client, "ping");
	say_poll_for(client, POLLIN, 1000);
	say_error(client);
	close(client);
}

/* getaddrinfo(3) sorts addresses like this. */
static void address_sorting(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	say_connect(fd, REMOTE6, PORT_UDP);
	say_dissolve(fd);
	say_connect(fd, REMOTE_MAPPED, PORT_UDP);
	say_dissolve(fd);
	say_connect(fd, LOOPBACK6, PORT_UDP);
	say_local(fd);
	close(fd);
}

static void unix_path(struct sockaddr_un *ret_address, const char *name)
{
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret_address->sun_path + 1, sizeof(ret_address->sun_path) - 1, "script-%d-%s",
		 getpid(), name);
}

static void unix_of(int type)
{
	int listener = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	int fd;

	unix_path(&address, "server");
	say_result("connect early",
		   connect(client, (const struct sockaddr *)&address, sizeof(address)));
	say_result("bind", bind(listener, (const struct sockaddr *)&address, sizeof(address)));
	say_listen(listener, 5);
	say_result("connect", connect(client, (const struct sockaddr *)&address, sizeof(address)));
	fd = accept(listener, NULL, NULL);
	say_send(client, "hello");
	say_receive(fd);
	say_result("connect again",
		   connect(client, (const struct sockaddr *)&address, sizeof(address)));
	close(fd);
	close(client);
	close(listener);
}

static void unix_sockets(void)
{
	struct sockaddr_un address;
	int server = socket(AF_UNIX, SOCK_DGRAM, 0), client = socket(AF_UNIX, SOCK_DGRAM, 0);

	unix_of(SOCK_STREAM);
	unix_of(SOCK_SEQPACKET);
	unix_path(&address, "datagrams");
	say_result("bind", bind(server, (const struct sockaddr *)&address, sizeof(address)));
	say_result("connect", connect(client, (const struct sockaddr *)&address, sizeof(address)));
	say_send(client, "hello");
	say_receive(server);
	say_dissolve(client);
	say_listen(client, 5);
	close(server);
	close(client);
}

static void unix_wrong_addresses(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/nonexistent/socket" };
	struct sockaddr_storage v4;
	socklen_t length = place_address(REMOTE4, PORT_ECHO, &v4);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), internet = open_stream(REMOTE4, 0);

	say_result("nothing there",
		   connect(fd, (const struct sockaddr *)&address, sizeof(address)));
	say_result("IPv4", connect(fd, (const struct sockaddr *)&v4, length));
	say_result("NULL", connect(fd, NULL, sizeof(address)));
	say_result("UNIX on IPv4",
		   connect(internet, (const struct sockaddr *)&address, sizeof(address)));
	say_result("UNIX on IPv4",
		   bind(internet, (const struct sockaddr *)&address, sizeof(address)));
	close(fd);
	close(internet);
}

static void netlink(void)
{
	const struct {
		uint16_t family;
		uint16_t pad;
		uint32_t port, groups;
	} address = { 16 /* AF_NETLINK */, 0, 0, 0 };
	int fd = socket(16, SOCK_RAW | SOCK_CLOEXEC, 0);

	say_result("bind", bind(fd, (const struct sockaddr *)&address, sizeof(address)));
	say_result("connect", connect(fd, (const struct sockaddr *)&address, sizeof(address)));
	close(fd);
}

static void multipath(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0) {
		say("socket: %s", error_text(errno));
		return;
	}
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_peer(fd);
	say_option("SO_PROTOCOL", fd, SOL_SOCKET, SO_PROTOCOL);
	say_option("TCP_NODELAY", fd, IPPROTO_TCP, TCP_NODELAY);
	say_exchange(fd, "one");
	say_connect(fd, REMOTE4, PORT_ECHO);
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_MPTCP);
	say_connect(fd, REMOTE4, PORT_CLOSED);
	settle(fd);
	say_poll(fd, 1000);
	say_error(fd);
	close(fd);
}

/* As Go's servers do where they can. */
static void multipath_listener(uint16_t port)
{
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	int client = open_stream(LOOPBACK4, 0);

	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	say_bind(listener, ANY6, port);
	say_listen(listener, 5);
	say_connect(client, LOOPBACK4, port);
	close(say_accept(listener));
	close(client);
	close(listener);
}

static void multipath_listeners(void)
{
	multipath_listener(PORT_OWN);
}

static void multipath_published(void)
{
	multipath_listener(PORT_PUBLISHED4);
	multipath_listener(PORT_PUBLISHED);
}

/* Two attempts; the one to the silent address is given up when the other has come through. */
static void happy_eyeballs(void)
{
	int silent = open_stream(SILENT6, SOCK_NONBLOCK);
	int open = open_stream(REMOTE4, SOCK_NONBLOCK);
	struct pollfd polls[] = { { .fd = silent, .events = POLLOUT },
				  { .fd = open, .events = POLLOUT } };
	char text[64];

	say_connect(silent, SILENT6, PORT_ECHO);
	say("poll: %d", poll(polls, 1, 250));
	say_connect(open, REMOTE4, PORT_ECHO);
	say("poll: %d", poll(polls, 2, 5000));
	say("silent: %s", events_text((uint32_t)polls[0].revents, text));
	say("open: %s", events_text((uint32_t)polls[1].revents, text));
	close(silent);
	say_error(open);
	say_exchange(open, "one");
	close(open);
}

static void happy_eyeballs_refused(void)
{
	int refused = open_stream(REMOTE6, SOCK_NONBLOCK);
	int open = open_stream(REMOTE4, SOCK_NONBLOCK);

	say_connect(refused, REMOTE6, PORT_CLOSED);
	settle(refused);
	say_poll(refused, 1000);
	say_error(refused);
	close(refused);
	say_connect(open, REMOTE4, PORT_ECHO);
	settle(open);
	say_error(open);
	say_exchange(open, "one");
	close(open);
}

/* Questions about the socket itself. */
static void socket_ioctls(void)
{
	int fd = open_connected();
	int value = -1;

	say_result("FIONREAD", ioctl(fd, FIONREAD, &value));
	say("bytes: %d", value);
	say_result("SIOCATMARK", ioctl(fd, SIOCATMARK, &value));
	say_send(fd, "hello");
	say_poll_for(fd, POLLIN, 5000);
	ioctl(fd, FIONREAD, &value);
	say("bytes: %d", value);
	say_result("FIONBIO", ioctl(fd, FIONBIO, &(int){ 1 }));
	say_flags("after", fd);
	close(fd);
}

static void say_bind_unix(const char *what, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path)));
	say_result(what, bind(fd, (const struct sockaddr *)&address, sizeof(address)));
	say_result("its file", unlink(path));
	close(fd);
}

/* With another thread, so that the kernel is not left to do it where there is no wall. */
static void *bind_unix_names(void *data)
{
	char longest[sizeof(((struct sockaddr_un *)0)->sun_path) + 1] = { 0 };

	memset(longest, 'n', sizeof(longest) - 1);
	say_bind_unix("a name", "name");
	say_bind_unix("the longest, without a NUL", longest);
	say_bind_unix("the directory", ".");
	say_bind_unix("its parent", "..");
	say_bind_unix("the root", "/");
	say_bind_unix("a directory to be", "name/");
	say_bind_unix("in no directory", "nowhere/name");
	return data;
}

static void unix_names(void)
{
	char directory[] = "/tmp/socket-script-XXXXXX";
	pthread_t thread;

	if (!mkdtemp(directory) || chdir(directory) < 0 ||
	    pthread_create(&thread, NULL, bind_unix_names, NULL) != 0)
		say("no directory, or no thread");
	else
		pthread_join(thread, NULL);
	rmdir(directory);
}

const struct scenario family_scenarios[] = {
	{ "family-datagrams", 0, datagrams },
	{ "family-datagrams-inside", 0, datagrams_inside },
	{ "family-address-sorting", 0, address_sorting },
	{ "family-unix", 0, unix_sockets },
	{ "family-unix-wrong-addresses", 0, unix_wrong_addresses },
	{ "family-unix-names", 0, unix_names },
	{ "family-netlink", 0, netlink },
	{ "family-multipath", 0, multipath },
	{ "family-multipath-listener", 0, multipath_listeners },
	{ "family-multipath-published", NEED_PUBLISHED, multipath_published },
	{ "happy-eyeballs", 0, happy_eyeballs },
	{ "happy-eyeballs-refused", 0, happy_eyeballs_refused },
	{ "socket-ioctls", 0, socket_ioctls },
	{ 0 },
};
