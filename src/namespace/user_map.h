/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How ids inside a new user namespace map to those outside (user_namespaces(7)). */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Names as unshare(1) has them. */
enum user_map {
	USER_MAP_ROOT,	  /* 0 inside is the caller */
	USER_MAP_CURRENT, /* the caller's own ids, unchanged */
	USER_MAP_AUTO, /* 0 is the caller, 1... the subordinate ids of /etc/subuid and /etc/subgid
			*/
};

/*
 * Writes the maps of the user namespace that process pid has just made; called from the parent
 * namespace. USER_MAP_AUTO runs newuidmap(1) and newgidmap(1). Returns false with error set.
 */
bool user_map_write(pid_t pid, enum user_map map, GError **error);
