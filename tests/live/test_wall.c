/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live test of src/syscall/wall.c, to be run as an ordinary user: what a process behind the wall
 * can and can't do, and what can be done for it from outside.
 */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "call_world.h"
#include "namespace/interface.h"
#include "ordinary_user.h"
#include "syscall/wall.h"

/* Box task: raises the wall. */
static int raise_wall(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	(void)ret_fd;
	return -wall_raise();
}

static void start_behind_wall(void)
{
	int error;

	start_world();
	error = box_run(&box, raise_wall, NULL, 0, NULL, NULL);
	ck_assert_msg(error == 0, "%s", strerror(error));
}

/* What is done to a new socket in the box. */
enum deed {
	DEED_CONNECT,
	DEED_BIND,
	DEED_BIND_AND_CONNECT, /* to itself */
};

struct attempt {
	const char *name;
	int domain, type, protocol;
	enum deed deed;
	int error;
};

static const struct attempt attempts[] = {
	{ "connect TCP", AF_INET, SOCK_STREAM, 0, DEED_CONNECT, EACCES },
	{ "connect TCP6", AF_INET6, SOCK_STREAM, 0, DEED_CONNECT, EACCES },
	{ "bind TCP", AF_INET, SOCK_STREAM, 0, DEED_BIND, EACCES },
	{ "bind TCP6", AF_INET6, SOCK_STREAM, 0, DEED_BIND, EACCES },
	{ "UDP", AF_INET, SOCK_DGRAM, 0, DEED_BIND_AND_CONNECT, 0 },
	{ "UDP6", AF_INET6, SOCK_DGRAM, 0, DEED_BIND_AND_CONNECT, 0 },
	{ "netlink", AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE, DEED_BIND_AND_CONNECT, 0 },
	{ "unix stream", AF_UNIX, SOCK_STREAM, 0, DEED_BIND, 0 },
	{ "unix datagram", AF_UNIX, SOCK_DGRAM, 0, DEED_BIND_AND_CONNECT, 0 },
};

/* A name of the socket's own, in the container. */
static socklen_t own_address(int domain, struct sockaddr_storage *ret_storage)
{
	memset(ret_storage, 0, sizeof(*ret_storage));
	ret_storage->ss_family = (sa_family_t)domain;
	switch (domain) {
	case AF_INET:
		((struct sockaddr_in *)ret_storage)->sin_port = htons(4321);
		((struct sockaddr_in *)ret_storage)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		((struct sockaddr_in6 *)ret_storage)->sin6_port = htons(4321);
		((struct sockaddr_in6 *)ret_storage)->sin6_addr = in6addr_loopback;
		return sizeof(struct sockaddr_in6);
	case AF_UNIX:
		memcpy(((struct sockaddr_un *)ret_storage)->sun_path, "\0wall", 5);
		return offsetof(struct sockaddr_un, sun_path) + 5;
	default:
		return sizeof(struct sockaddr_nl);
	}
}

/* Box task: the attempt at argument; returns its errno and the socket. */
static int attempt_in_box(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	const struct attempt *const *pointer = argument;
	const struct attempt *attempt = *pointer;
	struct sockaddr_storage storage;
	socklen_t length = own_address(attempt->domain, &storage);
	int result = 0;

	(void)text;
	interface_up_loopback(NULL);
	*ret_fd = socket(attempt->domain, attempt->type | SOCK_CLOEXEC, attempt->protocol);
	if (*ret_fd < 0)
		return errno;
	if (attempt->deed != DEED_CONNECT)
		result = bind(*ret_fd, (struct sockaddr *)&storage, length);
	if (attempt->deed != DEED_BIND && result == 0)
		result = connect(*ret_fd, (struct sockaddr *)&storage, length);
	return result < 0 ? errno : 0;
}

START_TEST(behind_wall)
{
	const struct attempt *attempt = &attempts[_i];
	int error = box_run(&box, attempt_in_box, &attempt, sizeof(attempt), NULL, NULL);

	ck_assert_msg(error == attempt->error, "%s: errno %d (%s) instead of %d", attempt->name,
		      error, strerror(error), attempt->error);
}
END_TEST

/* Box task: mounts, and looks at a file of its own; 0 or an errno. */
static int mount_and_open(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	if (mount("none", "/mnt", "tmpfs", 0, NULL) < 0)
		return errno;
	*ret_fd = open("/mnt/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (*ret_fd < 0 || umount2("/mnt", MNT_DETACH) < 0)
		return errno;
	return kill(getpid(), 0) == 0 ? 0 : errno;
}

START_TEST(files_and_mounts_go_on)
{
	ck_assert_int_eq(box_run(&box, mount_and_open, NULL, 0, NULL, NULL), 0);
}
END_TEST

/* Box task: loopback up, and a TCP socket that stays there; its number. */
static int keep_socket(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	(void)ret_fd;
	return interface_up_loopback(NULL) ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
}

/* A socket of the box, pinned from outside. */
static int pin_socket(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, box.pid, 0);
	int fd, number = box_run(&box, keep_socket, NULL, 0, NULL, NULL);

	ck_assert_int_ge(number, 0);
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	ck_assert_int_ge(fd, 0);
	close(pidfd);
	return fd;
}

/* Without the wall, on sockets of those behind it: bind, listen, connect, in their namespace. */
START_TEST(on_behalf)
{
	struct sockaddr_storage storage;
	socklen_t length = own_address(AF_INET, &storage);
	int server = pin_socket(), client = pin_socket(), accepted;

	ck_assert_int_eq(bind(server, (struct sockaddr *)&storage, length), 0);
	ck_assert_int_eq(listen(server, 1), 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&storage, length), 0);
	accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(accepted, 0);
	close(accepted);
	close(client);
	close(server);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wall");
	TCase *cases = tcase_create("wall");

	tcase_add_checked_fixture(cases, start_behind_wall, stop_world);
	tcase_add_loop_test(cases, behind_wall, 0, ARRAY_SIZE(attempts));
	tcase_add_test(cases, files_and_mounts_go_on);
	tcase_add_test(cases, on_behalf);
	suite_add_tcase(suite, cases);
	return run_as_ordinary_user(suite);
}
