/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What slirpway can make use of: the table of features and rights, each with the function that
 * tries it. Nothing is told from version numbers.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "session/syscall_support.h"

/* What a feature is to a mode. */
enum feature_use {
	FEATURE_UNUSED,
	FEATURE_USED,	/* the mode is better with it */
	FEATURE_NEEDED, /* there is no such mode without it */
};

/* The modes that features are told for. */
enum feature_mode {
	FEATURE_MODE_PACKET,
	FEATURE_MODE_HYBRID,
	FEATURE_MODE_SYSCALL,
	FEATURE_MODE_COUNT,
};

/* What all attempts share: the syscall path's needs are found out once for all of them. */
struct feature_trial {
	struct syscall_support support;
	GError *trouble; /* set: support could not be found out, and says nothing */
};

struct feature {
	const char *family; /* "network device": a heading */
	const char *name;   /* "tap device" */
	const char *json;   /* "tap_device" */
	enum feature_use use[FEATURE_MODE_COUNT];
	const char *needs;   /* json name of an earlier row, without which this one can't be tried,
			      * or NULL */
	const char *without; /* what its lack means */
	const char *get;     /* how to get it */

	/*
	 * Tries it, leaving nothing behind. Returns true with *ret_detail what was found (owned, or
	 * NULL for nothing to add), or false with error set to why it can't be had. argument is the
	 * row's.
	 */
	bool (*try)(const struct feature_trial *trial, int argument, char **ret_detail,
		    GError **error);
	int argument;
};

extern const struct feature features[];
extern const size_t feature_count;

/* The row of that json name; NULL for none. */
const struct feature *feature_find(const char *json);

/* "packet", "hybrid", "syscall". */
const char *feature_mode_name(enum feature_mode mode);

/* "-", "used", "needed". */
const char *feature_use_name(enum feature_use use);
