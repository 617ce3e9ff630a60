/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells when a network namespace that we were attached to has come to its end. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "namespace/join.h"

struct lifetime;

/*
 * Watches on the default main context. A namespace named by a process, or by a path such as
 * /proc/PID/ns/net, ends when no process that we can see is in it any more (each is watched by a
 * pidfd, nothing polls); one named by another path ends when the path leads elsewhere or nowhere.
 * ended is called once, and may call lifetime_free(). Returns NULL with error set; so always for a
 * process before Linux 5.3, which has no pidfds.
 */
struct lifetime *lifetime_watch(const struct namespace_target *target, void (*ended)(void *data),
				void *data, GError **error);

/* Ends the watch; NULL is allowed. */
void lifetime_free(struct lifetime *lifetime);
