/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs that compare starts, under the names that its commands have for them. */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct toolbox;

/*
 * Makes a private directory with a "bin" in it that has "slirpway" (slirpway, or the running
 * program for NULL) and "slirpway-workload", and puts that first in PATH; and one for the files of
 * a world. Returns NULL with error set.
 */
struct toolbox *toolbox_open(const char *slirpway, GError **error);

/* Puts a program under that name before all others in PATH. Returns false with error set. */
bool toolbox_add(struct toolbox *toolbox, const char *name, const char *target, GError **error);

/* The empty directory; the toolbox's. */
const char *toolbox_world(const struct toolbox *toolbox);

/* The delay line's program, or NULL where there is none; the toolbox's. */
const char *toolbox_relay(const struct toolbox *toolbox);

/* Removes it all; NULL is allowed. */
void toolbox_close(struct toolbox *toolbox);
