/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The published ports of a session: the table of those that are open, and the engine told of it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/forward.h"
#include "session/engine_process.h"
#include "session/session.h"

struct forwards;

/* An empty table; with v6 false, forwards of IPv6 are refused. */
struct forwards *forwards_new(bool v6);

/* To be called after the engine has been freed, for that answers what is still asked; NULL is
 * allowed. */
void forwards_free(struct forwards *forwards);

/* From now on engine is asked; it is the caller's. */
void forwards_set_engine(struct forwards *forwards, struct engine_process *engine);

/* Asks a new engine for every forward of the table; one that can't be opened is logged and stays in
 * it. */
void forwards_restore(struct forwards *forwards);

/* session_forward_add and session_forward_remove do as these. */
void forwards_add(struct forwards *forwards, const struct forward *forward, session_done_func done,
		  void *data);
void forwards_remove(struct forwards *forwards, uint32_t id, session_done_func done, void *data);

/* The open forwards in order of id; the table's. */
const GArray *forwards_table(const struct forwards *forwards);
