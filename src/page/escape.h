/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of strangers made harmless inside HTML. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/*
 * The JSON of a value, fit for a script element of HTML: no '<', '>' or '&', no control character
 * and no line or paragraph separator is left, all are \u escapes, so that nothing in it can end the
 * element (HTML Living Standard, 4.12.1.3 "Restrictions for contents of script elements"). What is
 * not UTF-8 becomes U+FFFD. The caller frees it.
 */
char *escape_json(JsonNode *value);

/* Appends text as character data of HTML, also fit for a quoted attribute. NULL is "". */
void escape_html(GString *html, const char *text);
