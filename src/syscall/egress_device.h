/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which device of the host leads to an address, rtnetlink(7). */
#pragma once

#include <net/if.h>

#include "base/address.h"

/*
 * Copies to ret_name the device to bind a socket to that may go to destination and not to the
 * host's loopback: the route's; for an address of the host's own, the device that has it, since
 * 127.0.0.0/8 and ::1 are not on that; "lo" for these themselves. source: family AF_UNSPEC for any.
 * Returns 0 or -errno (-ENETUNREACH, -EHOSTUNREACH, ...: no route; -EACCES: the address is on the
 * loopback device without being a loopback address, so that nothing would keep the two apart).
 */
int egress_device_find(const struct address *destination, const struct address *source,
		       char ret_name[static IF_NAMESIZE]);
