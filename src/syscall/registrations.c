/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations in epoll instances.
 *
 * The kernel tells of them in /proc/TID/fdinfo/EPOLL, all at once, which takes long for an instance
 * with thousands; so kcmp(2) says first whether the socket is in there at all under the number that
 * the caller uses.
 *
 * An instance remembers the file and the number that it was registered under, and programs will
 * modify it by that number. So it must be made with the same number, from a table where the new
 * socket is there: that of a thread that shares everything but descriptors with this process, and
 * takes what it needs from ours with pidfd_getfd(2).
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/caller.h"
#include "syscall/registrations.h"

enum job_state {
	JOB_NONE,
	JOB_WAITS,
	JOB_ENDS_THREAD,
};

struct registrations {
	struct callers *callers;
	int proc;
	pid_t self;
	GThread *thread;
	GMutex mutex; /* for what follows */
	GCond changed;
	enum job_state state;
	int start_result; /* 1: not known yet */
	int socket;	  /* numbers of the main table */
	int epoll;
	struct registration job;
};

/* -- the thread ------------------------------------------------------------------------------- */

/* Moves *fd away from number. */
static int move_away(int *fd, int number)
{
	int moved;

	if (*fd != number)
		return 0;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, 0);
	if (moved < 0)
		return -errno;
	descriptor_close(fd);
	*fd = moved;
	return 0;
}

static void make_one(int *pidfd, int socket_number, int epoll_number,
		     const struct registration *job)
{
	CLEANUP_CLOSE int socket = (int)syscall(SYS_pidfd_getfd, *pidfd, socket_number, 0);
	CLEANUP_CLOSE int epoll = (int)syscall(SYS_pidfd_getfd, *pidfd, epoll_number, 0);
	struct epoll_event event = { .events = job->events, .data.u64 = job->data };

	if (socket < 0 || epoll < 0)
		return;
	if (move_away(pidfd, job->number) < 0 || move_away(&epoll, job->number) < 0 ||
	    move_away(&socket, job->number) < 0)
		return;
	if (dup3(socket, job->number, O_CLOEXEC) < 0)
		return;
	/* EEXIST: an instance that the caller has under two numbers. */
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, job->number, &event);
	close(job->number);
}

/* Leaves the process's table for an empty one that has nothing but a pidfd of the process. */
static int leave_table(pid_t process)
{
	int pidfd;

	if (unshare(CLONE_FILES) < 0)
		return -errno;
	if (syscall(SYS_close_range, 0U, ~0U, 0U) < 0)
		return -errno;
	pidfd = (int)syscall(SYS_pidfd_open, process, 0);
	return pidfd < 0 ? -errno : pidfd;
}

static void *run_thread(void *data)
{
	struct registrations *registrations = data;
	CLEANUP_CLOSE int pidfd = leave_table(registrations->self);
	bool ends = pidfd < 0;

	g_mutex_lock(&registrations->mutex);
	registrations->start_result = pidfd < 0 ? pidfd : 0;
	g_cond_broadcast(&registrations->changed);
	while (!ends) {
		while (registrations->state == JOB_NONE)
			g_cond_wait(&registrations->changed, &registrations->mutex);
		ends = registrations->state == JOB_ENDS_THREAD;
		if (!ends)
			make_one(&pidfd, registrations->socket, registrations->epoll,
				 &registrations->job);
		registrations->state = JOB_NONE;
		g_cond_broadcast(&registrations->changed);
	}
	g_mutex_unlock(&registrations->mutex);
	return NULL;
}

/* Hands a job to the thread and waits until it is done: a few system calls that don't wait. */
static void do_job(struct registrations *registrations, enum job_state state)
{
	g_mutex_lock(&registrations->mutex);
	registrations->state = state;
	g_cond_broadcast(&registrations->changed);
	while (registrations->state != JOB_NONE)
		g_cond_wait(&registrations->changed, &registrations->mutex);
	g_mutex_unlock(&registrations->mutex);
}

struct registrations *registrations_new(struct callers *callers, int proc)
{
	struct registrations *registrations = g_new0(struct registrations, 1);
	int result;

