/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzzes the command lines: bytes are cut at each zero into words, which all three parsers get. */

#include "config.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

#include "options/session_options.h"
#include "options/slirp4netns_options.h"

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The words behind a program's name, NULL-terminated; anew for each parser, for they may be moved.
 */
static GPtrArray *cut_words(const char *text, size_t size)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	const char *end = text + size;

	g_ptr_array_add(words, g_strdup("program"));
	while (text < end && words->len < WORDS_MAX) {
		g_ptr_array_add(words, g_strdup(text));
		text += strlen(text) + 1;
	}
	g_ptr_array_add(words, NULL);
	return words;
}

/* Whatever is refused must say why, and what is taken must say nothing. */
static void check(bool parsed, const GError *error)
{
	if (parsed != (error == NULL))
		g_error("%s", parsed ? "taken with an error" : "refused without a reason");
}

static void fuzz_session(bool (*parse)(int, char **, struct invocation *, GError **),
			 const char *text, size_t size)
{
	g_autoptr(GPtrArray) words = cut_words(text, size);
	g_autoptr(GError) error = NULL;
	struct invocation invocation;

	check(parse((int)words->len - 1, (char **)words->pdata, &invocation, &error), error);
	invocation_clear(&invocation);
}

static void fuzz_slirp4netns(const char *text, size_t size)
{
	g_autoptr(GPtrArray) words = cut_words(text, size);
	g_autofree char *warnings = NULL;
	g_autoptr(GError) error = NULL;
	struct slirp4netns_invocation invocation;

	check(slirp4netns_options_parse((int)words->len - 1, (char **)words->pdata, &invocation,
					&warnings, &error),
	      error);
	slirp4netns_invocation_clear(&invocation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A zero behind the last word, so that each ends. */
	g_autofree char *text = g_strndup("", size);

	if (size > 0)
		memcpy(text, data, size);
	fuzz_session(session_options_parse_run, text, size);
	fuzz_session(session_options_parse_attach, text, size);
	fuzz_slirp4netns(text, size);
	return 0;
}
