/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations of a socket in a container's epoll instances: reading them before it is replaced,
 * and making them again for the socket that takes its place.
 */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

struct callers;

/* An epoll instance is asked about number by (file, number), so that both must be right. */
struct registration {
	int epoll;	 /* its number in the caller's table */
	int number;	 /* under which the socket was registered */
	uint32_t events; /* EPOLLET, EPOLLONESHOT and the like included */
	uint64_t data;
};

struct registrations;

/*
 * proc: a descriptor of /proc, borrowed. Starts a thread with a descriptor table of its own. NULL
 * with errno set.
 */
struct registrations *registrations_new(struct callers *callers, int proc);

/* NULL is allowed. */
void registrations_free(struct registrations *registrations);

/*
 * Appends to list (struct registration) those of socket, a descriptor of ours, in the epoll
 * instances of tid: under any number, if it is registered under number with one of them.
 */
void registrations_read(struct registrations *registrations, pid_t tid, int socket, int number,
			GArray *list);

/* Appends those under any number, reading all that tid's instances know. */
void registrations_read_all(struct registrations *registrations, pid_t tid, int socket,
			    GArray *list);

/*
 * Makes those of list again for socket. What can't be made (an instance that was closed meanwhile)
 * is left out.
 *
 * One that was used up (EPOLLONESHOT) is made without events, as it was; only a hang-up of the
 * connection, which the kernel always adds, may be reported once more.
 */
void registrations_make(struct registrations *registrations, pid_t tid, int socket,
			const GArray *list);
