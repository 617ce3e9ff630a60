/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the workers of a session are told at their start, made from what the session is asked to be.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/message.h"
#include "session/session_config.h"

struct session_link;

/*
 * Raises this process's limit of descriptors, which workers inherit, and fills *ret_engine. Returns
 * false with error set where the host lacks the outbound address or interface.
 */
bool worker_config_fill_engine(const struct session_config *config, const struct session_link *link,
			       struct engine_config *ret_engine, GError **error);

/* The same for a supervisor. packets: there is a packet path; walled as in struct trap. */
bool worker_config_fill_supervisor(const struct session_config *config, bool packets, bool walled,
				   struct supervisor_config *ret_supervisor, GError **error);
