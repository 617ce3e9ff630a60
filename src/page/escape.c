/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of strangers made harmless inside HTML. */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "page/escape.h"

#define DELETE 0x7f
#define LAST_C1_CONTROL 0x9f
#define LINE_SEPARATOR 0x2028
#define PARAGRAPH_SEPARATOR 0x2029

/* All of these stand inside JSON's strings only, where an escape means the same. */
static bool needs_escape(gunichar character)
{
	switch (character) {
	case '<':
	case '>':
	case '&':
	case LINE_SEPARATOR:
	case PARAGRAPH_SEPARATOR:
		return true;
	default:
		return character < ' ' || (character >= DELETE && character <= LAST_C1_CONTROL);
	}
}

char *escape_json(JsonNode *value)
{
	g_autofree char *plain = json_to_string(value, FALSE);
	g_autofree char *valid = g_utf8_make_valid(plain, -1);
	GString *escaped = g_string_sized_new(strlen(valid));

	for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar character = g_utf8_get_char(at);

		if (needs_escape(character))
			g_string_append_printf(escaped, "\\u%04x", character);
		else
			g_string_append_unichar(escaped, character);
	}
	return g_string_free(escaped, FALSE);
}

void escape_html(GString *html, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text != NULL ? text : "", -1);
	g_autofree char *escaped = g_markup_escape_text(valid, -1);

	g_string_append(html, escaped);
}
