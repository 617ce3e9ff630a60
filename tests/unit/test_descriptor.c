/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/descriptor: ownership, passing, limits. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool same_file(int a, int b)
{
	struct stat stat_a, stat_b;

	return fstat(a, &stat_a) == 0 && fstat(b, &stat_b) == 0 && stat_a.st_dev == stat_b.st_dev &&
	       stat_a.st_ino == stat_b.st_ino;
}

static unsigned int count_open(void)
{
	unsigned int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += is_open(fd);
	return count;
}

START_TEST(close_and_steal)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int copy = fd;
	int stolen;

	errno = ENOTTY;
	descriptor_close(&fd);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(fd, -1);
	ck_assert(!is_open(copy));
	descriptor_close(&fd);

	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	copy = fd;
	stolen = descriptor_steal(&fd);
	ck_assert_int_eq(stolen, copy);
	ck_assert_int_eq(fd, -1);
	ck_assert(is_open(stolen));
	{
		CLEANUP_CLOSE int scoped = stolen;

		ck_assert(is_open(scoped));
	}
	ck_assert(!is_open(stolen));
}
END_TEST

START_TEST(flags)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	ck_assert_int_eq(descriptor_set_nonblocking(fd), 0);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	ck_assert_int_eq(descriptor_keep_over_exec(fd), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	close(fd);
	ck_assert_int_eq(descriptor_set_nonblocking(fd), -EBADF);
	ck_assert_int_eq(descriptor_keep_over_exec(fd), -EBADF);
}
END_TEST

static int pair[2];

static void make_pair(void)
{
	ck_assert_int_eq(descriptor_pair(pair), 0);
}

static void drop_pair(void)
{
	descriptor_close(&pair[0]);
	descriptor_close(&pair[1]);
}

START_TEST(pair_flags)
{
	int type = 0;
	socklen_t length = sizeof(type);

	for (int i = 0; i < 2; i++) {
		ck_assert_int_ne(fcntl(pair[i], F_GETFD) & FD_CLOEXEC, 0);
		ck_assert_int_eq(getsockopt(pair[i], SOL_SOCKET, SO_TYPE, &type, &length), 0);
		ck_assert_int_eq(type, SOCK_SEQPACKET);
	}
}
END_TEST

