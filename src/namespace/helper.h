/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A forked child that joins namespaces, opens something there and sends its descriptor back. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "namespace/join.h"

/* Room for what a helper tells beside the descriptor. */
#define HELPER_RESULT_MAX 128

/*
 * Opens something as argument says. Returns a descriptor, with up to HELPER_RESULT_MAX bytes of
 * result filled, or -1 with error set (result is told then, too).
 */
typedef int (*helper_open_func)(const void *argument, void *result, GError **error);

/*
 * Has open called in a child that has joined namespaces; waits for it (at most ten seconds) and
 * reaps it. what names the thing in errors: "the device". *ret_fd is the caller's, close-on-exec.
 * size bytes of result are copied back in any case where the child answered. Returns false with
 * error set. Nobody else may reap children of unknown pid meanwhile.
 */
bool helper_open(const struct namespaces *namespaces, const char *what, helper_open_func open,
		 const void *argument, void *result, size_t size, int *ret_fd, GError **error);
