/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines as sh(1) reads them. */

#include "config.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "base/shell.h"

#define PLAIN G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_=+./:,@%"

char *shell_join(char *const *words)
{
	GString *line = g_string_new(NULL);

	for (; *words; words++) {
		g_autofree char *quoted = NULL;

		if (!(*words)[0] || (*words)[strspn(*words, PLAIN)])
			quoted = g_shell_quote(*words);
		g_string_append_printf(line, "%s%s", line->len ? " " : "",
				       quoted ? quoted : *words);
	}
	return g_string_free(line, FALSE);
}

/* True if sh would do more with it than run its words: quotes do not count. */
static bool is_plain(const char *line)
{
	g_auto(GStrv) words = NULL;
	g_autofree char *again = NULL;

	if (!g_shell_parse_argv(line, NULL, &words, NULL))
		return false;
	again = shell_join(words);
	return strcmp(again, line) == 0;
}

char *shell_wrap(const char *line)
{
	g_autofree char *quoted = NULL;

	if (is_plain(line))
		return g_strdup(line);
	quoted = g_shell_quote(line);
	return g_strconcat("sh -c ", quoted, NULL);
}
