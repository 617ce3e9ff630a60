/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other end of the control socket, for the commands that speak to a running session. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#define CONTROL_TIMEOUT_MS 5000

/*
 * Sends {"execute": verb, "arguments": arguments} to the session called name and waits at most
 * timeout_ms milliseconds for the whole answer. arguments may be NULL and is now the call's.
 * Returns the "return" value (the caller frees it with json_node_unref), or NULL with error set:
 * SLIRPWAY_ERROR_NOT_FOUND if there is no such session, SLIRPWAY_ERROR_TIMEOUT with the session's
 * process id if it does not answer, else what the session said. May be called by several threads.
 */
JsonNode *control_call(const char *name, const char *verb, JsonNode *arguments, int timeout_ms,
		       GError **error);
