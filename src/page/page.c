/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page for people: one HTML text that holds all it needs.
 *
 * The assets (src/page/assets) are compiled in as a GResource. page.html is the frame; its marks
 * like {{style}} are replaced once, and what replaces them is not looked at again, so a mark in
 * somebody's data stays text. The scripts of a page are joined to one script element, whose digest
 * the page's content security policy names: a script that came in by any other way would not run.
 */

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "base/error.h"
#include "page/escape.h"
#include "page/page.h"
#include "page/page_assets.h"

#define ASSET_DIRECTORY "/slirpway/page/"

static const char *const shared_styles[] = { "page.css", "figure.css", NULL };
static const char *const shared_scripts[] = { "dom.js", "data.js",  "format.js", "theme.js",
					      "svg.js", "scale.js", "figure.js", NULL };

/* A mark of the frame, and the text that takes its place. */
struct mark {
	const char *name;
	const char *text;
};

static GBytes *find_asset(const char *name, GError **error)
{
	g_autofree char *path = g_strconcat(ASSET_DIRECTORY, name, NULL);

	return g_resource_lookup_data(page_assets_get_resource(), path,
				      G_RESOURCE_LOOKUP_FLAGS_NONE, error);
}

static gboolean append_assets(GString *text, const char *const *names, GError **error)
{
	for (; *names != NULL; names++) {
		g_autoptr(GBytes) asset = find_asset(*names, error);
		gsize size;
		const char *bytes;

		if (asset == NULL)
			return FALSE;
		bytes = g_bytes_get_data(asset, &size);
		g_string_append_len(text, bytes, (gssize)size);
	}
	return TRUE;
}

static char *join_assets(const char *const *shared, const char *const *own, GError **error)
{
	g_autoptr(GString) text = g_string_new("\n");

	if (!append_assets(text, shared, error) || !append_assets(text, own, error))
		return NULL;
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* As content security policies name an inline script (CSP Level 3, "hash-source"). */
static char *script_digest(const char *script)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize size = sizeof(digest);
	g_autofree char *base64 = NULL;

	g_checksum_update(checksum, (const guchar *)script, -1);
	g_checksum_get_digest(checksum, digest, &size);
	base64 = g_base64_encode(digest, size);
	return g_strconcat("sha256-", base64, NULL);
}

static const struct mark *find_mark(const struct mark *marks, const char *name, gsize length)
{
	for (; marks->name != NULL; marks++)
		if (strlen(marks->name) == length && memcmp(marks->name, name, length) == 0)
			return marks;
	return NULL;
}

/* Replaces each {{name}}; a name that is not in marks stays as it is. */
static char *fill_frame(const char *frame, const struct mark *marks)
{
	GString *page = g_string_new(NULL);
	const char *open, *close;

	while ((open = strstr(frame, "{{")) != NULL && (close = strstr(open, "}}")) != NULL) {
		const struct mark *mark = find_mark(marks, open + 2, (gsize)(close - open - 2));

		g_string_append_len(page, frame, open - frame);
		if (mark != NULL)
			g_string_append(page, mark->text);
		else
			g_string_append_len(page, open, close + 2 - open);
		frame = close + 2;
	}
	g_string_append(page, frame);
	return g_string_free(page, FALSE);
}

char *page_render(const struct page_parts *parts, JsonNode *data, GError **error)
{
	static const char *const frame_name[] = { "page.html", NULL };
	static const char *const nothing[] = { NULL };
	g_autofree char *frame = join_assets(frame_name, nothing, error);
	g_autofree char *style = frame ? join_assets(shared_styles, parts->styles, error) : NULL;
	g_autofree char *script = style ? join_assets(shared_scripts, parts->scripts, error) : NULL;
	g_autofree char *digest = NULL;
	g_autofree char *json = NULL;
	g_autoptr(GString) title = g_string_new(NULL);

	if (script == NULL)
		return NULL;
	digest = script_digest(script);
	json = escape_json(data);
	escape_html(title, parts->title);
	return fill_frame(g_strchug(frame),
			  (const struct mark[]){ { "title", title->str },
						 { "style", style },
						 { "script", script },
						 { "digest", digest },
						 { "data", json },
						 { "without-script", parts->without_script },
						 { NULL, NULL } });
}
