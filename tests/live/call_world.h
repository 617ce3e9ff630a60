/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of trapped calls share: a box under the filter, and processes in it that
 * call. */
#pragma once

#include <check.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "box.h"
#include "syscall/filter.h"

struct callers;

/* In place of an argument: what only the process that calls can know. */
#define MARK(number) (UINT64_C(0x7a11000000000000) + (number))
#define SOCKET MARK(1)		   /* its socket */
#define DATA MARK(2)		   /* the address of the script's data */
#define PAGE_END MARK(3)	   /* four bytes before the end of what can be read */
#define RESULT(n) (MARK(16) + (n)) /* the value of its call n */

#define CALLS_MAX 4

struct call {
	long number;
	uint64_t arguments[6];
	bool foreign; /* by int 0x80 */
};

/* What a process does. With domain != 0 a socket of that kind is made before. */
struct script {
	int domain, type, protocol;
	struct call calls[CALLS_MAX];
	size_t call_count;
	int handled;	   /* a signal that gets a handler without ... */
	int signal_flags;  /* ... or with these flags */
	int blocked;	   /* a signal that is blocked */
	int first_blocks;  /* a signal that only the second thread does not block */
	bool idle_thread;  /* there is a second thread, which calls nothing */
	bool threaded;	   /* from a second thread */
	bool own_table;	   /* which has a table of descriptors of its own */
	bool unprivileged; /* without capabilities */
	bool under_filter; /* which it installs itself, of this kind; */
	enum filter_kind filter;
	char name[16];
	uint8_t data[32];
};

/* What a call came to. */
struct outcome {
	int64_t value;
	int32_t error;
	int32_t socket_flags; /* F_GETFD of the socket afterwards */
};

/* A process that runs a script. */
struct caller {
	pid_t pid;
	int outcomes; /* the end of a pipe to read from */
};

/* The fixture: a box under no filter yet, and a descriptor of /proc. */
extern struct box box;
extern int proc;
void start_world(void);
void stop_world(void);

/* Puts the box under the filter, and takes the listener by pidfd_getfd(2). */
extern int listener;
void install_filter(enum filter_kind kind);

/* Starts a process of the box on the script; takes the listener if it installs the filter. */
struct caller start_caller(const struct script *script);
/* Ends it: its id is nobody's then. */
void stop_caller(struct caller *caller);

/* The next call that is trapped; fails the test after ten seconds, or if it isn't number. */
struct seccomp_notif await_call(long number);

/* What the caller's next call came to; fails the test after ten seconds. */
struct outcome await_outcome(const struct caller *caller);

/* Asserts what it came to: an errno, or 0 and any value. */
void check_outcome(const struct caller *caller, int error);

/* True if nothing is trapped at the moment. */
bool nothing_trapped(void);
