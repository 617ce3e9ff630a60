/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the results of compare go. */

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "command/compare_output.h"
#include "compare/result_csv.h"
#include "compare/result_table.h"
#include "page/compare.h"

#define DIRECTORY_MODE 0777

/* Results may come from somebody else's file: what they say must not steer a terminal. */
static char *printable(char *text)
{
	g_autofree char *owned = text;
	g_auto(GStrv) lines = g_strsplit(owned, "\n", -1);

	for (char **line = lines; *line; line++)
		log_make_printable(*line);
	return g_strjoinv("\n", lines);
}

struct compare_output compare_output_of(struct result *const *results, const char *const *labels,
					guint count)
{
	if (count == 2)
		return (struct compare_output){
			.json = result_pair(results, labels),
			.table = printable(result_table_of_two(results, labels)),
		};
	return (struct compare_output){
		.json = result_write(results[0]),
		.table = printable(result_table(results[0])),
		.csv = result_csv(results[0]->rows),
	};
}

void compare_output_clear(struct compare_output *output)
{
	json_node_unref(output->json);
	g_free(output->table);
	g_free(output->csv);
}

/* Takes text over; NULL is left out. */
static bool write_file(const char *directory, const char *name, char *text, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autofree char *owned = text;
	g_autoptr(GError) reason = NULL;

	if (!owned || g_file_set_contents(path, owned, -1, &reason))
		return true;
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "%s", reason->message);
	return false;
}

static char *json_text(JsonNode *json)
{
	g_autofree char *text = json_to_string(json, TRUE);

	return g_strconcat(text, "\n", NULL);
}

bool compare_output_prepare(const char *directory, GError **error)
{
	if (g_mkdir_with_parents(directory, DIRECTORY_MODE) < 0) {
		error_set_errno(error, errno, "can't make %s", directory);
		return false;
	}
	if (access(directory, W_OK | X_OK) < 0) {
		error_set_errno(error, errno, "can't write into %s", directory);
		return false;
	}
	return true;
}

bool compare_output_write(const struct compare_output *output, const char *directory,
			  GError **error)
{
	char *page;

	if (!compare_output_prepare(directory, error))
		return false;
	if (!write_file(directory, "compare.json", json_text(output->json), error) ||
	    !write_file(directory, "compare.csv", g_strdup(output->csv), error) ||
	    !write_file(directory, "compare.txt", g_strdup(output->table), error))
		return false;
	page = page_compare(output->json, error);
	return page && write_file(directory, "compare.html", page, error);
}
