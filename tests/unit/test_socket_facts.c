/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of syscall/socket_facts. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"
#include "syscall/socket_facts.h"

static const struct {
	int domain, type, protocol;
	int real_protocol;
	bool stream, internet;
} kinds[] = {
	{ AF_INET, SOCK_STREAM, 0, IPPROTO_TCP, true, true },
	{ AF_INET6, SOCK_STREAM, 0, IPPROTO_TCP, true, true },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, IPPROTO_MPTCP, true, true },
	{ AF_INET, SOCK_DGRAM, 0, IPPROTO_UDP, false, true },
	{ AF_INET6, SOCK_DGRAM, 0, IPPROTO_UDP, false, true },
	{ AF_INET, SOCK_STREAM, IPPROTO_SCTP, IPPROTO_SCTP, false, true },
	{ AF_UNIX, SOCK_STREAM, 0, 0, false, false },
	{ AF_UNIX, SOCK_DGRAM, 0, 0, false, false },
	{ AF_NETLINK, SOCK_RAW, 0, 0, false, false },
};

START_TEST(kind)
{
	int flags = _i % 2 ? SOCK_NONBLOCK : 0;
	int fd = socket(kinds[_i].domain, kinds[_i].type | flags, kinds[_i].protocol);
	struct socket_facts facts;

	if (fd < 0)
		return; /* not in this kernel */
	ck_assert_int_eq(socket_facts_read(fd, &facts), 0);
	ck_assert_int_eq(facts.domain, kinds[_i].domain);
	ck_assert_int_eq(facts.type, kinds[_i].type);
	ck_assert_int_eq(facts.protocol, kinds[_i].real_protocol);
	ck_assert_int_eq((facts.flags & O_NONBLOCK) != 0, flags != 0);
	ck_assert_uint_eq(facts.network, socket_facts_own_network());
	ck_assert_int_eq(socket_facts_is_stream(&facts), kinds[_i].stream);
	ck_assert_int_eq(socket_facts_is_internet(&facts), kinds[_i].internet);
	close(fd);
}
END_TEST

START_TEST(no_socket)
{
	struct socket_facts facts = { .domain = 99 };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(socket_facts_read(fd, &facts), -ENOTSOCK);
	ck_assert_int_eq(socket_facts_tcp_state(fd), -ENOTSOCK);
	close(fd);
	ck_assert_int_eq(socket_facts_read(fd, &facts), -EBADF);
	ck_assert_int_eq(facts.domain, 99);
}
END_TEST

START_TEST(states)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	int datagram = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(socket_facts_tcp_state(listener), TCP_CLOSE);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(socket_facts_tcp_state(listener), TCP_LISTEN);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(socket_facts_tcp_state(fd), TCP_ESTABLISHED);
	ck_assert_int_lt(socket_facts_tcp_state(datagram), 0);
	close(datagram);
	close(fd);
	close(listener);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("socket_facts");
	TCase *tcase = tcase_create("socket_facts");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, kind, 0, ARRAY_SIZE(kinds));
	tcase_add_test(tcase, no_socket);
	tcase_add_test(tcase, states);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
