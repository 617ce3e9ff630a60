/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway explain: what it consists of, and what it takes. */

#include "config.h"

#include "base/error.h"
#include "page/explain.h"
#include "page/explain_fallback.h"
#include "page/member.h"
#include "page/page.h"

#define KNOWN_VERSION 1

static const char *const styles[] = { "explain/explain.css", NULL };
static const char *const scripts[] = {
	"explain/model.js",   "explain/story.js",
	"explain/diagram.js", "explain/overview.js",
	"explain/lane.js",    "explain/now.js",
	"explain/help.js",    "explain/tables.js",
	"explain/explain.js", NULL,
};

static bool check(JsonObject *explanation, GError **error)
{
	double version = KNOWN_VERSION;

	member_double(explanation, "version", &version);
	if (g_strcmp0(member_string(explanation, "format"), "slirpway-explain") != 0) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "not what slirpway explain prints");
		return false;
	}
	if (version > KNOWN_VERSION) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "an explanation of version %g, of which this slirpway knows only %d",
			  version, KNOWN_VERSION);
		return false;
	}
	return true;
}

char *page_explain(JsonNode *explanation, GError **error)
{
	JsonObject *object =
		JSON_NODE_HOLDS_OBJECT(explanation) ? json_node_get_object(explanation) : NULL;
	g_autofree char *fallback = NULL;

	if (!check(object, error))
		return NULL;
	fallback = explain_fallback(object);
	return page_render(
		&(const struct page_parts){
			.title = "slirpway explain",
			.styles = styles,
			.scripts = scripts,
			.without_script = fallback,
		},
		explanation, error);
}
