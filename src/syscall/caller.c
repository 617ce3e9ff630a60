/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tasks that wait in a trapped call: their descriptors, memory, rights and signals.
 *
 * A pidfd refers to one task for ever, a thread id does not. So pidfds are kept by thread id in a
 * table of fixed size, and one whose task has gone (ESRCH) is opened anew, once; along with it the
 * file of /proc that tells of its last descriptor. Everything else is asked of the kernel each
 * time.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/kcmp.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/caller.h"
#include "syscall/epolls.h"
#include "syscall/task_files.h"

/* Since Linux 6.9; not in older headers. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* Thread ids are given out in turn, so that the low bits spread them well. */
#define TASKS_KEPT 1024

struct task {
	pid_t tid;     /* 0: none is kept here */
	pid_t leader;  /* whose descriptors stand in for tid's where there is no PIDFD_THREAD; or 0
			*/
	pid_t process; /* of tid; 0: not asked yet */
	int pidfd;     /* of leader or tid */
	int info;      /* task_open_descriptor_info of info_number; -1: none */
	int info_number;
};

struct callers {
	int proc;
	uint32_t kept;	       /* tasks at a time: of the table's rows so many are used */
	bool no_thread_pidfds; /* before Linux 6.9 */
	struct epolls *epolls;
	pid_t signalled;       /* the thread that the next field is about */
	uint64_t signals_seen; /* for its process, at the last look */
	struct task tasks[TASKS_KEPT];
};

struct callers *callers_new(int proc)
{
	struct callers *callers = g_new0(struct callers, 1);

	callers->proc = proc;
	callers->kept = descriptor_share(TASKS_KEPT);
	callers->epolls = epolls_new(proc);
	for (size_t i = 0; i < TASKS_KEPT; i++)
		callers->tasks[i].pidfd = callers->tasks[i].info = -1;
	return callers;
}

static void forget_task(struct task *task)
{
	descriptor_close(&task->pidfd);
	descriptor_close(&task->info);
	task->tid = 0;
}

static void forget_all(struct callers *callers)
{
	for (size_t i = 0; i < TASKS_KEPT; i++)
		forget_task(&callers->tasks[i]);
}

void callers_free(struct callers *callers)
{
	if (!callers)
		return;
	forget_all(callers);
	epolls_free(callers->epolls);
	g_free(callers);
}

static int open_pidfd(pid_t pid, unsigned int flags)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, flags);

	return fd < 0 ? -errno : fd;
}

/* Before Linux 6.9: the pidfd of the thread's process, whose first thread's table is looked in. */
static int open_leader(struct callers *callers, pid_t tid, pid_t *ret_leader)
{
	pid_t process = callers_process(callers, tid);

	if (process < 0)
		return process;
	*ret_leader = process == tid ? 0 : process;
	return open_pidfd(process, 0);
}

static int open_task(struct callers *callers, struct task *task, pid_t tid)
{
	int fd = -EINVAL;

	forget_task(task);
	task->leader = task->process = 0;
	if (!callers->no_thread_pidfds)
		fd = open_pidfd(tid, PIDFD_THREAD);
	if (fd == -EINVAL) {
		callers->no_thread_pidfds = true;
		fd = open_leader(callers, tid, &task->leader);
	}
	if (fd < 0)
		return fd;
	task->pidfd = fd;
	task->tid = tid;
	return 0;
}

/* Whether tid's table is the one of its first thread; taken to be so by kernels without kcmp(2). */
static bool shares_table(pid_t tid, pid_t leader)
{
	long order = syscall(SYS_kcmp, tid, leader, KCMP_FILES, 0, 0);

	return order == 0 || (order < 0 && errno == ENOSYS);
}

/* The row that tid has, if any; else that of another task. */
static struct task *task_of(struct callers *callers, pid_t tid)
{
	return &callers->tasks[(uint32_t)tid % callers->kept];
}

static int pin(const struct task *task, int number)
{
	int fd;

	if (task->leader != 0 && !shares_table(task->tid, task->leader))
		return -EOPNOTSUPP;
	fd = (int)syscall(SYS_pidfd_getfd, task->pidfd, number, 0);
	return fd < 0 ? -errno : fd;
}

static int pin_anew(struct callers *callers, struct task *task, pid_t tid, int number)
{
	int error = open_task(callers, task, tid);

	return error < 0 ? error : pin(task, number);
}

/* What is kept is ours to give up when descriptors run short. */
static bool is_short(int error)
{
	return error == -EMFILE || error == -ENFILE;
}

int callers_pin(struct callers *callers, pid_t tid, int number)
{
	struct task *task = task_of(callers, tid);
	int fd = -ESRCH;

	if (task->tid == tid)
		fd = pin(task, number);
	/* A table that is not shared may be that of another thread, which has the id now. */
	if (fd == -ESRCH || fd == -EOPNOTSUPP)
		fd = pin_anew(callers, task, tid, number);
	if (is_short(fd)) {
		forget_all(callers);
		fd = pin_anew(callers, task, tid, number);
	}
	return fd;
}

int callers_read(struct callers *callers, pid_t tid, uint64_t address, void *buffer, size_t length)
{
	struct iovec ours = { .iov_base = buffer, .iov_len = length };
	struct iovec theirs = { .iov_base = (void *)(uintptr_t)address, .iov_len = length };
	ssize_t done = process_vm_readv(tid, &ours, 1, &theirs, 1, 0);

	(void)callers;
	if (done < 0)
		return -errno;
	return (size_t)done == length ? 0 : -EFAULT;
}

