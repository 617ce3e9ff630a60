/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's /etc/resolv.conf and /etc/hosts. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/network.h"

/*
 * The text of the container's resolv.conf: our DNS address, and the search, domain and options
 * lines of host_text (the host's file, may be NULL). Pure; the caller frees it.
 */
char *etc_resolv_conf_text(const char *host_text, const struct network *network);

/*
 * The text of the container's hosts file: localhost, hostname (the container's own address),
 * and "host.slirpway.internal" for the gateway; then the host's file's remaining entries
 * (host_text, may be NULL) less those that name loopback addresses. Pure; the caller frees it.
 */
char *etc_hosts_text(const char *host_text, const char *hostname, const struct network *network);

/*
 * Binds directory/resolv.conf and directory/hosts over those of /etc in the calling process's mount
 * namespace, following symbolic links; a file missing from /etc is an error that says so. The
 * kernel takes such a mount away when somebody outside replaces the file below it by rename(2).
 */
bool etc_files_mount(const char *directory, GError **error);
