/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child process that is root of new user, network, mount and process namespaces. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/*
 * Forks a child that is process 1 of new namespaces, with a /proc of its own and no say over the
 * mounts outside; it dies with the calling process, and all that it starts with it. It calls begin,
 * whose result is its exit status. Returns its process id, the caller's to wait for, or -1 with
 * error set. The calling process must have one thread.
 */
pid_t world_fork(int (*begin)(void *data), void *data, GError **error);
