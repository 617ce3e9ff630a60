/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an interface may leave to the other side of the wire (ETHTOOL_SFEATURES of ethtool.h). */
#pragma once

/*
 * Has the kernel do for interface name, in the network namespace of the calling thread, all that a
 * packet socket on the far end could not tell of or we could not do: of the kinds of packets that
 * stand for many, TCP segments alone are left (without ECN marks), of checksums those of RFC 1071.
 * Returns 0 or -errno.
 */
int offload_limit(const char *name);
