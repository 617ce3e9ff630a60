/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the namespaces of others can't be opened or joined, in words that help. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Sets error for the errno value number of opening what /proc/PID/NAME links to ("ns/net"); says so
 * if the process is another user's.
 */
void target_refusal_set_open_error(GError **error, int number, pid_t pid, const char *name);

/*
 * Sets error for the errno value number of joining the network namespace of the descriptor netns
 * (setns(2)), in the process that tried it. of_process: it was found by a process, not by a path.
 */
void target_refusal_set_join_error(GError **error, int number, int netns, bool of_process);
