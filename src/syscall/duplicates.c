/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else holds an open file. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/directory.h"
#include "syscall/duplicates.h"

/* Of linux/pidfd.h (Linux 6.9): a pidfd of a thread. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

struct duplicates {
	int proc;
	pid_t self;
	int epoll;   /* knows at most one file */
	int watched; /* under this number of ours */
	bool empty;  /* epoll is known to know none */
};

/* A walk over one table. */
struct search {
	const struct duplicates *duplicates;
	pid_t tid;
	GArray *numbers; /* NULL: one is enough */
	int found;
};

/* A walk over all tasks. */
struct hunt {
	const struct duplicates *duplicates;
	ino_t own_network;
	pid_t process;
	int copy; /* or -ENOENT */
};

struct duplicates *duplicates_new(int proc)
{
	struct duplicates *duplicates;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return NULL;
	duplicates = g_new0(struct duplicates, 1);
	*duplicates = (struct duplicates){
		.proc = proc,
		.self = getpid(),
		.epoll = epoll,
		.watched = -1,
		.empty = true,
	};
	return duplicates;
}

void duplicates_free(struct duplicates *duplicates)
{
	if (!duplicates)
		return;
	descriptor_close(&duplicates->epoll);
	g_free(duplicates);
}

int duplicates_watch(struct duplicates *duplicates, int fd)
{
	struct epoll_event event = { .events = 0 };
	int fresh;

	/* What others still hold can't be taken out, as we have no descriptor of it. */
	if (!duplicates->empty && duplicates_exist(duplicates)) {
		fresh = epoll_create1(EPOLL_CLOEXEC);
		if (fresh < 0)
			return -errno;
		descriptor_close(&duplicates->epoll);
		duplicates->epoll = fresh;
	}
	duplicates->watched = -1;
	if (epoll_ctl(duplicates->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	duplicates->watched = fd;
	duplicates->empty = false;
	return 0;
}

/* kcmp(2) of descriptor number of tid with what our epoll instance knows. */
static long compare(const struct duplicates *duplicates, pid_t tid, int number)
{
	struct kcmp_epoll_slot slot = {
		.efd = (uint32_t)duplicates->epoll,
		.tfd = (uint32_t)duplicates->watched,
		.toff = 0,
	};

	return syscall(SYS_kcmp, tid, duplicates->self, KCMP_EPOLL_TFD, number, &slot);
}

bool duplicates_exist(struct duplicates *duplicates)
{
	/* Anything may be compared with it: an error says that nothing is there. */
	duplicates->empty = duplicates->watched < 0 ||
			    compare(duplicates, duplicates->self, duplicates->epoll) < 0;
	return !duplicates->empty;
}

bool duplicates_is_one(const struct duplicates *duplicates, pid_t tid, int number)
{
	return compare(duplicates, tid, number) == 0;
}

static void visit_number(int number, void *data)
{
	struct search *search = data;

	if (!search->numbers && search->found >= 0)
		return;
	if (!duplicates_is_one(search->duplicates, search->tid, number))
		return;
	search->found = number;
	if (search->numbers)
		g_array_append_val(search->numbers, number);
}

static int search_table(struct search *search)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/fdinfo", search->tid);
	return directory_each_number(search->duplicates->proc, path, visit_number, search);
}

int duplicates_list(const struct duplicates *duplicates, pid_t tid, GArray *numbers)
{
	struct search search = {
		.duplicates = duplicates,
		.tid = tid,
		.numbers = numbers,
		.found = -1,
	};

	return search_table(&search);
}

static int copy_of(const struct duplicates *duplicates, pid_t tid, int number)
{
	CLEANUP_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	int copy;

	if (pidfd < 0)
		pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
	if (pidfd < 0)
		return -errno;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	if (copy < 0)
		return -errno;
	if (duplicates_is_one(duplicates, duplicates->self, copy))
		return copy;
	descriptor_close(&copy);
	return -ENOENT;
}

static void visit_thread(int tid, void *data)
{
	struct hunt *hunt = data;
	struct search search = { .duplicates = hunt->duplicates, .tid = tid, .found = -1 };

	if (hunt->copy >= 0)
		return;
	/* Most threads share the table of their process. */
	if (tid != hunt->process && syscall(SYS_kcmp, tid, hunt->process, KCMP_FILES, 0, 0) == 0)
		return;
	if (search_table(&search) == 0 && search.found >= 0)
		hunt->copy = copy_of(hunt->duplicates, tid, search.found);
}

/* The inode number of that namespace, such as "1/ns/net"; 0 if we may not look at it. */
static ino_t network_of(int proc, const char *path)
{
	struct stat facts;

	return fstatat(proc, path, &facts, 0) < 0 ? 0 : facts.st_ino;
}

static void visit_process(int process, void *data)
{
	struct hunt *hunt = data;
	char path[64];
	ino_t network;

	if (hunt->copy >= 0)
		return;
	snprintf(path, sizeof(path), "%d/ns/net", process);
	network = network_of(hunt->duplicates->proc, path);
	if (network == 0 || network == hunt->own_network)
		return;
	hunt->process = process;
	snprintf(path, sizeof(path), "%d/task", process);
	(void)directory_each_number(hunt->duplicates->proc, path, visit_thread, hunt);
}

int duplicates_obtain(const struct duplicates *duplicates)
{
	struct hunt hunt = {
		.duplicates = duplicates,
		.own_network = network_of(duplicates->proc, "self/ns/net"),
		.copy = -ENOENT,
	};

	(void)directory_each_number(duplicates->proc, ".", visit_process, &hunt);
	return hunt.copy < 0 ? -ENOENT : hunt.copy;
}
