/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the timeline of what was recorded. */
#pragma once

#include "explain/recording.h"
#include "explain/session_sample.h"

struct recording_sources {
	const char *capture_file; /* NULL: none was written */
	const char *trace_file;	  /* likewise */
	const GArray *sockets;	  /* struct socket_note of all that ended on the host, or NULL */
	const struct session_sample *session; /* of the session, or NULL: forwards, gateways */
};

/* Fills recording's timeline; what can't be read becomes a remark. */
void recording_read(struct recording *recording, const struct recording_sources *sources,
		    const struct timeline_limits *limits, char *const *command);
