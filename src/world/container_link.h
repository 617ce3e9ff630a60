/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What joins a container to the world's host where root does it: a veth pair. */
#pragma once

#include <stdint.h>

/*
 * Makes a pair of this MTU from the network namespace host, which the calling process is in, to
 * that of a container, where it is "eth0" with an address, and the default route goes over it. The
 * process returns to host. Returns 0 or -errno.
 */
int container_link_make(int host, int container, uint32_t mtu);
