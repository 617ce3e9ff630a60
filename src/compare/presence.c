/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths can be measured here. */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "compare/presence.h"
#include "compare/process.h"

/* For a program to say its version; and then to end, before it is killed. */
#define VERSION_DEADLINE_MS 3000
#define VERSION_END_MS 100

/* In what slirpway's drop-ins say of their version, as "1.2.0+slirpway-1.0". */
#define OWN_VERSION "+slirpway"

char *presence_version(const char *program)
{
	const char *const words[] = { program, "--version", NULL };
	struct process *process = process_start(words, NULL, NULL, NULL);
	g_autofree char *line = NULL;
	char *version;

	if (!process)
		return g_strdup("");
	(void)process_next(process, VERSION_DEADLINE_MS, &line);
	version = line ? g_utf8_make_valid(line, -1) : process_message(process);
	log_make_printable(version);
	process_end(process, VERSION_END_MS);
	return version;
}

static bool is_own(const char *program)
{
	g_autofree char *version = presence_version(program);

	return strstr(version, OWN_VERSION) != NULL;
}

char *presence_find_other(const char *program)
{
	g_auto(GStrv) directories = g_strsplit(g_getenv("PATH") ? g_getenv("PATH") : "", ":", -1);

	for (char **directory = directories; *directory; directory++) {
		g_autofree char *path = g_build_filename(*directory, program, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && access(path, X_OK) == 0 &&
		    !is_own(path))
			return g_steal_pointer(&path);
	}
	return NULL;
}

/* Why a path can't be measured; NULL if it can. */
static char *find_obstacle(const struct path *path, bool remote, bool own)
{
	g_autofree char *found = path->program ? g_find_program_in_path(path->program) : NULL;

	if (path->program && !found)
		return g_strdup_printf("%s is not in PATH%s%s", path->program,
				       path->why ? "; and " : "", path->why ? path->why : "");
	if (path->why)
		return g_strdup(path->why);
	if (own)
		return g_strdup("the one in PATH is slirpway itself");
	if (path->needs_world && remote)
		return g_strdup("it takes root of the host, which --server does not make anybody");
	return NULL;
}

char *presence_missing(const char *program, const char *other)
{
	const char *const names[] = { program, other, NULL };

	for (size_t i = 0; names[i]; i++) {
		g_autofree char *found = g_find_program_in_path(names[i]);

		if (!found)
			return g_strdup_printf("%s is not in PATH", names[i]);
	}
	return NULL;
}

struct presence *presence_of(const struct path *path, bool remote)
{
	struct presence *presence = g_new0(struct presence, 1);
	const char *program = path->kind == PATH_SLIRPWAY ? "slirpway" : path->program;

	presence->path = path;
	presence->own = path->imitated && is_own(program);
	presence->why = find_obstacle(path, remote, presence->own);
	presence->present = !presence->why;
	if (presence->present)
		presence->why = g_strdup("");
	presence->version = presence->present && program ? presence_version(program) : g_strdup("");
	return presence;
}

void presence_free(struct presence *presence)
{
	if (!presence)
		return;
	g_free(presence->why);
	g_free(presence->version);
	g_free(presence);
}
