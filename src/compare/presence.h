/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths can be measured here: found by looking, and said if not. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "compare/paths.h"

/* The texts are owned. */
struct presence {
	const struct path *path;
	bool present;
	bool own;      /* what is in PATH under its name is slirpway itself */
	char *why;     /* why not, or "" */
	char *version; /* as the program tells it, or "" */
};

/* Looks a path up; remote: on the real host, of which we are not root. The caller's. */
struct presence *presence_of(const struct path *path, bool remote);
void presence_free(struct presence *presence);

/* The first program of that name in PATH that is not slirpway's own; the caller's, or NULL. */
char *presence_find_other(const char *program);

/*
 * The first line that a program prints about its version (the last one where that is an error
 * message), or "" where it takes longer than some seconds; the caller's.
 */
char *presence_version(const char *program);

/* "NAME is not in PATH" for the first of two programs that is not (other may be NULL); the
 * caller's, or NULL. */
char *presence_missing(const char *program, const char *other);
