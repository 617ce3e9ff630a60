/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients in containers talk to: the workload's server, and those of witnesses. */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "compare/plan.h"
#include "world/world.h"

struct servers;

/*
 * Starts those that the plan needs: on the world's host itself, or with far at the other end of its
 * line. All listen when it returns; one of a witness that does not is told of, and its clients will
 * fail. Returns NULL with error set if the workload's does not.
 */
struct servers *servers_start(const struct world *world, const struct plan *plan, guint port,
			      gboolean far, GError **error);

/* The process of the workload's. */
pid_t servers_process(const struct servers *servers);

/* Ends them all; NULL is allowed. */
void servers_end(struct servers *servers);
