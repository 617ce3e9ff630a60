/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The published ports of a session: the table of those that are open, and the workers told of it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/forward.h"
#include "session/session.h"
#include "session/worker_process.h"

struct forwards;

/* An empty table. network is borrowed; if it has no IPv6, forwards of IPv6 are refused. */
struct forwards *forwards_new(const struct network *network);

/* To be called after the workers have been freed, for that answers what is still asked; NULL is
 * allowed. */
void forwards_free(struct forwards *forwards);

/* From now on engine is asked for what goes by packets; it is the caller's. */
void forwards_set_engine(struct forwards *forwards, struct worker_process *engine);

/* From now on supervisor is asked for TCP; it is the caller's. container: a process in it. */
void forwards_set_supervisor(struct forwards *forwards, struct worker_process *supervisor,
			     pid_t container);

/* Asks the new worker of that path for every forward of the table that is its own; one that can't
 * be opened is logged and stays in it. */
void forwards_restore(struct forwards *forwards, enum forward_path path);

/* session_forward_add and session_forward_remove do as these. */
void forwards_add(struct forwards *forwards, const struct forward *forward, session_done_func done,
		  void *data);
void forwards_move_to_packets(struct forwards *forwards, uint32_t id);
void forwards_remove(struct forwards *forwards, uint32_t id, session_done_func done, void *data);

/* The address that a forward leads to: its own, or the container's of the host side's family. */
struct address forwards_guest(const struct forward *forward, const struct network *network);

/* Takes over what the supervisor says of them. */
void forwards_note_late(struct forwards *forwards, const struct supervisor_status *status);

/* session_refresh_forwards does as this. */
void forwards_refresh(struct forwards *forwards, session_done_func done, void *data);

/* The open forwards in order of id (struct session_forward); the table's. */
const GArray *forwards_table(const struct forwards *forwards);
