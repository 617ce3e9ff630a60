/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Landlock domain in which no task can bind or connect a TCP socket by itself, landlock(7). */
#pragma once

#include <stdbool.h>

/*
 * Puts the calling thread and all that it will start into the domain; files, mounts and signals are
 * not touched. The thread must have CAP_SYS_ADMIN in its user namespace or no_new_privs. Returns 0,
 * -EOPNOTSUPP where the kernel doesn't know it (before Linux 6.7), or has it turned off, or another
 * -errno.
 */
int wall_raise(void);

/* True if wall_raise would succeed: tried in a child, which is reaped. */
bool wall_can_be_raised(void);
