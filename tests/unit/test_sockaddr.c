/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of syscall/sockaddr: each row is held against what the kernel says on a loopback socket. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "syscall/sockaddr.h"

enum call { CONNECT, BIND, SEND };

/* Lengths on both sides of every bound, as the register holds them. */
static const int64_t lengths[] = { 0,
				   1,
				   2,
				   3,
				   8,
				   15,
				   16,
				   17,
				   23,
				   24,
				   25,
				   27,
				   28,
				   29,
				   127,
				   128,
				   129,
				   4096,
				   -1,
				   -16,
				   INT32_MAX,
				   INT32_MIN,
				   INT64_MAX,
				   INT64_MIN,
				   0x100000010,
				   0x10000001c,
				   0x7fffffff00000010,
				   (int64_t)0xffffffff00000018 };

static const int families[] = { AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, 77, 0xff02 };

static const struct kind {
	int domain;
	int type;
	int protocol;
} kinds[] = {
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP },	 { AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP }, { AF_INET6, SOCK_STREAM, IPPROTO_MPTCP },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP },	 { AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
};

/* What the address holds behind family and port, read as either family. */
static const uint8_t bodies[][20] = {
	{ 127, 0, 0, 1, [19] = 1 }, /* 127.0.0.1; as IPv6 nothing that is local */
	{ [19] = 1 },		    /* 0.0.0.0; ::1 */
	{ [14] = 0xff, [15] = 0xff, [16] = 127, [19] = 1 }, /* 0.0.0.0; ::ffff:127.0.0.1 */
};

/* A sockaddr_in or sockaddr_in6 alike, in memory larger than any address. */
static void make_address(int family, uint16_t port, const uint8_t body[20], uint8_t bytes[4096])
{
	struct sockaddr_in in = { .sin_family = (sa_family_t)family, .sin_port = htons(port) };

	memset(bytes, 0, 4096);
	memcpy(bytes, &in, sizeof(in));
	memcpy(bytes + 4, body, 20);
}

/* The errno that the kernel gives; 0 for success. */
static int ask_kernel(enum call call, const struct kind *kind, const uint8_t *bytes, int64_t length)
{
	int fd = socket(kind->domain, kind->type | SOCK_CLOEXEC, kind->protocol);
	long result = -1;
	int error;

	ck_assert_int_ge(fd, 0);
	switch (call) {
	case CONNECT:
		result = syscall(SYS_connect, fd, bytes, length);
		break;
	case BIND:
		result = syscall(SYS_bind, fd, bytes, length);
		break;
	case SEND:
		result = syscall(SYS_sendto, fd, "", 0, 0, bytes, length);
		break;
	}
	error = result < 0 ? errno : 0;
	close(fd);
	return error;
}

static int ask_us(enum call call, const struct kind *kind, const uint8_t *bytes, int64_t length,
		  struct endpoint *ret_endpoint)
{
	struct call_address address = { .length = (socklen_t)length };
	int error = sockaddr_check_length(length);

	if (error != 0)
		return error;
	/* What is not copied must not be looked at. */
	memset(&address.storage, 0xa5, sizeof(address.storage));
	memcpy(&address.storage, bytes, address.length);
	if (call == BIND)
		return sockaddr_read_bind(&address, kind->domain, ret_endpoint);
	if (call == SEND)
		return sockaddr_read_send(&address, kind->domain, ret_endpoint);
	return kind->type == SOCK_DGRAM
		       ? sockaddr_read_connect_datagram(&address, kind->domain, ret_endpoint)
		       : sockaddr_read_connect(&address, kind->domain, ret_endpoint);
}

/* Errors that say something about the address itself, rather than of the way there. */
static bool is_verdict_on_form(int error)
{
	return error == EINVAL || error == EAFNOSUPPORT;
}

