/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals of this process as events of the main loop, and the way back for what it executes. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <sys/signalfd.h>

struct signals;

typedef void (*signals_func)(const struct signalfd_siginfo *info, void *data);

/*
 * Blocks the count signals of numbers and calls func on the default main context for each that
 * arrives. SIGPIPE is ignored and SIGCHLD has its default from now on. To be called before anything
 * is forked. Returns NULL with error set.
 */
struct signals *signals_take(const int *numbers, size_t count, signals_func func, void *data,
			     GError **error);

/*
 * In a forked child that will execute another program: mask and dispositions as this process found
 * them. Calls nothing that signal-safety(7) forbids.
 */
void signals_restore(const struct signals *signals);

/* Leaves the signals blocked, for the process is about to end; NULL is allowed. */
void signals_free(struct signals *signals);
