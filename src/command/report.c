/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands that speak to sessions print: errors, texts and JSON. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "command/report.h"

int report_error(const char *command, const GError *error)
{
	log_error("%s: %s", command, error->message);
	return g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE) ? EXIT_USAGE
									    : EXIT_FAILURE;
}

int report_text(const char *command, const char *text)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	log_error("%s: can't write to standard output: %s", command, g_strerror(errno));
	return EXIT_FAILURE;
}

int report_json(const char *command, JsonNode *node)
{
	g_autofree char *text = json_to_string(node, TRUE);
	g_autofree char *line = g_strconcat(text, "\n", NULL);

	return report_text(command, line);
}
