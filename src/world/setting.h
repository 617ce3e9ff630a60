/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of the calling process's network namespace (sysctl(8)). */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Writes value to /proc/sys/net/NAME. Returns false with error set. */
bool setting_write(const char *name, const char *value, GError **error);

/*
 * What a namespace of a world needs: lo up, ping sockets for everybody, IPv6 addresses that serve
 * at once, packets passed on, and this congestion control. Returns false with error set.
 */
bool setting_prepare_namespace(const char *congestion, GError **error);
