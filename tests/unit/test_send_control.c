/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which control messages of sendmsg(2) are passed on. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "syscall/send_control.h"

#define ROOM 512
#define TAKEN 1000 /* what take adds to a number */

struct buffer {
	uint8_t bytes[ROOM] __attribute__((aligned(16)));
	size_t length;
};

static int taken, visited;

static int take(int number, void *data)
{
	(void)data;
	if (number < 0)
		return -EBADF;
	taken++;
	return number + TAKEN;
}

static void visit(int fd)
{
	ck_assert_int_ge(fd, TAKEN);
	visited++;
}

static void append(struct buffer *buffer, int level, int type, const void *data, size_t length)
{
	struct cmsghdr header = { .cmsg_len = CMSG_LEN(length),
				  .cmsg_level = level,
				  .cmsg_type = type };

	memcpy(buffer->bytes + buffer->length, &header, sizeof(header));
	memcpy(buffer->bytes + buffer->length + CMSG_LEN(0), data, length);
	buffer->length += CMSG_SPACE(length);
}

static int copy(enum control_kind kind, const struct buffer *from, struct buffer *ret_to)
{
	memset(ret_to, 0xa5, sizeof(*ret_to));
	return send_control_copy(kind, from->bytes, from->length, ret_to->bytes, &ret_to->length,
				 take, NULL);
}

enum what { PASSED, LEFT_OUT, REFUSED };

static const struct {
	enum control_kind kind;
	int level, type;
	enum what what;
} rows[] = {
	{ CONTROL_HOST_UDP, IPPROTO_IP, IP_TOS, PASSED },
	{ CONTROL_HOST_UDP, IPPROTO_IP, IP_TTL, PASSED },
	{ CONTROL_HOST_UDP, IPPROTO_IPV6, IPV6_TCLASS, PASSED },
	{ CONTROL_HOST_UDP, IPPROTO_UDP, 103, PASSED },
	{ CONTROL_HOST_UDP, IPPROTO_IP, IP_PKTINFO, LEFT_OUT },
	{ CONTROL_HOST_UDP, IPPROTO_IPV6, IPV6_PKTINFO, LEFT_OUT },
	{ CONTROL_HOST_UDP, IPPROTO_IPV6, IPV6_2292PKTINFO, LEFT_OUT },
	{ CONTROL_HOST_UDP, IPPROTO_IP, IP_RETOPTS, REFUSED },
	{ CONTROL_HOST_UDP, IPPROTO_IPV6, IPV6_RTHDR, REFUSED },
	{ CONTROL_HOST_UDP, IPPROTO_IPV6, IPV6_HOPOPTS, REFUSED },
	{ CONTROL_HOST_UDP, SOL_SOCKET, SO_MARK, REFUSED },
	{ CONTROL_HOST_UDP, SOL_SOCKET, SCM_RIGHTS, REFUSED },
	{ CONTROL_HOST_UDP, 12345, 1, REFUSED },
	{ CONTROL_CONTAINER, IPPROTO_IP, IP_PKTINFO, PASSED },
	{ CONTROL_CONTAINER, IPPROTO_IPV6, IPV6_HOPOPTS, REFUSED },
	{ CONTROL_OTHER, 279, 1, PASSED },
	{ CONTROL_OTHER, SOL_SOCKET, SCM_RIGHTS, PASSED },
	{ CONTROL_OTHER, SOL_SOCKET, SCM_CREDENTIALS, LEFT_OUT },
};

/* Each between two others, of which nothing may get lost. */
START_TEST(test_row)
{
	const int tos = 16, ttl = 9, value = 7;
	struct buffer from = { .length = 0 }, to;
	struct buffer expected = { .length = 0 };
	bool other = rows[_i].kind == CONTROL_OTHER;
	int error;

	append(&from, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	append(&from, rows[_i].level, rows[_i].type, &value, sizeof(value));
	append(&from, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	error = copy(rows[_i].kind, &from, &to);
	ck_assert_int_eq(error, rows[_i].what == REFUSED ? EPERM : 0);
	if (rows[_i].what == REFUSED)
		return;
	append(&expected, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	if (rows[_i].what == PASSED) {
		int passed = other && rows[_i].type == SCM_RIGHTS && rows[_i].level == SOL_SOCKET
				     ? value + TAKEN
				     : value;

		append(&expected, rows[_i].level, rows[_i].type, &passed, sizeof(passed));
	}
	append(&expected, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	ck_assert_uint_eq(to.length, expected.length);
	ck_assert_mem_eq(to.bytes, expected.bytes, expected.length);
}
END_TEST

/* What was taken before one can't be is found again, to be closed. */
START_TEST(test_rights_fail)
{
	const int first[] = { 3, 4 }, second[] = { 5, -1, 6 };
	struct buffer from = { .length = 0 }, to;

	taken = visited = 0;
	append(&from, SOL_SOCKET, SCM_RIGHTS, first, sizeof(first));
	append(&from, SOL_SOCKET, SCM_RIGHTS, second, sizeof(second));
	ck_assert_int_eq(copy(CONTROL_OTHER, &from, &to), EBADF);
	send_control_each_descriptor(to.bytes, to.length, visit);
	ck_assert_int_eq(taken, 3);
	ck_assert_int_eq(visited, 3);
}
END_TEST

START_TEST(test_malformed)
{
	static const size_t lengths[] = { 0, 1, 15, 21, SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2 };
	struct buffer from = { .length = 20 }, to;
	struct cmsghdr header = { .cmsg_len = lengths[_i],
				  .cmsg_level = IPPROTO_IP,
				  .cmsg_type = IP_TOS };

	memcpy(from.bytes, &header, sizeof(header));
	ck_assert_int_eq(copy(CONTROL_HOST_UDP, &from, &to), EINVAL);
	ck_assert_uint_eq(to.length, 0);
}
END_TEST

/* The last one may lack its padding; what is too short for a header is not looked at. */
START_TEST(test_ends)
{
	const int tos = 16;
	struct buffer from = { .length = 0 }, to;

	ck_assert_int_eq(copy(CONTROL_HOST_UDP, &from, &to), 0);
	ck_assert_uint_eq(to.length, 0);
	append(&from, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	from.length = CMSG_LEN(sizeof(tos));
	ck_assert_int_eq(copy(CONTROL_HOST_UDP, &from, &to), 0);
	ck_assert_uint_eq(to.length, CMSG_LEN(sizeof(tos)));
	from.length = CMSG_SPACE(sizeof(tos)) + 15;
	ck_assert_int_eq(copy(CONTROL_HOST_UDP, &from, &to), 0);
	ck_assert_uint_eq(to.length, CMSG_SPACE(sizeof(tos)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("send_control");
	TCase *cases = tcase_create("send_control");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, test_row, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(cases, test_rights_fail);
	tcase_add_loop_test(cases, test_malformed, 0, 7);
	tcase_add_test(cases, test_ends);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
