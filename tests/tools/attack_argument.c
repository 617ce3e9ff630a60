/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks by odd arguments: whoever reads them in the caller's stead must give the errors that the
 * kernel gives, and must neither fall nor make others wait.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>
#include <poll.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_fuse.h"
#include "tests/tools/attack_prober.h"
#include "tests/tools/attack_socket.h"

#define PAGE 4096

/* Where the address stands. */
enum place {
	PLACE_PLAIN,
	PLACE_NULL,
	PLACE_ONE,
	PLACE_HUGE,
	PLACE_KERNEL,
	PLACE_UNMAPPED,
	PLACE_NO_ACCESS,
	PLACE_READ_ONLY,
	PLACE_AT_END,	  /* the last bytes of a page, and nothing behind it */
	PLACE_OVER_END,	  /* half of it behind the end */
	PLACE_OVER_PAGES, /* over the border of two pages that are both there */
};

enum number { NUMBER_SOCKET, NUMBER_MINUS_ONE, NUMBER_FILE, NUMBER_HUGE, NUMBER_PATH };

struct row {
	const char *name;
	long call;
	enum number number;
	enum place place;
	long length;
	int expected;
};

#define IN4 ((long)sizeof(struct sockaddr_in))

static const struct row rows[] = {
	{ "connect: fine", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, IN4, ECONNREFUSED },
	{ "connect: -1", SYS_connect, NUMBER_MINUS_ONE, PLACE_PLAIN, IN4, EBADF },
	{ "connect: huge number", SYS_connect, NUMBER_HUGE, PLACE_PLAIN, IN4, EBADF },
	{ "connect: file", SYS_connect, NUMBER_FILE, PLACE_PLAIN, IN4, ENOTSOCK },
	{ "connect: O_PATH", SYS_connect, NUMBER_PATH, PLACE_PLAIN, IN4, EBADF },
	{ "connect: NULL", SYS_connect, NUMBER_SOCKET, PLACE_NULL, IN4, EFAULT },
	{ "connect: NULL, length 0", SYS_connect, NUMBER_SOCKET, PLACE_NULL, 0, EINVAL },
	{ "connect: 1", SYS_connect, NUMBER_SOCKET, PLACE_ONE, IN4, EFAULT },
	{ "connect: ~0", SYS_connect, NUMBER_SOCKET, PLACE_HUGE, IN4, EFAULT },
	{ "connect: kernel", SYS_connect, NUMBER_SOCKET, PLACE_KERNEL, IN4, EFAULT },
	{ "connect: unmapped", SYS_connect, NUMBER_SOCKET, PLACE_UNMAPPED, IN4, EFAULT },
	{ "connect: no access", SYS_connect, NUMBER_SOCKET, PLACE_NO_ACCESS, IN4, EFAULT },
	{ "connect: read-only", SYS_connect, NUMBER_SOCKET, PLACE_READ_ONLY, IN4, ECONNREFUSED },
	{ "connect: at end", SYS_connect, NUMBER_SOCKET, PLACE_AT_END, IN4, ECONNREFUSED },
	{ "connect: over end", SYS_connect, NUMBER_SOCKET, PLACE_OVER_END, IN4, EFAULT },
	{ "connect: over pages", SYS_connect, NUMBER_SOCKET, PLACE_OVER_PAGES, IN4, ECONNREFUSED },
	{ "connect: length -1", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, -1, EINVAL },
	{ "connect: length 0", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, 0, EINVAL },
	{ "connect: length 1", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, 1, EINVAL },
	{ "connect: length 15", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, 15, EINVAL },
	{ "connect: length 128", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, 128, ECONNREFUSED },
	{ "connect: length 129", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, 129, EINVAL },
	{ "connect: length max", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, 0x7fffffff, EINVAL },
	{ "connect: length min", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, 0x80000000L, EINVAL },
	{ "connect: length 2^32+16", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, (1L << 32) + IN4,
	  ECONNREFUSED },
	{ "connect: length 2^63", SYS_connect, NUMBER_SOCKET, PLACE_PLAIN, (long)(1UL << 63),
	  EINVAL },
	{ "bind: NULL", SYS_bind, NUMBER_SOCKET, PLACE_NULL, IN4, EFAULT },
	{ "bind: ~0", SYS_bind, NUMBER_SOCKET, PLACE_HUGE, IN4, EFAULT },
	{ "bind: over end", SYS_bind, NUMBER_SOCKET, PLACE_OVER_END, IN4, EFAULT },
	{ "bind: length -1", SYS_bind, NUMBER_SOCKET, PLACE_PLAIN, -1, EINVAL },
	{ "bind: length 0", SYS_bind, NUMBER_SOCKET, PLACE_PLAIN, 0, EINVAL },
	{ "bind: length 129", SYS_bind, NUMBER_SOCKET, PLACE_PLAIN, 129, EINVAL },
	{ "bind: -1", SYS_bind, NUMBER_MINUS_ONE, PLACE_PLAIN, IN4, EBADF },
	{ "bind: file", SYS_bind, NUMBER_FILE, PLACE_PLAIN, IN4, ENOTSOCK },
	{ "bind: not ours", SYS_bind, NUMBER_SOCKET, PLACE_PLAIN, IN4, EADDRNOTAVAIL },
	{ "listen: -1", SYS_listen, NUMBER_MINUS_ONE, PLACE_PLAIN, 0, EBADF },
	{ "listen: file", SYS_listen, NUMBER_FILE, PLACE_PLAIN, 0, ENOTSOCK },
	{ "ioctl: -1", SYS_ioctl, NUMBER_MINUS_ONE, PLACE_PLAIN, 0, EBADF },
	{ "ioctl: file", SYS_ioctl, NUMBER_FILE, PLACE_PLAIN, 0, ENOTTY },
	{ "ioctl: NULL", SYS_ioctl, NUMBER_SOCKET, PLACE_NULL, 0, EFAULT },
};

