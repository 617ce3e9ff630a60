/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a command could not be executed, as the shell tells it. */
#pragma once

#include <glib.h>

/* The statuses of the shell: not executable, not found. */
#define EXECUTABLE_STATUS_REFUSED 126
#define EXECUTABLE_STATUS_MISSING 127

/*
 * The errno value that says why execvp(3) failed for command with number. Where a directory of PATH
 * can't be searched it says EACCES even though the others don't have the program: the shell calls
 * that not found, and so do we.
 */
int executable_error(const char *command, int number);

/*
 * Sets error for such an errno value. What has no slash is a command that was looked for in PATH,
 * the rest a file.
 */
void executable_set_error(GError **error, const char *command, int number);

/* The exit status for such an errno value. */
int executable_status(int number);
