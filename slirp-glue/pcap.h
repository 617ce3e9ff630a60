/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds the link's frames to a capture that tcpdump and Wireshark read (base/capture.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct pcap;

/*
 * Goes on with the capture that capture_begin began at fd, which is the capture's on success and
 * stays the caller's on failure. A regular file must be open for reading and writing, and is added
 * to at its end. Anything else (a FIFO, say) is set to O_NONBLOCK: frames that its reader doesn't
 * take in time are left out, whole, and counted. Returns NULL with errno set on failure; EINVAL if
 * the file is no such capture. The process must ignore SIGPIPE and SIGXFSZ.
 */
struct pcap *pcap_new(int fd);

/* Keeps no more than the first length bytes of each frame from now on; their real length is told.
 */
void pcap_set_snapshot(struct pcap *pcap, size_t length);

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
