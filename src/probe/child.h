/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts in a process of their own, so that what they change ends with it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Something to try in the calling process, which ends afterwards. Returns true, with what it found
 * appended to detail, or false with error set.
 */
typedef bool (*child_attempt)(int argument, GString *detail, GError **error);

/*
 * Forks, calls attempt with argument in the child, and waits for it at most ten seconds. Returns
 * what it returned, with *ret_detail (owned; NULL if it found nothing to tell) or error as it set
 * them; false with error set also if the child died.
 */
bool child_try(child_attempt attempt, int argument, char **ret_detail, GError **error);

/*
 * Forks a child that makes namespaces by make and then waits; calls use with its process id, and
 * has it end. Returns false with error set if make failed, or use did.
 */
bool child_hold(bool (*make)(GError **error), bool (*use)(pid_t pid, GError **error),
		GError **error);
