/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of what somebody writes into a pipe, so that it can be shown if it matters. */
#pragma once

#include <glib.h>

struct output_tail;

/*
 * Makes a pipe and reads from it on the default main context. *ret_writer is the end to write into,
 * close-on-exec, the caller's. Returns NULL with error set.
 */
struct output_tail *output_tail_new(int *ret_writer, GError **error);

/* NULL is allowed. */
void output_tail_free(struct output_tail *tail);

/* Takes what lies in the pipe now; writers may still have it open. */
void output_tail_drain(struct output_tail *tail);

/*
 * The last lines, at most 4 KiB of them, as UTF-8 that is fit for a terminal, for the caller to
 * free; "" if there are none. *ret_left_out is the number of bytes before them.
 */
char *output_tail_text(const struct output_tail *tail, guint64 *ret_left_out);