static bool is_ipv6_here(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool is_kind_here(const struct kind *kind)
{
	int fd = socket(kind->domain, kind->type | SOCK_CLOEXEC, kind->protocol);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* AF_INET6 with an address that is nobody's leads out of the machine: it is left out. */
static bool stays_here(const struct kind *kind, int family, size_t body)
{
	return !(kind->domain == AF_INET6 && family == AF_INET6 && body == 0);
}

static void compare(enum call call, const struct kind *kind, int family, size_t body,
		    int64_t length)
{
	static const struct endpoint untouched = { .port = 4711 };
	struct endpoint endpoint = untouched;
	uint8_t bytes[4096];
	int kernel, ours;

	make_address(family, call == BIND ? 0 : 1, bodies[body], bytes);
	kernel = ask_kernel(call, kind, bytes, length);
	ours = ask_us(call, kind, bytes, length, &endpoint);
	ck_assert_msg(ours == (is_verdict_on_form(kernel) ? kernel : 0),
		      "call %d domain %d type %d protocol %d: family %d body %zu length %lld: "
		      "the kernel says %s, we %s",
		      (int)call, kind->domain, kind->type, kind->protocol, family, body,
		      (long long)length, strerror(kernel), strerror(ours));
	if (ours != 0)
		ck_assert_mem_eq(&endpoint, &untouched, sizeof(endpoint));
	else
		ck_assert_uint_ne(endpoint.port, untouched.port);
}

static void compare_kind(enum call call, const struct kind *kind)
{
	for (size_t f = 0; f < ARRAY_SIZE(families); f++)
		for (size_t b = 0; b < ARRAY_SIZE(bodies); b++)
			for (size_t l = 0; l < ARRAY_SIZE(lengths); l++)
				if (stays_here(kind, families[f], b))
					compare(call, kind, families[f], b, lengths[l]);
}

START_TEST(as_the_kernel_does)
{
	const struct kind *kind = &kinds[_i];

	if (!is_kind_here(kind))
		return;
	compare_kind(CONNECT, kind);
	compare_kind(BIND, kind);
	if (kind->type == SOCK_DGRAM)
		compare_kind(SEND, kind);
}
END_TEST

START_TEST(the_table_covers_both_families)
{
	/* Else the rows above would have compared nothing. */
	ck_assert(is_kind_here(&kinds[0]));
	ck_assert(is_kind_here(&kinds[4]));
	if (is_ipv6_here())
		ck_assert(is_kind_here(&kinds[1]) && is_kind_here(&kinds[5]));
}
END_TEST

static struct call_address address_of(int family, const char *text, uint16_t port, socklen_t length)
{
	struct call_address address = { .length = length };
	struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address.storage;

	address.storage.ss_family = (sa_family_t)family;
	in->sin_port = htons(port);
	if (strchr(text, ':'))
		ck_assert_int_eq(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
	else
		ck_assert_int_eq(inet_pton(AF_INET, text, &in->sin_addr), 1);
	return address;
}

typedef int (*read_func)(const struct call_address *address, int domain,
			 struct endpoint *ret_endpoint);

/* What is read from a right address. */
static const struct reading {
	read_func read;
	int domain;
	int family;
	const char *address;
	socklen_t length;
	const char *endpoint;
} readings[] = {
	{ sockaddr_read_connect, AF_INET, AF_INET, "192.0.2.1", 16, "192.0.2.1:80" },
	{ sockaddr_read_connect, AF_INET, AF_INET, "192.0.2.1", 128, "192.0.2.1:80" },
	{ sockaddr_read_connect, AF_INET6, AF_INET6, "2001:db8::1", 24, "[2001:db8::1]:80" },
	{ sockaddr_read_connect, AF_INET6, AF_INET6, "2001:db8::1", 28, "[2001:db8::1]:80" },
	{ sockaddr_read_connect, AF_INET6, AF_INET6, "::ffff:192.0.2.1", 28,
	  "[::ffff:192.0.2.1]:80" },
	{ sockaddr_read_connect, AF_INET, AF_UNSPEC, "192.0.2.1", 2, "none:0" },
	{ sockaddr_read_connect, AF_INET6, AF_UNSPEC, "::1", 28, "none:0" },
	{ sockaddr_read_connect_datagram, AF_INET6, AF_INET, "192.0.2.1", 16, "192.0.2.1:80" },
	{ sockaddr_read_connect_datagram, AF_INET6, AF_INET6, "::1", 24, "[::1]:80" },
	{ sockaddr_read_connect_datagram, AF_INET, AF_UNSPEC, "192.0.2.1", 16, "none:0" },
	{ sockaddr_read_bind, AF_INET, AF_INET, "127.0.0.1", 16, "127.0.0.1:80" },
	{ sockaddr_read_bind, AF_INET, AF_UNSPEC, "0.0.0.0", 16, "0.0.0.0:80" },
	{ sockaddr_read_bind, AF_INET6, AF_INET6, "::", 24, "[::]:80" },
	{ sockaddr_read_send, AF_INET, AF_UNSPEC, "192.0.2.1", 16, "192.0.2.1:80" },
	{ sockaddr_read_send, AF_INET6, AF_UNSPEC, "::1", 28, "none:0" },
	{ sockaddr_read_send, AF_INET6, AF_INET, "192.0.2.1", 16, "192.0.2.1:80" },
	{ sockaddr_read_send, AF_INET6, AF_INET6, "2001:db8::1", 24, "[2001:db8::1]:80" },
};

START_TEST(what_is_read)
{
	const struct reading *row = &readings[_i];
	struct call_address address = address_of(row->family, row->address, 80, row->length);
	struct endpoint endpoint;
	char text[ADDRESS_TEXT_MAX];

	ck_assert_int_eq(row->read(&address, row->domain, &endpoint), 0);
	ck_assert_str_eq(endpoint_format(&endpoint, text), row->endpoint);
}
END_TEST

/* A length beyond the copy can't come from sockaddr_check_length; it must do no harm. */
START_TEST(lengths_beyond_the_copy)
{
	static const read_func reads[] = { sockaddr_read_connect, sockaddr_read_connect_datagram,
					   sockaddr_read_bind, sockaddr_read_send };
	struct endpoint endpoint;

	for (size_t i = 0; i < ARRAY_SIZE(reads); i++) {
		struct call_address address = address_of(AF_INET, "127.0.0.1", 80, 129);

		ck_assert_int_eq(reads[i](&address, AF_INET, &endpoint), EINVAL);
		ck_assert_int_eq(reads[i](&address, AF_INET6, &endpoint), EINVAL);
		address.length = UINT32_MAX;
		ck_assert_int_eq(reads[i](&address, AF_INET6, &endpoint), EINVAL);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sockaddr");
	TCase *cases = tcase_create("sockaddr");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, as_the_kernel_does, 0, ARRAY_SIZE(kinds));
	tcase_add_test(cases, the_table_covers_both_families);
	tcase_add_loop_test(cases, what_is_read, 0, ARRAY_SIZE(readings));
	tcase_add_test(cases, lengths_beyond_the_copy);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
