/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of src/syscall/caller.c share. */
#pragma once

#include <check.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "call_world.h"
#include "syscall/caller.h"

/* Parts of scripts. */
/* clang-format off */
#define TCP AF_INET, SOCK_STREAM, 0
#define CONNECT { SYS_connect, { SOCKET, DATA, 16 }, false }
#define MAKE_EPOLL { SYS_epoll_create1, { 0 }, false }
/* clang-format on */

/* The fixture: a box under the filter. */
extern struct callers *callers;
void start_callers(void);
void stop_callers(void);

/* A process that waits in connect(2), in ways that the script adds. */
struct waiting {
	struct caller caller;
	struct seccomp_notif call;
	pid_t tid;
	int socket; /* the number in its table */
};

struct waiting wait_in_connect(struct script script);

/* Has the call come to 0, and ends the process. */
void end_wait(struct waiting *waiting);

/* From here on the test itself has a call refused, where its argument 1 has the bits of value. */
void refuse(int call, uint64_t value, int error);

/* The part of the tests that is about epoll instances. */
TCase *caller_epoll_cases(void);
