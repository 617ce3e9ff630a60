/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths can be measured here. */

#include "config.h"

#include <string.h>

#include "base/log.h"
#include "compare/presence.h"

char *presence_version(const char *program)
{
	char *words[] = { (char *)program, (char *)"--version", NULL };
	g_autofree char *output = NULL;
	g_autofree char *errors = NULL;
	char *line;

	if (!g_spawn_sync(NULL, words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CLOEXEC_PIPES, NULL,
			  NULL, &output, &errors, NULL, NULL))
		return g_strdup("");
	line = output[0] ? output : errors;
	line[strcspn(line, "\n")] = '\0';
	line = g_utf8_make_valid(line, -1);
	log_make_printable(line);
	return line;
}

/* Why a path can't be measured; NULL if it can. */
static char *find_obstacle(const struct path *path, bool remote)
{
	g_autofree char *found = path->program ? g_find_program_in_path(path->program) : NULL;

	if (path->program && !found)
		return g_strdup_printf("%s is not in PATH%s%s", path->program,
				       path->why ? "; and " : "", path->why ? path->why : "");
	if (path->why)
		return g_strdup(path->why);
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
	presence->why = find_obstacle(path, remote);
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