START_TEST(pass_descriptors)
{
	int sent[DESCRIPTORS_PER_MESSAGE], fds[DESCRIPTORS_PER_MESSAGE];
	size_t wanted = (size_t)_i, count = 99;
	char data[8];

	for (size_t i = 0; i < wanted; i++)
		sent[i] = open(i % 2 ? "/dev/null" : "/dev/zero", O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(descriptor_send(pair[0], "hello", 5, sent, wanted), 0);
	ck_assert_int_eq(descriptor_receive(pair[1], data, sizeof(data), fds, &count), 5);
	ck_assert_mem_eq(data, "hello", 5);
	ck_assert_uint_eq(count, wanted);
	for (size_t i = 0; i < DESCRIPTORS_PER_MESSAGE; i++) {
		if (i >= wanted) {
			ck_assert_int_eq(fds[i], -1);
			continue;
		}
		ck_assert(is_open(sent[i]));
		ck_assert(same_file(sent[i], fds[i]));
		ck_assert_int_ne(fcntl(fds[i], F_GETFD) & FD_CLOEXEC, 0);
		close(fds[i]);
		close(sent[i]);
	}
}
END_TEST

START_TEST(too_many)
{
	int fds[DESCRIPTORS_PER_MESSAGE + 1] = { 0 };

	ck_assert_int_eq(descriptor_send(pair[0], "x", 1, fds, DESCRIPTORS_PER_MESSAGE + 1),
			 -EINVAL);
}
END_TEST

/* Sends more descriptors at once than descriptor_send() would. */
static void send_many(int socket, size_t count)
{
	char control[CMSG_SPACE(16 * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	char byte = 'x';
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int zeros[16] = { 0 };

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), zeros, count * sizeof(int));
	ck_assert_int_eq(sendmsg(socket, &message, 0), 1);
}

START_TEST(refuse_cut)
{
	int fds[DESCRIPTORS_PER_MESSAGE] = { -7, -7, -7, -7 };
	unsigned int before = count_open();
	size_t count = 99;
	char data[4];

	send_many(pair[0], (size_t)_i);
	ck_assert_int_eq(descriptor_receive(pair[1], data, sizeof(data), fds, &count), -EMSGSIZE);
	ck_assert_int_eq(descriptor_send(pair[0], "hello", 5, &pair[0], 1), 0);
	ck_assert_int_eq(descriptor_receive(pair[1], data, sizeof(data), fds, &count), -EMSGSIZE);
	ck_assert_uint_eq(count, 99);
	ck_assert_int_eq(fds[0], -7);
	ck_assert_uint_eq(count_open(), before);
}
END_TEST

START_TEST(end_and_full)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;
	char data[4];
	int result;

	ck_assert_int_eq(descriptor_set_nonblocking(pair[0]), 0);
	ck_assert_int_eq(descriptor_receive(pair[0], data, sizeof(data), fds, &count), -EAGAIN);
	do
		result = descriptor_send(pair[0], "x", 1, NULL, 0);
	while (result == 0);
	ck_assert_int_eq(result, -EAGAIN);

	drop_pair();
	make_pair();
	descriptor_close(&pair[1]);
	ck_assert_int_eq(descriptor_send(pair[0], "x", 1, NULL, 0), -EPIPE);

	drop_pair();
	make_pair();
	descriptor_close(&pair[0]);
	ck_assert_int_eq(descriptor_receive(pair[1], data, sizeof(data), fds, &count), 0);
	ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(wait_readable)
{
	ck_assert_int_eq(descriptor_wait_readable(pair[0], 0), -ETIMEDOUT);
	ck_assert_int_eq(descriptor_wait_readable(pair[0], 20), -ETIMEDOUT);
	ck_assert_int_eq(descriptor_send(pair[1], "x", 1, NULL, 0), 0);
	ck_assert_int_eq(descriptor_wait_readable(pair[0], 1000), 0);
	descriptor_close(&pair[0]);
	ck_assert_int_eq(descriptor_wait_readable(pair[1], 1000), 0);
}
END_TEST

START_TEST(write_everything)
{
	static char data[1 << 20], read_back[1 << 20];
	int ends[2];
	size_t got = 0;
	pid_t pid;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		_exit(descriptor_write_all(ends[1], data, sizeof(data)) == 0 ? 0 : 1);
	}
	close(ends[1]);
	while (got < sizeof(read_back)) {
		ssize_t length = read(ends[0], read_back + got, sizeof(read_back) - got);

		ck_assert_int_gt(length, 0);
		got += (size_t)length;
	}
	ck_assert_mem_eq(data, read_back, sizeof(data));
	close(ends[0]);
	ck_assert_int_eq(descriptor_write_all(-1, data, 1), -EBADF);
	ck_assert_int_eq(descriptor_write_all(-1, data, 0), 0);
}
END_TEST

START_TEST(raise_limit)
{
	struct rlimit limit = { .rlim_cur = 50, .rlim_max = 200 };

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(descriptor_raise_limit(100), 100);
	ck_assert_uint_eq(descriptor_raise_limit(60), 100);
	ck_assert_uint_eq(descriptor_raise_limit(100000), 200);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 200);
	ck_assert_uint_eq(limit.rlim_max, 200);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("descriptor");
	TCase *plain = tcase_create("plain");
	TCase *passing = tcase_create("passing");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(plain, close_and_steal);
	tcase_add_test(plain, flags);
	tcase_add_test(plain, write_everything);
	tcase_add_test(plain, raise_limit);
	suite_add_tcase(suite, plain);
	tcase_add_checked_fixture(passing, make_pair, drop_pair);
	tcase_add_test(passing, pair_flags);
	tcase_add_loop_test(passing, pass_descriptors, 0, DESCRIPTORS_PER_MESSAGE + 1);
	tcase_add_test(passing, too_many);
	tcase_add_loop_test(passing, refuse_cut, DESCRIPTORS_PER_MESSAGE + 1, 12);
	tcase_add_test(passing, end_and_full);
	tcase_add_test(passing, wait_readable);
	suite_add_tcase(suite, passing);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
