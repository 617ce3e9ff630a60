/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tasks that wait in a trapped call: their descriptors, memory, rights and signals. Everything
 * read here may be another task's by the time it is read (thread ids are used again):
 * notification_is_alive afterwards tells that it was not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct callers;

/* proc: a descriptor of /proc, borrowed. */
struct callers *callers_new(int proc);

/* NULL is allowed. */
void callers_free(struct callers *callers);

/*
 * The descriptor number of thread tid's table, pinned with pidfd_getfd(2): a copy of ours,
 * close-on-exec, the caller's to close; -errno (-EBADF, -ESRCH, -EPERM; -EMFILE: ours are used up;
 * -EOPNOTSUPP before Linux 6.9: tid is not its process's first thread, and has a table of its own).
 * pidfds are kept, up to 1024, and checked by use.
 */
int callers_pin(struct callers *callers, pid_t tid, int number);

/*
 * Copies length bytes at address of tid's memory, process_vm_readv(2). 0 or -EFAULT (also where
 * only a part can be read), -ESRCH, -EPERM.
 */
int callers_read(struct callers *callers, pid_t tid, uint64_t address, void *buffer, size_t length);

/*
 * The same for length bytes altogether in count places (at most 1024) of tid's memory, one after
 * the other.
 */
int callers_gather(struct callers *callers, pid_t tid, const struct iovec *places, size_t count,
		   void *buffer, size_t length);

/*
 * True if tid's process has no other thread. Where no descriptor table is shared between processes
 * (shared_state_has_sharing), tid alone can change what its numbers mean then.
 */
bool callers_is_single(struct callers *callers, pid_t tid);

/* Writes there; as above. For results that a call gives back (lengths, addresses). */
int callers_write(struct callers *callers, pid_t tid, uint64_t address, const void *data,
		  size_t length);

/* Of /proc/TID/fdinfo: 1 if descriptor number is close-on-exec, 0 if not, or -errno. */
int callers_is_close_on_exec(struct callers *callers, pid_t tid, int number);

/*
 * True if a signal waits that tid does not block, and that the kernel has surely chosen tid for:
 * one for the thread, or one for the process which no other thread could take. Of a process's
 * signal that others could take too, only the first thread is told, as the kernel prefers it, and
 * only when the look before saw the signal already: to be asked again and again, some milliseconds
 * apart.
 */
bool callers_has_signal(struct callers *callers, pid_t tid);

/*
 * True if tid has that capability (a number of capabilities(7)) in its own user namespace, which
 * may be one inside the container's: capability_over_socket tells what it may do to a socket.
 */
bool callers_has_capability(struct callers *callers, pid_t tid, int capability);

/* Copies the thread's name (comm) to buffer, "" if it has gone. */
void callers_name(struct callers *callers, pid_t tid, char buffer[static 16]);

/* The process (thread group) of tid; -errno. Costs a read of /proc. */
pid_t callers_process(struct callers *callers, pid_t tid);

/*
 * tid made an epoll instance (epoll_create was trapped): the next callers_epolls of its process
 * looks again.
 */
void callers_note_epoll(struct callers *callers, pid_t tid);

/*
 * The numbers of tid's epoll descriptors, *ret_count of them, borrowed until the next call. Known
 * from one look at the process's table and from callers_note_epoll since; a thread with a table of
 * its own is looked at each time. To be called after callers_pin in the same call, which notices
 * when the thread id is another thread's by now.
 */
const int *callers_epolls(struct callers *callers, pid_t tid, size_t *ret_count);