static long call_number(enum number number)
{
	switch (number) {
	case NUMBER_SOCKET:
		return stream_open(AF_INET, 0);
	case NUMBER_MINUS_ONE:
		return -1;
	case NUMBER_FILE:
		return open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	case NUMBER_HUGE:
		return 0x7fffffff;
	case NUMBER_PATH:
		return open("/proc", O_PATH | O_CLOEXEC);
	}
	return -1;
}

/* Three pages: one that is there, one that is not, and one that may be. */
static char *make_pages(void)
{
	char *pages =
		mmap(NULL, 4L * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + 2L * PAGE, PAGE);
	mprotect(pages + 3L * PAGE, PAGE, PROT_NONE);
	return pages;
}

static uintptr_t place_address(enum place place, const struct target *target, char *pages)
{
	char *at = pages;

	switch (place) {
	case PLACE_PLAIN:
	case PLACE_READ_ONLY:
		break;
	case PLACE_NULL:
		return 0;
	case PLACE_ONE:
		return 1;
	case PLACE_HUGE:
		return UINTPTR_MAX;
	case PLACE_KERNEL:
		return UINTPTR_MAX / 2 + 1 + (UINTPTR_MAX >> 2);
	case PLACE_UNMAPPED:
		return (uintptr_t)pages + 2 * PAGE;
	case PLACE_NO_ACCESS:
		return (uintptr_t)pages + 3 * PAGE;
	case PLACE_AT_END:
		at = pages + 2 * PAGE - target->length;
		break;
	case PLACE_OVER_END:
		at = pages + 2 * PAGE - target->length / 2;
		memcpy(at, &target->address, target->length / 2);
		return (uintptr_t)at;
	case PLACE_OVER_PAGES:
		at = pages + PAGE - target->length / 2;
		break;
	}
	memcpy(at, &target->address, target->length);
	if (place == PLACE_READ_ONLY)
		mprotect(pages, PAGE, PROT_READ);
	return (uintptr_t)at;
}

static int make_call(const struct row *row)
{
	const struct target target = target_closed();
	char *pages = make_pages();
	uintptr_t address = place_address(row->place, &target, pages);
	long number = call_number(row->number);
	long result;

	if (row->call == SYS_ioctl)
		result = syscall(SYS_ioctl, number, 0x8912L /* SIOCGIFCONF */, address);
	else if (row->call == SYS_listen)
		result = syscall(SYS_listen, number, 1L);
	else
		result = syscall(row->call, number, address, row->length);
	munmap(pages, 4L * PAGE);
	if (number >= 0)
		close((int)number);
	return result < 0 ? errno : 0;
}

static enum attack_result try_rows(const void *data, struct attack_report *report)
{
	struct prober *prober = prober_start();
	enum attack_result result = ATTACK_HELD;

	(void)data;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int error = make_call(&rows[i]);

		if (error == rows[i].expected)
			continue;
		result = ATTACK_BROKEN;
		attack_say(report, "%s: %s, not %s;", rows[i].name, strerrorname_np(error),
			   strerrorname_np(rows[i].expected));
	}
	/* As little as there is to do, it may be done before the other one began. */
	while (prober_count(prober) < 3)
		usleep(10000);
	if (prober_end(prober, report) != ATTACK_HELD)
		result = ATTACK_BROKEN;
	return result;
}

/* -- memory that is slow ------------------------------------------------------------------------
 */

static void *connect_slowly(void *data)
{
	int fd = stream_open(AF_INET, 0);
	int result = connect(fd, data, IN4);

	close(fd);
	return (void *)(intptr_t)(result < 0 ? errno : 0);
}

/* A caller points to page, which nobody ever fills, while another one connects. */
static enum attack_result point_to(void *page, struct attack_report *report)
{
	struct prober *prober = prober_start();
	pthread_t threads[4];

	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, connect_slowly, (char *)page + i * PAGE);
		usleep(300000);
	}
	usleep(3000000);
	return prober_end(prober, report);
}

static enum attack_result try_userfault(const void *data, struct attack_report *report)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	void *pages;

	(void)data;
	if (fd < 0)
		return attack_lacks(report, "no userfaultfd for kernel faults");
	pages = mmap(NULL, 4L * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.start = (uintptr_t)pages;
	range.range.len = 4L * PAGE;
	if (ioctl(fd, UFFDIO_API, &api) < 0 || ioctl(fd, UFFDIO_REGISTER, &range) < 0)
		return attack_lacks(report, "userfaultfd takes no registration");
	return point_to(pages, report);
}

static enum attack_result try_file_system(const void *data, struct attack_report *report)
{
	void *pages = slow_file_map(4L * PAGE);

	(void)data;
	if (!pages)
		return attack_lacks(report, "no /dev/fuse for users");
	return point_to(pages, report);
}

const struct attack attacks_by_argument[] = {
	{ "argument/odd-ones", PROOF_SAME, try_rows, NULL },
	{ "argument/userfault", PROOF_SAME, try_userfault, NULL },
	{ "argument/slow-file", PROOF_SAME, try_file_system, NULL },
	{ NULL, PROOF_NONE, NULL, NULL },
};
