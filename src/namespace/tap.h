/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tap interface and its descriptor (Documentation/networking/tuntap.rst). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "namespace/device.h"

/*
 * Makes the tap called name in the calling thread's network namespace, or attaches to it. Returns
 * false with error set; *ret_unusable then tells whether /dev/net/tun itself is at fault, so that
 * another kind of device may do.
 */
bool tap_open(const char *name, struct device *ret_device, bool *ret_unusable, GError **error);
