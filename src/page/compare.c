/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway compare: what it consists of, and what it takes. */

#include "config.h"

#include "base/error.h"
#include "page/compare.h"
#include "page/compare_fallback.h"
#include "page/member.h"
#include "page/page.h"

#define KNOWN_VERSION 1

static const char *const styles[] = { "compare/compare.css", "compare/charts.css",
				      "compare/rows.css", NULL };
static const char *const scripts[] = {
	"compare/model.js",   "compare/choice.js",   "compare/lessons.js",   "compare/bars.js",
	"compare/lines.js",   "compare/overview.js", "compare/workloads.js", "compare/latency.js",
	"compare/cost.js",    "compare/scaling.js",  "compare/rows.js",	     "compare/facts.js",
	"compare/changes.js", "compare/controls.js", "compare/compare.js",   NULL,
};

static gboolean check_run(JsonObject *run, const char *wanted, GError **error)
{
	const char *format = member_string(run, "format");
	double version = KNOWN_VERSION;

	member_double(run, "version", &version);
	if (g_strcmp0(format, wanted) != 0) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "not results of slirpway compare: no \"%s\"",
			  wanted);
		return FALSE;
	}
	if (version > KNOWN_VERSION) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "results of version %g, of which this slirpway knows only %d", version,
			  KNOWN_VERSION);
		return FALSE;
	}
	return TRUE;
}

static gboolean check_results(JsonObject *results, GError **error)
{
	JsonArray *runs = member_list(results, "runs");

	if (g_strcmp0(member_string(results, "format"), "slirpway-compare-pair") != 0)
		return check_run(results, "slirpway-compare", error);
	if (!check_run(results, "slirpway-compare-pair", error))
		return FALSE;
	for (guint i = 0; i < list_length(runs); i++)
		if (!check_run(list_object(runs, i), "slirpway-compare", error))
			return FALSE;
	return TRUE;
}

char *page_compare(JsonNode *results, GError **error)
{
	JsonObject *object = JSON_NODE_HOLDS_OBJECT(results) ? json_node_get_object(results) : NULL;
	g_autofree char *fallback = NULL;

	if (!check_results(object, error))
		return NULL;
	fallback = compare_fallback(object);
	return page_render(
		&(const struct page_parts){
			.title = "slirpway compare",
			.styles = styles,
			.scripts = scripts,
			.without_script = fallback,
		},
		results, error);
}
