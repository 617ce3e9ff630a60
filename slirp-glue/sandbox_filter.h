/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's system call filter (seccomp(2)). */
#pragma once

#include <stdbool.h>

/*
 * Lets this process make only the system calls that a sealed engine needs, all threads, for ever.
 * unix_sockets: AF_UNIX sockets may be made too. Returns 0 or -errno.
 */
int sandbox_filter_load(bool unix_sockets);
