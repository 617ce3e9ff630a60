/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's event loop: epoll(7), one callback per descriptor, and timers. */
#pragma once

#include <stdint.h>

struct loop;
struct loop_timer;

/* events are EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP as epoll_wait(2) reports them. */
typedef void (*loop_ready_func)(int fd, uint32_t events, void *data);
typedef void (*loop_timer_func)(void *data);

/* Returns NULL with errno set if there is no epoll descriptor to be had. */
struct loop *loop_new(void);

/* NULL is allowed. Not within a callback; every timer must have been freed before. */
void loop_free(struct loop *loop);

/*
 * Calls ready whenever fd has one of events (level-triggered; EPOLLERR and EPOLLHUP are always
 * among them); a second call for the same fd changes events, ready and data, and costs no system
 * call if events are the same. The descriptor stays the caller's. Returns 0 or -errno (-EPERM for a
 * regular file, which is always ready); after an error fd is not watched.
 */
int loop_watch(struct loop *loop, int fd, uint32_t events, loop_ready_func ready, void *data);

/*
 * Forgets fd; to be called before it is closed, for a number that was closed and reused meanwhile
 * is noticed only if the next loop_watch asks for other events. Safe within any callback: events of
 * this turn that are not delivered yet never reach it, nor a later owner of the number. Unknown
 * descriptors and -1 are allowed.
 */
void loop_unwatch(struct loop *loop, int fd);

/* A timer that is not set; never NULL. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_func expired, void *data);

/*
 * Sets it to expire once at the given time of loop_now, or never if 0; replaces the time set
 * before. Within a timer's callback a time that has passed means the next turn.
 */
void loop_timer_set(struct loop_timer *timer, uint64_t at_ns);

/* NULL is allowed. Safe within its own callback. */
void loop_timer_free(struct loop_timer *timer);

/* CLOCK_MONOTONIC in nanoseconds, read once per turn. */
uint64_t loop_now(const struct loop *loop);

/* The same after reading the clock again. */
uint64_t loop_read_clock(struct loop *loop);

/*
 * Waits for at most timeout_ms (-1: no limit) or until the next timer, and calls back what is
 * ready: descriptors, then timers. Returns the number of descriptors that were (0 after a signal),
 * or -errno.
 */
int loop_turn(struct loop *loop, int timeout_ms);
