/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session as JSON: what status and list_hostfwd answer. Pure but for the process's own id. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "session/session.h"
#include "session/session_config.h"

/* What there is to tell; everything is borrowed. */
struct status_source {
	const struct session_config *config;
	char *const *command;	/* NULL-terminated, or NULL */
	const GArray *forwards; /* struct session_forward */
	pid_t engine_pid;	/* 0: there is none just now */
	bool device_gone;	/* the container deleted it */
	uint32_t engine_restarts;
	enum session_mode mode; /* what it came to be */
	pid_t supervisor_pid;	/* 0: there is none just now, or none at all */
	uint32_t supervisor_restarts;
	bool walled;
	struct session_status workers;
};

/* The whole object; the caller's. */
JsonNode *status_node(const struct status_source *source);

/* The forwards (struct session_forward) as an array of objects, the container's own address filled
 * in; the caller's. */
JsonArray *status_forwards(const GArray *forwards, const struct network *network);
