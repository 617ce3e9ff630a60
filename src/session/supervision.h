/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The syscall path of a session: the container's trap, the supervisor that answers at it, and what
 * outlives a supervisor. Runs on the default main context.
 */
#pragma once

#include <glib.h>

#include "base/message.h"
#include "session/container_sockets_service.h"
#include "session/container_trap.h"
#include "session/worker_process.h"

struct supervision;

/* What the session is told of. */
struct supervision_events {
	worker_replaced_func replaced; /* as by worker_process */
	forward_by_packets_func by_packets;
};

/*
 * Starts a supervisor at the trap (its descriptors are taken over, even on failure), with a new
 * trace file where trace_path is not NULL. Returns NULL with error set.
 */
struct supervision *supervision_new(const struct trap *trap, const char *trace_path,
				    const struct supervisor_config *config,
				    const struct supervision_events *events, void *data,
				    GError **error);

/* Ends the supervisor; no call is answered any more. NULL is allowed. */
void supervision_free(struct supervision *supervision);

/* The supervisor; borrowed. */
struct worker_process *supervision_worker(const struct supervision *supervision);

const struct trap *supervision_trap(const struct supervision *supervision);
