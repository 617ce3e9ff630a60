/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the programs that slirpway starts. */

#include "config.h"

#include <stdbool.h>
#include <unistd.h>

#include "base/error.h"
#include "base/program_files.h"

/* PKGLIBEXECDIR comes from the Makefile: libexecdir/slirpway of this installation. */
static const char installed_directory[] = PKGLIBEXECDIR;

static bool is_program(const char *path)
{
	return g_file_test(path, G_FILE_TEST_IS_REGULAR) && access(path, X_OK) == 0;
}

char *program_file_find_in(const char *const *directories, const char *name, GError **error)
{
	for (size_t i = 0; directories[i]; i++) {
		g_autofree char *path = g_build_filename(directories[i], name, NULL);
		if (is_program(path))
			return g_steal_pointer(&path);
	}
	g_autofree char *places = g_strjoinv(" nor in ", (char **)directories);
	error_set(error, SLIRPWAY_ERROR_NOT_FOUND, "no program %s in %s", name, places);
	return NULL;
}

char *program_file_find(const char *name, GError **error)
{
	g_autofree char *executable = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *directory = executable ? g_path_get_dirname(executable) : NULL;
	/* Without /proc only the installed one can be found. */
	const char *directories[] = {
		directory ? directory : installed_directory,
		directory ? installed_directory : NULL,
		NULL,
	};

	return program_file_find_in(directories, name, error);
}
