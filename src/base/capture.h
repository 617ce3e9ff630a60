/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture file begins with, in the pcap format (draft-ietf-opsawg-pcap, version 2.4,
 * Ethernet, microseconds, this machine's byte order). The session writes it once, where it opens
 * the file; the records are its engines'.
 */
#pragma once

/* Writes the header to a new file, a FIFO or the like; returns 0 or -errno. */
int capture_begin(int fd);

/* Returns 0 if the file open at fd begins with that header, -EINVAL if it doesn't, or -errno. */
int capture_check(int fd);
