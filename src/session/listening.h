/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a program listens: read from the kernel's tables of TCP sockets, proc_net(5). */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/address.h"

/*
 * True if the text of a table, such as /proc/PID/net/tcp or tcp6, has a listening socket that gets
 * connections to endpoint: one of its port, on its address or on all. Pure.
 */
bool listening_in_table(const char *text, const struct endpoint *endpoint);

/* True if a socket of the network namespace that process pid is in gets connections to endpoint;
 * false also where that can't be told. */
bool listening_in_process(pid_t pid, const struct endpoint *endpoint);
