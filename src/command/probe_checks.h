/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What slirpway can make use of, found out by trying each thing, never from version numbers. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct probe_check {
	const char *name;    /* "tap device" */
	const char *json;    /* "tap_device" */
	const char *without; /* what its lack means, and how to get it */
	bool inside;	     /* is tried in a user namespace, so that it needs that row first */

	/*
	 * Tries it. Returns true with *ret_detail what was found (owned, or NULL for nothing to
	 * add), or false with error set to why it can't be had. Changes nothing that stays.
	 */
	bool (*try)(char **ret_detail, GError **error);
};

/* The rows that the choice of a mode goes by. */
enum probe_row {
	PROBE_USER_NAMESPACES,
	PROBE_TAP,
	PROBE_VETH,
	PROBE_NOTIFICATION, /* this and the next three: all that mode hybrid needs */
	PROBE_PUT_DESCRIPTOR,
	PROBE_TAKE_DESCRIPTOR,
	PROBE_NETWORK_COOKIE,
};

/* All rows, those of enum probe_row first. */
extern const struct probe_check probe_checks[];
extern const size_t probe_check_count;
