/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a command could not be executed, as the shell tells it. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/executable.h"

int executable_error(const char *command, int number)
{
	g_auto(GStrv) directories = g_strsplit(g_getenv("PATH") ? g_getenv("PATH") : "", ":", -1);

	if (number != EACCES || strchr(command, '/'))
		return number;
	for (char **directory = directories; *directory; directory++) {
		g_autofree char *path = g_build_filename(*directory, command, NULL);

		if (access(path, F_OK) == 0)
			return number;
	}
	return ENOENT;
}

void executable_set_error(GError **error, const char *command, int number)
{
	if (number == ENOENT && !strchr(command, '/'))
		error_set(error, SLIRPWAY_ERROR_NOT_FOUND, "command not found: %s", command);
	else
		error_set_errno(error, number, "cannot run %s", command);
}

int executable_status(int number)
{
	return number == ENOENT ? EXECUTABLE_STATUS_MISSING : EXECUTABLE_STATUS_REFUSED;
}
