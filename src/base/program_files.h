/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the programs are that slirpway starts: its own, installed in libexecdir/slirpway. */
#pragma once

#include <glib.h>

/*
 * The path of the program of this name (the caller's to g_free): beside the running executable,
 * which is where a build tree has it, else in libexecdir/slirpway. NULL with an error that says
 * where it was looked for.
 */
char *program_file_find(const char *name, GError **error);

/* The same in the named directories, a NULL-terminated list; the first that has it wins. */
char *program_file_find_in(const char *const *directories, const char *name, GError **error);
