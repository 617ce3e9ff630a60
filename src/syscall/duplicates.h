/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who else holds an open file. The kernel doesn't say, but an epoll instance forgets a file when
 * its last descriptor goes: so the file is put into one of ours, our own descriptor is closed, and
 * if it is still in there, somebody holds it. The instance is then what kcmp(2) compares with.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct duplicates;

/* proc: a descriptor of /proc, borrowed. NULL with errno set. */
struct duplicates *duplicates_new(int proc);

/* NULL is allowed. */
void duplicates_free(struct duplicates *duplicates);

/* From now on it is fd's file that all is about; fd stays the caller's. Returns 0 or -errno. */
int duplicates_watch(struct duplicates *duplicates, int fd);

/* True as long as anybody, we included, holds it; asked of the kernel each time. */
bool duplicates_exist(struct duplicates *duplicates);

/* True if descriptor number in tid's table is that file. */
bool duplicates_is_one(const struct duplicates *duplicates, pid_t tid, int number);

/* Appends the numbers (int) under which it is in tid's table to numbers. Returns 0 or -errno. */
int duplicates_list(const struct duplicates *duplicates, pid_t tid, GArray *numbers);

/*
 * A copy of it, the caller's, from the table of any task outside our network namespace that has it;
 * -ENOENT: none has. Looks at every process that we may look at.
 */
int duplicates_obtain(const struct duplicates *duplicates);
