/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway stop NAME: ends a session and waits until it has ended. */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "command/client_options.h"
#include "command/commands.h"
#include "command/report.h"
#include "control/client.h"
#include "control/member.h"

/* How long a session may take to end after it has agreed to. */
#define END_TIMEOUT_MS 15000

static const struct command_spec stop_command_spec = {
	.name = "stop",
	.synopsis = "[--json] NAME",
	.summary = "Ends a session, and waits until it has ended.",
	.options = client_option_rows,
};

/* Waits for the process behind pidfd; returns false with error set if it takes too long. */
static bool wait_for_end(const char *name, int pidfd, GError **error)
{
	if (descriptor_wait_readable(pidfd, END_TIMEOUT_MS) == 0)
		return true;
	error_set(error, SLIRPWAY_ERROR_TIMEOUT,
		  "session %s was told to end but goes on; slirpway status %s shows its pid", name,
		  name);
	return false;
}

/* Returns the pid of the process that has ended, or 0 with error set. */
static gint64 stop_session(const char *name, GError **error)
{
	g_autoptr(JsonObject) session = NULL;
	g_autoptr(JsonNode) status = control_call(name, "status", NULL, CONTROL_TIMEOUT_MS, error);
	g_autoptr(JsonNode) answer = NULL;
	CLEANUP_CLOSE int pidfd = -1;
	gint64 pid;

	if (!status)
		return 0;
	session = member_root(status);
	pid = member_number(session, "pid");
	/* Opened while the session still answers, so that the pid is its own. */
	pidfd = (int)syscall(SYS_pidfd_open, (pid_t)CLAMP(pid, 0, G_MAXINT), 0U);
	if (pidfd < 0) {
		error_set_errno(error, errno, "can't watch the process of session %s", name);
		return 0;
	}
	answer = control_call(name, "stop", NULL, CONTROL_TIMEOUT_MS, error);
	return answer && wait_for_end(name, pidfd, error) ? pid : 0;
}

static int print_stopped(const char *name, gint64 pid)
{
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "name", name);
	json_object_set_int_member(object, "pid", pid);
	json_object_set_boolean_member(object, "stopped", TRUE);
	json_node_take_object(node, object);
	return report_json("stop", node);
}

int command_stop(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct client_options options;
	const char *name;
	gint64 pid;
	int status;

	if (!client_options_read(&stop_command_spec, argc, argv, 1, 1, &options, &status))
		return status;
	name = options.operands[0];
	g_free(options.operands);
	pid = stop_session(name, &error);
	if (!pid)
		return report_error("stop", error);
	return options.json ? print_stopped(name, pid) : EXIT_SUCCESS;
}
