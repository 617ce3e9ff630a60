/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands that speak to sessions print: errors, texts and JSON. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/* The exit status of a command that was called in a wrong way. */
#define EXIT_USAGE 2

/*
 * Prints "slirpway: COMMAND: TEXT" on standard error. Returns the exit status: EXIT_USAGE for
 * SLIRPWAY_ERROR_USAGE, else EXIT_FAILURE.
 */
int report_error(const char *command, const GError *error);

/* Prints text on standard output. Returns EXIT_SUCCESS, or EXIT_FAILURE if that said why it can't.
 */
int report_text(const char *command, const char *text);

/* The same with a JSON value and a newline; control characters in strings are escaped. */
int report_json(const char *command, JsonNode *node);