int callers_gather(struct callers *callers, pid_t tid, const struct iovec *places, size_t count,
		   void *buffer, size_t length)
{
	struct iovec ours = { .iov_base = buffer, .iov_len = length };
	ssize_t done;

	(void)callers;
	if (length == 0)
		return 0;
	done = process_vm_readv(tid, &ours, 1, places, count, 0);
	if (done < 0)
		return -errno;
	return (size_t)done == length ? 0 : -EFAULT;
}

bool callers_is_single(struct callers *callers, pid_t tid)
{
	struct task_status status;

	return task_read_status(callers->proc, tid, &status) == 0 && status.threads == 1;
}

int callers_write(struct callers *callers, pid_t tid, uint64_t address, const void *data,
		  size_t length)
{
	struct iovec ours = { .iov_base = (void *)data, .iov_len = length };
	struct iovec theirs = { .iov_base = (void *)(uintptr_t)address, .iov_len = length };
	ssize_t done = process_vm_writev(tid, &ours, 1, &theirs, 1, 0);

	(void)callers;
	if (done < 0)
		return -errno;
	return (size_t)done == length ? 0 : -EFAULT;
}

/* Programs tend to connect under the same few numbers: the last one's file stays open. */
static int descriptor_flags(struct callers *callers, pid_t tid, int number)
{
	struct task *task = task_of(callers, tid);
	CLEANUP_CLOSE int info = -1;

	if (task->tid == tid && task->info >= 0 && task->info_number == number)
		return task_descriptor_flags(task->info);
	info = task_open_descriptor_info(callers->proc, tid, number);
	if (is_short(info)) {
		forget_all(callers);
		info = task_open_descriptor_info(callers->proc, tid, number);
	}
	if (info >= 0 && task->tid == tid) {
		descriptor_close(&task->info);
		task->info = descriptor_steal(&info);
		task->info_number = number;
		return task_descriptor_flags(task->info);
	}
	return info < 0 ? info : task_descriptor_flags(info);
}

int callers_is_close_on_exec(struct callers *callers, pid_t tid, int number)
{
	int flags = descriptor_flags(callers, tid, number);

	if (flags < 0)
		return flags;
	return (flags & O_CLOEXEC) != 0;
}

/* The signals for tid's process that tid does not block; 0 if it has gone. */
static uint64_t process_signals(const struct callers *callers, pid_t tid,
				struct task_status *ret_status)
{
	if (task_read_status(callers->proc, tid, ret_status) < 0)
		return 0;
	return ret_status->process_pending & ~ret_status->blocked;
}

/*
 * Whether nobody but tid can take one of signals. A thread that took it blocks it while its handler
 * runs: so the signal must still be there after the look at what the others block.
 */
static bool takes_alone(const struct callers *callers, pid_t tid, uint64_t signals)
{
	struct task_status status;

	signals &= task_blocked_by_others(callers->proc, tid);
	return signals != 0 && (signals & process_signals(callers, tid, &status)) != 0;
}

/* What of a process's signals is the thread's to take, though others could; see caller.h. */
static bool takes_seen_signal(struct callers *callers, pid_t tid, const struct task_status *status,
			      uint64_t signals)
{
	uint64_t before = callers->signalled == tid ? callers->signals_seen : 0;

	callers->signalled = tid;
	callers->signals_seen = signals;
	return (pid_t)status->process == tid && (before & signals) != 0;
}

bool callers_has_signal(struct callers *callers, pid_t tid)
{
	struct task_status status = { 0 };
	uint64_t signals = process_signals(callers, tid, &status);

	if ((status.pending & ~status.blocked) != 0)
		return true;
	if (signals == 0)
		return false;
	if (status.threads == 1 || takes_alone(callers, tid, signals))
		return true;
	return takes_seen_signal(callers, tid, &status, signals);
}

bool callers_has_capability(struct callers *callers, pid_t tid, int capability)
{
	struct task_status status;

	if (task_read_status(callers->proc, tid, &status) < 0)
		return false;
	return (status.capabilities >> capability & 1) != 0;
}

void callers_name(struct callers *callers, pid_t tid, char buffer[static 16])
{
	ssize_t length = task_read_file(callers->proc, tid, "comm", buffer, 16);

	if (length < 0)
		length = 0;
	else if (length > 0 && buffer[length - 1] == '\n')
		length--;
	buffer[length] = '\0';
}

pid_t callers_process(struct callers *callers, pid_t tid)
{
	struct task_status status;
	int error = task_read_status(callers->proc, tid, &status);

	return error < 0 ? error : (pid_t)status.process;
}

void callers_note_epoll(struct callers *callers, pid_t tid)
{
	pid_t process = callers_process(callers, tid);

	if (process > 0)
		epolls_note(callers->epolls, process);
}

/* The process of a thread that was pinned is not asked for again: it stays the same. */
static pid_t known_process(struct callers *callers, pid_t tid)
{
	struct task *task = task_of(callers, tid);
	pid_t process;

	if (task->tid == tid && task->process != 0)
		return task->process;
	process = callers_process(callers, tid);
	if (task->tid == tid && process > 0)
		task->process = process;
	return process;
}

const int *callers_epolls(struct callers *callers, pid_t tid, size_t *ret_count)
{
	pid_t process = known_process(callers, tid);

	*ret_count = 0;
	if (process < 0)
		return NULL;
	if (process == tid || shares_table(tid, process))
		return epolls_of_process(callers->epolls, process, tid, ret_count);
	return epolls_look(callers->epolls, tid, ret_count);
}
