/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session answers on its control socket: the operations of control/server.h over session.h.
 */
#pragma once

#include <glib.h>

#include "session/session_config.h"
#include "session/session.h"

struct session_control;

/*
 * Serves the control protocol of session at path. session, config and command (what runs inside,
 * NULL-terminated; NULL for attach) must live until session_control_free; status names the device
 * as config does, so config->device should by now be the kind that was got. stop is called when a
 * client asks the session to end; it must not free anything, only make the main loop end. Returns
 * NULL with error set.
 */
struct session_control *session_control_new(const char *path, struct session *session,
					    const struct session_config *config, char **command,
					    void (*stop)(void *data), void *data, GError **error);

/* To be called before session_free; NULL is allowed. */
void session_control_free(struct session_control *control);
