/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render_page FILE: the page of what compare or explain wrote as JSON, on standard output. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/compare.h"
#include "page/explain.h"
#include "page/member.h"

static char *render(JsonNode *data, GError **error)
{
	JsonObject *object = JSON_NODE_HOLDS_OBJECT(data) ? json_node_get_object(data) : NULL;

	if (strcmp(member_string(object, "format"), "slirpway-explain") == 0)
		return page_explain(data, error);
	return page_compare(data, error);
}

int main(int argc, char **argv)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *page = NULL;

	if (argc != 2) {
		fprintf(stderr, "usage: render_page FILE\n");
		return EXIT_FAILURE;
	}
	if (json_parser_load_from_file(parser, argv[1], &error))
		page = render(json_parser_get_root(parser), &error);
	if (page == NULL) {
		fprintf(stderr, "render_page: %s: %s\n", argv[1], error->message);
		return EXIT_FAILURE;
	}
	return fputs(page, stdout) == EOF || fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
}
