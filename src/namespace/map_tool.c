/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the setuid programs that write id maps. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/child.h"
#include "namespace/map_tool.h"

#define DEADLINE_MS 10000

/* Starts the program with its standard error going to messages; returns 0 or an errno value. */
static int start_tool(char *const arguments[], int messages, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int result;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	result = posix_spawnp(ret_pid, arguments[0], &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static void set_start_error(GError **error, const char *tool, int number)
{
	if (number == ENOENT)
		error_set(error, SLIRPWAY_ERROR_NOT_FOUND,
			  "%s is not installed: install the package uidmap (or shadow-utils), "
			  "or use --map-root-user",
			  tool);
	else
		error_set_errno(error, number, "can't run %s", tool);
}

bool map_tool_run(char *const arguments[], GError **error)
{
	CLEANUP_CLOSE int messages = memfd_create("messages", MFD_CLOEXEC);
	char text[512];
	ssize_t length;
	pid_t pid;
	int result, status;

	if (messages < 0) {
		error_set_errno(error, errno, "can't run %s", arguments[0]);
		return false;
	}
	result = start_tool(arguments, messages, &pid);
	if (result != 0) {
		set_start_error(error, arguments[0], result);
		return false;
	}
	result = child_wait(pid, DEADLINE_MS, &status);
	if (result < 0) {
		error_set_errno(error, -result, "can't wait for %s", arguments[0]);
		return false;
	}
	if (status == 0)
		return true;
	length = pread(messages, text, sizeof(text) - 1, 0);
	text[length > 0 ? length : 0] = '\0';
	error_set(error, SLIRPWAY_ERROR_DENIED, "%s failed: %s", arguments[0],
		  length > 0 ? g_strstrip(text) : "it did not say why");
	return false;
}
