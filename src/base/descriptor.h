/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File descriptors: ownership, passing them over sockets, small reads and writes. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Closes *fd if it is >= 0, keeps errno, and sets it to -1. */
void descriptor_close(int *fd);

/* A local descriptor that closes when its scope ends. */
#define CLEANUP_CLOSE __attribute__((cleanup(descriptor_close)))

/* Takes the value out of *fd and leaves -1: the hand-over of an owned descriptor. */
int descriptor_steal(int *fd);

/* Sets O_NONBLOCK; returns 0 or -errno. */
int descriptor_set_nonblocking(int fd);

/* Clears close-on-exec, so that the descriptor survives the next execve; returns 0 or -errno. */
int descriptor_keep_over_exec(int fd);

/*
 * Opens /dev/null for each of standard input, output and error that is closed, so that nothing else
 * gets its number; close-on-exec, so that other programs find it closed as we did. Returns 0 or
 * -errno.
 */
int descriptor_fill_standard(void);

/* A SOCK_SEQPACKET pair, both ends CLOEXEC; returns 0 or -errno. */
int descriptor_pair(int ret_pair[2]);

#define DESCRIPTORS_PER_MESSAGE 8

/*
 * Sends one packet of length bytes with count descriptors (they stay the caller's). Returns 0 or
 * -errno; -EAGAIN on a full non-blocking socket; never raises SIGPIPE.
 */
int descriptor_send(int socket, const void *data, size_t length, const int *fds, size_t count);

/*
 * Receives one packet of at most size bytes; descriptors that come along are put into fds (CLOEXEC,
 * now the caller's), *ret_count of at most DESCRIPTORS_PER_MESSAGE; the rest of fds is -1. Returns
 * the packet's length, 0 at the end of the stream, or -errno (-EMSGSIZE if it did not fit).
 */
ssize_t descriptor_receive(int socket, void *data, size_t size,
			   int fds[static DESCRIPTORS_PER_MESSAGE], size_t *ret_count);

/*
 * Waits until fd can be read or its other end has gone, over EINTR. Returns 0, -ETIMEDOUT after
 * timeout_ms, or another -errno.
 */
int descriptor_wait_readable(int fd, int timeout_ms);

/* Writes all of it to a blocking descriptor, over EINTR; returns 0 or -errno. */
int descriptor_write_all(int fd, const void *data, size_t length);

/* Raises RLIMIT_NOFILE to its hard limit, at most limit; returns the soft limit that now holds. */
uint64_t descriptor_raise_limit(uint64_t limit);

/* count, or an eighth of the descriptors that this process may have, if that is less; at least 1.
 */
uint32_t descriptor_share(uint32_t count);
