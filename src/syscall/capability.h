/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a task may do to a socket's network namespace, user_namespaces(7). */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * True if thread tid has the capability (a number of capabilities(7)) over the network namespace
 * of socket: in the user namespace that owns it, or in one that this is inside of. A task that made
 * a user namespace of its own has all capabilities there, and none over what is outside. The
 * calling process must itself have CAP_NET_ADMIN over the namespace, as its owner has. False where
 * it can't be told. proc: of /proc.
 */
bool capability_over_socket(int proc, pid_t tid, int socket, int capability);
