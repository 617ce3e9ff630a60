/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the link's frames in the pcap format (draft-ietf-opsawg-pcap, version 2.4, Ethernet,
 * microseconds, this machine's byte order) that tcpdump and Wireshark read.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct pcap;

/*
 * Starts a capture to fd, which is the capture's on success and stays the caller's on failure. A
 * regular file must be open for reading and writing; one that has content is gone on with at its
 * end, if that content is a capture of this format. Anything else (a FIFO, say) is set to
 * O_NONBLOCK: frames that its reader doesn't take in time are left out, whole, and counted.
 * Returns NULL with errno set on failure; EINVAL if the content is something else. The process must
 * ignore SIGPIPE.
 */
struct pcap *pcap_new(int fd);

/* Writes out what is buffered, as far as it can, and closes. NULL is allowed. */
void pcap_free(struct pcap *pcap);

/* Adds a frame with the wall-clock time of now; buffered. */
void pcap_write(struct pcap *pcap, const uint8_t *frame, size_t length);

/*
 * Writes out what is buffered. On failure (disk full, reader gone) returns -errno once and the
 * capture stops; its file ends with a whole record.
 */
int pcap_flush(struct pcap *pcap);

/* How many frames were left out so far. */
uint64_t pcap_left_out(const struct pcap *pcap);
