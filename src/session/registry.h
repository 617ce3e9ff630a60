/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where sessions are found: one directory per session, NAME/control.sock and the files that it
 * binds into its container, under $XDG_RUNTIME_DIR/slirpway (else /run/user/UID/slirpway, else
 * /tmp/slirpway-UID, each mode 0700 and ours).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* True for 1 to 64 letters, digits, '.', '_' and '-', not starting with '.' or '-'. */
bool registry_name_valid(const char *name);

struct registry_entry;

/*
 * Takes name for this process, by a lock on its directory that ends with the process; what a dead
 * session left there is cleared. Returns NULL with error set (SLIRPWAY_ERROR_IN_USE if a live
 * session has it).
 */
struct registry_entry *registry_claim(const char *name, GError **error);

/* The directory's path; the entry's. */
const char *registry_entry_directory(const struct registry_entry *entry);

/* Removes the directory and gives the name back; NULL is allowed. */
void registry_release(struct registry_entry *entry);

/* The path of a session's control socket; the caller frees it. NULL with error set. */
char *registry_control_path(const char *name, GError **error);

/* The names of the live sessions, sorted (g_ptr_array of char *, freed with it). NULL with error
 * set. */
GPtrArray *registry_list(GError **error);
