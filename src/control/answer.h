/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of an answer on the control socket. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/*
 * {"return": value}, with value's "entries" once more beside "return" where it has some: there
 * slirp4netns puts them, while its manual page puts them inside. value may be NULL for {} and is
 * now the call's; the caller frees the text.
 */
char *answer_return(JsonNode *value);

/* {"error": {"code": ..., "desc": ...}} of an error of our domain (or any other: "system"). */
char *answer_error(const GError *error);
