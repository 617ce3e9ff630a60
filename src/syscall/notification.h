/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seccomp user notification, seccomp_unotify(2): the only place that knows the listener's ioctls.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Fills *notification (its old content is cleared) with the next call; blocks unless poll(2) said
 * that there is one. Returns 0, -ENOENT if that caller, or every task under the filter, has gone,
 * -EINTR, or another -errno; id is 0 then.
 */
int notification_receive(int listener, struct seccomp_notif *notification);

/*
 * True while the caller still waits in the call id: what was read of it under its thread id before
 * is truly its own.
 */
bool notification_is_alive(int listener, uint64_t id);

/*
 * Ends the call with value, or with -1 and errno error where error is not 0 (error 512,
 * ERESTARTSYS of the kernel, is for callers with a signal pending only: others would see it).
 * Returns 0 or -errno (-ENOENT: the caller has gone; -EINPROGRESS: answered already).
 */
int notification_answer(int listener, uint64_t id, int error, int64_t value);

/* Lets the kernel do the call, which reads its arguments again. Returns as above. */
int notification_continue(int listener, uint64_t id);

/*
 * Puts a copy of fd over descriptor number of the caller's table, close-on-exec or not. Returns 0
 * or -errno (-ENOENT: the caller has gone; -EBADF, -EMFILE: no place in its table; -EINPROGRESS:
 * answered already).
 */
int notification_put_descriptor(int listener, uint64_t id, int fd, int number, bool close_on_exec);

/*
 * Puts a copy of fd at the lowest free number of the caller's table, close-on-exec or not, and ends
 * the call with that number, both at once (Linux 5.14). Returns the number or -errno (-ENOENT: the
 * caller has gone; -EMFILE: its table is full; -EINPROGRESS: answered already).
 */
int notification_add_descriptor(int listener, uint64_t id, int fd, bool close_on_exec);

/* Asks for wake-ups on the same CPU (Linux 6.6); returns 0 or -errno (-EINVAL before). */
int notification_set_synchronous(int listener);
