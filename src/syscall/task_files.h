/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of a task, proc(5); most of it is one open, one read and one close each. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Lines of /proc/TID/status; sets are bit masks, bit n - 1 for signal n, bit n for capability n. */
struct task_status {
	uint64_t umask;
	uint64_t process;	  /* Tgid */
	uint64_t file_user;	  /* the fourth of Uid: as which it accesses files */
	uint64_t threads;	  /* of that process */
	uint64_t pending;	  /* signals for the thread */
	uint64_t process_pending; /* signals for the process */
	uint64_t blocked;	  /* by the thread */
	uint64_t capabilities;	  /* effective, in the thread's user namespace */
};

/* Fills *ret_status; returns 0 or -errno (-ESRCH: there is no such task). proc: of /proc. */
int task_read_status(int proc, pid_t tid, struct task_status *ret_status);

/*
 * Opens /proc/TID/NAME, close-on-exec. Returns the descriptor, the caller's, or -errno (-ESRCH:
 * there is no such task, or no such file of it). flags are open(2)'s.
 */
int task_open_file(int proc, pid_t tid, const char *name, int flags);

/*
 * Reads at most size - 1 bytes of /proc/TID/NAME and ends them with a NUL. Returns how many, or
 * -errno (-ESRCH: there is no such task, or no such file of it).
 */
ssize_t task_read_file(int proc, pid_t tid, const char *name, char *buffer, size_t size);

/*
 * A descriptor of /proc/TID/fdinfo/NUMBER, the caller's, or -errno (-EBADF: tid has no such
 * descriptor).
 */
int task_open_descriptor_info(int proc, pid_t tid, int number);

/*
 * The flags (O_CLOEXEC and others) that number has now, info being of task_open_descriptor_info, or
 * -errno (-EBADF: it has been closed). It may be asked as often as one likes.
 */
int task_descriptor_flags(int info);

/*
 * True if tid can surely have no further descriptor: as many are open as its limit allows. Before
 * Linux 6.2 the kernel doesn't tell how many they are, and it is never true.
 */
bool task_table_is_full(int proc, pid_t tid);

/* The signals, as in struct task_status, that every thread of tid's process but tid blocks. */
uint64_t task_blocked_by_others(int proc, pid_t tid);
