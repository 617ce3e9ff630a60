/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results of one run of compare. */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "compare/json_fields.h"
#include "compare/result.h"
#include "compare/row.h"
#include "control/member.h"

#define FORMAT "slirpway-compare"
#define PAIR_FORMAT "slirpway-compare-pair"
#define RESULT_VERSION 1

struct result *result_new(JsonObject *facts, GPtrArray *rows)
{
	struct result *result = g_new0(struct result, 1);

	result->facts = facts;
	result->rows = rows;
	return result;
}

void result_free(struct result *result)
{
	if (!result)
		return;
	json_object_unref(result->facts);
	g_ptr_array_unref(result->rows);
	g_free(result);
}

static void copy_member(JsonObject *from, const char *name, JsonNode *node, gpointer to)
{
	(void)from;
	json_object_set_member(to, name, json_node_copy(node));
}

static JsonObject *write_object(const struct result *result)
{
	JsonObject *object = json_object_new();
	JsonArray *rows = json_array_new();

	json_object_set_string_member(object, "format", FORMAT);
	json_object_set_int_member(object, "version", RESULT_VERSION);
	json_object_foreach_member(result->facts, copy_member, object);
	for (guint i = 0; i < result->rows->len; i++)
		json_array_add_object_element(rows, row_write(result->rows->pdata[i]));
	json_object_set_array_member(object, "rows", rows);
	return object;
}

JsonNode *result_write(const struct result *result)
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);

	json_node_take_object(node, write_object(result));
	return node;
}

static bool has_format(JsonNode *node)
{
	return JSON_NODE_HOLDS_OBJECT(node) &&
	       strcmp(member_text(json_node_get_object(node), "format"), FORMAT) == 0;
}

static bool check_format(JsonObject *object, GError **error)
{
	const double version = json_get_number(object, "version");

	if (!(version >= 1 && version <= RESULT_VERSION)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "results of version %g; this slirpway knows version %d", version,
			  RESULT_VERSION);
		return false;
	}
	if (!member_array(object, "rows")) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "the results have no array \"rows\"");
		return false;
	}
	return true;
}

static GPtrArray *read_rows(JsonArray *array, GError **error)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)row_free);

	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);
		struct row *row = NULL;

		if (JSON_NODE_HOLDS_OBJECT(node))
			row = row_read(json_node_get_object(node), error);
		else
			error_set(error, SLIRPWAY_ERROR_USAGE, "it is no object");
		if (!row) {
			g_prefix_error(error, "row %u: ", i);
			g_ptr_array_unref(rows);
			return NULL;
		}
		g_ptr_array_add(rows, row);
	}
	return rows;
}

struct result *result_read(JsonNode *node, GError **error)
{
	JsonObject *object, *facts;
	GPtrArray *rows;

	if (!has_format(node)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "these are no results of slirpway compare");
		return NULL;
	}
	object = json_node_get_object(node);
	if (!check_format(object, error))
		return NULL;
	rows = read_rows(member_array(object, "rows"), error);
	if (!rows)
		return NULL;
	facts = json_object_new();
	json_object_foreach_member(object, copy_member, facts);
	json_object_remove_member(facts, "rows");
	return result_new(facts, rows);
}

static void set_wrong_file(GError **error, const char *path)
{
	error_set(error, SLIRPWAY_ERROR_USAGE,
		  "%s is not a compare.json: name the file that --out wrote", path);
}

/* A file's text; the caller's, or NULL with error set. */
static char *read_text(const char *path, gsize *ret_length, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct stat status;
	char *text;

	errno = 0;
	/* Asked first, for GLib's words name the file once more. */
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		errno = EISDIR;
	else if (access(path, R_OK) == 0)
		errno = 0;
	if (errno) {
		error_set_errno(error, errno, "can't read %s", path);
		return NULL;
	}
	/* A device has no size, and perhaps no end. */
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
		set_wrong_file(error, path);
		return NULL;
	}
	if (!g_file_get_contents(path, &text, ret_length, &reason)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "%s", reason->message);
		return NULL;
	}
	return text;
}

struct result *result_load(const char *path, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	gsize length = 0;
	g_autofree char *text = read_text(path, &length, error);
	struct result *result;

	if (!text)
		return NULL;
	if (!json_is_shallow(text, length)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "can't read %s: it is nested too deeply",
			  path);
		return NULL;
	}
	if (!json_parser_load_from_data(parser, text, (gssize)length, NULL) ||
	    !json_parser_get_root(parser) || !has_format(json_parser_get_root(parser))) {
		set_wrong_file(error, path);
		return NULL;
	}
	result = result_read(json_parser_get_root(parser), error);
	if (!result)
		g_prefix_error(error, "%s: ", path);
	return result;
}

JsonNode *result_pair(struct result *const results[2], const char *const labels[2])
{
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	JsonArray *runs = json_array_new();

	for (int i = 0; i < 2; i++) {
		JsonObject *run = write_object(results[i]);

		json_object_set_string_member(run, "label", labels[i]);
		json_array_add_object_element(runs, run);
	}
	json_object_set_string_member(object, "format", PAIR_FORMAT);
	json_object_set_int_member(object, "version", RESULT_VERSION);
	json_object_set_array_member(object, "runs", runs);
	json_node_take_object(node, object);
	return node;
}

/* A text member of an object; "" where there is none. */
static const char *find_text(JsonNode *node, const char *name)
{
	JsonNode *member = JSON_NODE_HOLDS_OBJECT(node)
				   ? json_object_get_member(json_node_get_object(node), name)
				   : NULL;
	const char *text =
		member && JSON_NODE_HOLDS_VALUE(member) ? json_node_get_string(member) : NULL;

	return text ? text : "";
}

const char *result_title(const struct result *result, const char *workload)
{
	JsonArray *workloads = member_array(result->facts, "workloads");

	for (guint i = 0; workloads && i < json_array_get_length(workloads); i++) {
		JsonNode *node = json_array_get_element(workloads, i);

		if (strcmp(find_text(node, "name"), workload) == 0 && find_text(node, "title")[0])
			return find_text(node, "title");
	}
	return workload;
}

JsonArray *result_witnesses(const struct result *result)
{
	return member_array(result->facts, "witnesses");
}

static GPtrArray *find_sentences(const struct result *result, const char *name)
{
	JsonArray *array = member_array(result->facts, name);
	GPtrArray *sentences = g_ptr_array_new();

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);
		const char *text = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;

		if (text)
			g_ptr_array_add(sentences, (gpointer)text);
	}
	return sentences;
}

GPtrArray *result_verdict(const struct result *result)
{
	return find_sentences(result, "verdict");
}

GPtrArray *result_notes(const struct result *result)
{
	return find_sentences(result, "notes");
}
