/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for short-lived children, with a deadline. */
#pragma once

#include <sys/types.h>

/*
 * Waits until the child pid has ended and reaps it; after timeout_ms it is killed. Returns 0 with
 * its wait status in *ret_status, -ETIMEDOUT if it had to be killed, or another -errno (-ECHILD if
 * the process ignores SIGCHLD).
 */
int child_wait(pid_t pid, int timeout_ms, int *ret_status);
