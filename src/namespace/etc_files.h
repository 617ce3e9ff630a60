/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's /etc/resolv.conf and /etc/hosts. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/address.h"
#include "base/network.h"

/*
 * The text of the container's resolv.conf: our DNS address, and the search, domain and options
 * lines of host_text (the host's file, may be NULL). Pure; the caller frees it.
 */
char *etc_resolv_conf_text(const char *host_text, const struct network *network);

/*
 * The same with count servers of the host in place of ours, for a container that asks them itself;
 * without any, the C library takes 127.0.0.1.
 */
char *etc_resolv_conf_text_of(const char *host_text, const struct address *servers, size_t count);

/*
 * The text of the container's hosts file: localhost, hostname (the container's own address),
 * and "host.slirpway.internal" for the gateway; then the host's file's remaining entries
 * (host_text, may be NULL) less those that name loopback addresses. Pure; the caller frees it.
 */
char *etc_hosts_text(const char *host_text, const char *hostname, const struct network *network);

/*
 * Binds directory/resolv.conf and directory/hosts over those of /etc in the calling process's mount
 * namespace, following symbolic links. A missing /etc/resolv.conf is an error that says so; where
 * there is no /etc/hosts the container goes without, and *ret_warning, the caller's, says what that
 * means (else NULL). The kernel takes such a mount away when somebody outside replaces the file
 * below it by rename(2).
 */
bool etc_files_mount(const char *directory, char **ret_warning, GError **error);
