/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, routes and flags of interfaces in the calling thread's network namespace
 * (rtnetlink(7)). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/network.h"

/* Brings lo up. */
bool interface_up_loopback(GError **error);

/*
 * Brings lo up and gives it the container's own addresses, for a container without any other
 * interface: what it is called by, it can reach itself by. Returns false with error set.
 */
bool interface_configure_loopback(const struct network *network, GError **error);

/*
 * Gives interface name its MTU, its MAC address (mac NULL: unchanged), the container's addresses
 * (IPv6 without duplicate detection, and without router advertisements taken on top), brings it up
 * and sets the default routes over the gateway. Returns false with error set.
 */
bool interface_configure(const char *name, const char *mac, const struct network *network,
			 GError **error);
