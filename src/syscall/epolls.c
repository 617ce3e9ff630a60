/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which descriptors of a process are epoll instances.
 *
 * A table of descriptors is looked at once, when its process is first asked about, for it may have
 * come by fork; from then on only after the process made an instance, or when a number that was
 * known is no instance any more (it was closed, or moved by dup). Such a call is noted before the
 * kernel does it: until a look finds the new instance, the next ones look again, for a while.
 * A number may come back as another process's: the pidfd of each tells when it has ended.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/directory.h"
#include "syscall/epolls.h"

#define PROCESSES_KEPT 1024

/* How long a noted call may take to make its instance. */
#define MAKING_USEC (2 * G_USEC_PER_SEC)

struct process {
	int pidfd;	  /* -1: could not be had; looked at each time */
	bool known;	  /* the numbers are from a look */
	uint32_t awaited; /* noted instances that no look has found yet */
	int64_t noted_at; /* g_get_monotonic_time of the last note */
	GArray *numbers;  /* int */
};

struct epolls {
	int proc;
	uint32_t kept;
	GHashTable *processes; /* struct process by pid */
	GArray *numbers;       /* of the last epolls_look */
};

static void process_free(gpointer data)
{
	struct process *process = data;

	descriptor_close(&process->pidfd);
	g_array_unref(process->numbers);
	g_free(process);
}

struct epolls *epolls_new(int proc)
{
	struct epolls *epolls = g_new0(struct epolls, 1);

	epolls->proc = proc;
	epolls->kept = descriptor_share(PROCESSES_KEPT);
	epolls->processes =
		g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, process_free);
	epolls->numbers = g_array_new(FALSE, FALSE, sizeof(int));
	return epolls;
}

void epolls_free(struct epolls *epolls)
{
	if (!epolls)
		return;
	g_hash_table_unref(epolls->processes);
	g_array_unref(epolls->numbers);
	g_free(epolls);
}

/* Where the kernel has no kcmp(2); may be forbidden for tasks of another user id. */
static bool is_epoll_by_link(int proc, pid_t tid, int number)
{
	static const char wanted[] = "anon_inode:[eventpoll]";
	char path[32], target[sizeof(wanted)];
	ssize_t length;

	snprintf(path, sizeof(path), "%d/fd/%d", tid, number);
	length = readlinkat(proc, path, target, sizeof(target));
	return length == (ssize_t)strlen(wanted) && memcmp(target, wanted, (size_t)length) == 0;
}

/*
 * kcmp(2) is asked whether an instance holds a certain descriptor: what matters is that it answers
 * EINVAL where there is no instance. Descriptor numbers are never negative, so none holds it.
 */
static bool is_epoll(int proc, pid_t tid, int number)
{
	struct kcmp_epoll_slot slot = { .efd = (uint32_t)number, .tfd = UINT32_MAX };
	long order = syscall(SYS_kcmp, getpid(), tid, KCMP_EPOLL_TFD, proc, &slot);

	if (order >= 0 || errno == ENOENT)
		return true;
	if (errno == EINVAL || errno == EBADF || errno == ESRCH)
		return false;
	return is_epoll_by_link(proc, tid, number);
}

struct look {
	int proc;
	pid_t tid;
	GArray *numbers;
};

static void visit_descriptor(int number, void *data)
{
	struct look *look = data;

	if (is_epoll(look->proc, look->tid, number))
		g_array_append_val(look->numbers, number);
}

/* The directory fd is closed to us where tid's user id is another; fdinfo is not. */
static void look_at(struct epolls *epolls, pid_t tid, GArray *numbers)
{
	struct look look = { .proc = epolls->proc, .tid = tid, .numbers = numbers };
	char path[32];

	g_array_set_size(numbers, 0);
	snprintf(path, sizeof(path), "%d/fdinfo", tid);
	directory_each_number(epolls->proc, path, visit_descriptor, &look);
}

const int *epolls_look(struct epolls *epolls, pid_t tid, size_t *ret_count)
{
	look_at(epolls, tid, epolls->numbers);
	*ret_count = epolls->numbers->len;
	return (const int *)(void *)epolls->numbers->data;
}

static bool has_ended(const struct process *process)
{
	struct pollfd poll_fd = { .fd = process->pidfd, .events = POLLIN };

	return process->pidfd < 0 || poll(&poll_fd, 1, 0) != 0;
}

static struct process *add_process(struct epolls *epolls, pid_t pid)
{
	struct process *process = g_new0(struct process, 1);

	/* All are learnt again where there are too many. */
	if (g_hash_table_size(epolls->processes) >= epolls->kept)
		g_hash_table_remove_all(epolls->processes);
	process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	process->numbers = g_array_new(FALSE, FALSE, sizeof(int));
	g_hash_table_replace(epolls->processes, GINT_TO_POINTER(pid), process);
	return process;
}

static struct process *get_process(struct epolls *epolls, pid_t pid)
{
	struct process *process = g_hash_table_lookup(epolls->processes, GINT_TO_POINTER(pid));

	return process && !has_ended(process) ? process : add_process(epolls, pid);
}

void epolls_note(struct epolls *epolls, pid_t pid)
{
	struct process *process = get_process(epolls, pid);

	process->awaited++;
	process->noted_at = g_get_monotonic_time();
}

static bool contains(const GArray *numbers, int number)
{
	for (guint i = 0; i < numbers->len; i++)
		if (g_array_index(numbers, int, i) == number)
			return true;
	return false;
}

/*
 * Takes the numbers of a new look over, and counts those that were awaited; of a first look nobody
 * can say which are new.
 */
static void learn(struct process *process, const GArray *numbers)
{
	uint32_t found = 0;

	for (guint i = 0; process->known && i < numbers->len; i++)
		if (!contains(process->numbers, g_array_index(numbers, int, i)))
			found++;
	process->awaited -= MIN(found, process->awaited);
	if (g_get_monotonic_time() - process->noted_at > MAKING_USEC)
		process->awaited = 0;
	process->known = true;
	g_array_set_size(process->numbers, 0);
	g_array_append_vals(process->numbers, numbers->data, numbers->len);
}

static bool all_still_are(struct epolls *epolls, const struct process *process, pid_t tid)
{
	for (guint i = 0; i < process->numbers->len; i++)
		if (!is_epoll(epolls->proc, tid, g_array_index(process->numbers, int, i)))
			return false;
	return true;
}

const int *epolls_of_process(struct epolls *epolls, pid_t pid, pid_t tid, size_t *ret_count)
{
	struct process *process = get_process(epolls, pid);

	if (!process->known || process->awaited > 0 || !all_still_are(epolls, process, tid)) {
		look_at(epolls, tid, epolls->numbers);
		learn(process, epolls->numbers);
	}
	*ret_count = process->numbers->len;
	return (const int *)(void *)process->numbers->data;
}
