/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page for people: one HTML text that holds all it needs. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/*
 * What makes one page out of the frame that all share. Files are named as in src/page/assets; the
 * lists end with NULL, and what they name comes after the shared styles and scripts, in this order.
 */
struct page_parts {
	const char *title;	    /* plain text */
	const char *const *styles;  /* CSS */
	const char *const *scripts; /* JavaScript, joined to one script */
	const char *without_script; /* HTML for readers without JavaScript; "" for none */
};

/*
 * The page, with data for its scripts to draw. Whatever texts data holds, none of them is taken for
 * HTML or script, and nothing is loaded from anywhere: a content security policy in the page lets
 * only its own script run. The caller frees it. NULL with error if an asset is missing.
 */
char *page_render(const struct page_parts *parts, JsonNode *data, GError **error);