	registrations->callers = callers;
	registrations->proc = proc;
	registrations->self = getpid();
	registrations->start_result = 1;
	g_mutex_init(&registrations->mutex);
	g_cond_init(&registrations->changed);
	registrations->thread = g_thread_try_new("registrations", run_thread, registrations, NULL);
	g_mutex_lock(&registrations->mutex);
	while (registrations->thread && registrations->start_result > 0)
		g_cond_wait(&registrations->changed, &registrations->mutex);
	g_mutex_unlock(&registrations->mutex);
	result = registrations->thread ? registrations->start_result : -EAGAIN;
	if (result == 0)
		return registrations;
	registrations_free(registrations);
	errno = -result;
	return NULL;
}

void registrations_free(struct registrations *registrations)
{
	if (!registrations)
		return;
	if (registrations->thread) {
		if (registrations->start_result == 0)
			do_job(registrations, JOB_ENDS_THREAD);
		g_thread_join(registrations->thread);
	}
	g_mutex_clear(&registrations->mutex);
	g_cond_clear(&registrations->changed);
	g_free(registrations);
}

/* -- reading ---------------------------------------------------------------------------------- */

/*
 * True if the epoll instance of tid knows socket, a descriptor of ours, under number; also if that
 * can't be said. Several files can be registered under one number, one after the other.
 */
static bool is_registered(const struct registrations *registrations, pid_t tid, int epoll,
			  int socket, int number)
{
	struct kcmp_epoll_slot slot = { .efd = (uint32_t)epoll, .tfd = (uint32_t)number };
	long result;

	do {
		result = syscall(SYS_kcmp, registrations->self, tid, KCMP_EPOLL_TFD, socket, &slot);
		slot.toff++;
	} while (result > 0);
	return result == 0 || (errno != ENOENT && errno != EBADF && errno != EINVAL);
}

/* Reads "tfd: 5 events: 19 data: 5  pos:0 ino:8b1f sdev:8"; sdev as the kernel counts devices. */
static bool read_line(const char *line, ino_t inode, struct registration *ret_registration)
{
	struct registration registration = { 0 };
	uint64_t number;

	if (sscanf(line, "tfd: %d events: %" SCNx32 " data: %" SCNx64 " pos:%*d ino:%" SCNx64,
		   &registration.number, &registration.events, &registration.data, &number) != 4)
		return false;
	if (number != inode)
		return false;
	*ret_registration = registration;
	return true;
}

/* Appends what the epoll instance knows of socket, which has that inode number. */
static void read_instance(const struct registrations *registrations, pid_t tid, int epoll,
			  ino_t inode, GArray *list)
{
	struct registration registration;
	char path[64];
	char *line = NULL;
	size_t size = 0;
	FILE *stream;
	int fd;

	snprintf(path, sizeof(path), "%d/fdinfo/%d", tid, epoll);
	fd = openat(registrations->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	stream = fdopen(fd, "re");
	if (!stream) {
		close(fd);
		return;
	}
	while (getline(&line, &size, stream) >= 0) {
		if (read_line(line, inode, &registration)) {
			registration.epoll = epoll;
			g_array_append_val(list, registration);
		}
	}
	free(line);
	fclose(stream);
}

/* number: -1 for any. */
static void read_instances(struct registrations *registrations, pid_t tid, int socket, int number,
			   GArray *list)
{
	size_t count = 0;
	const int *epolls = callers_epolls(registrations->callers, tid, &count);
	struct stat facts;

	if (count == 0 || fstat(socket, &facts) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (number < 0 || is_registered(registrations, tid, epolls[i], socket, number))
			read_instance(registrations, tid, epolls[i], facts.st_ino, list);
}

void registrations_read(struct registrations *registrations, pid_t tid, int socket, int number,
			GArray *list)
{
	read_instances(registrations, tid, socket, number, list);
}

void registrations_read_all(struct registrations *registrations, pid_t tid, int socket,
			    GArray *list)
{
	read_instances(registrations, tid, socket, -1, list);
}

/* -- making ----------------------------------------------------------------------------------- */

void registrations_make(struct registrations *registrations, pid_t tid, int socket,
			const GArray *list)
{
	for (unsigned int i = 0; i < list->len; i++) {
		const struct registration *job = &g_array_index(list, struct registration, i);
		CLEANUP_CLOSE int epoll = callers_pin(registrations->callers, tid, job->epoll);

		if (epoll < 0)
			continue;
		g_mutex_lock(&registrations->mutex);
		registrations->socket = socket;
		registrations->epoll = epoll;
		registrations->job = *job;
		g_mutex_unlock(&registrations->mutex);
		do_job(registrations, JOB_WAITS);
	}
}
