/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A veth pair with a packet socket on its far end (veth(4), packet(7)). */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "namespace/device.h"

/*
 * Makes the veth interface called name in the calling process's network namespace; its far end and
 * the socket are in a hidden one that ends with the socket, and the pair with it. The process (of
 * one thread, with CAP_SYS_ADMIN) changes its network namespace and changes it back. Returns false
 * with error set.
 */
bool veth_open(const char *name, uint32_t mtu, struct device *ret_device, GError **error);
