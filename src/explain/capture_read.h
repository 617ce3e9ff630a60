/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a capture in the pcap format (draft-ietf-opsawg-pcap, version 2.4), record by record: of
 * either byte order, with microseconds or nanoseconds, Ethernet only. What is in the file may be
 * anybody's.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct capture_reader;

/* A captured frame; its bytes are the reader's, until the next is read. */
struct capture_record {
	int64_t time; /* microseconds since 1970, UTC */
	const uint8_t *frame;
	size_t captured; /* bytes at frame */
	size_t length;	 /* bytes that the frame had */
};

/*
 * Reads the file's header; file is the reader's on success and stays the caller's on failure.
 * Returns NULL with error set if it is no capture of Ethernet frames.
 */
struct capture_reader *capture_reader_new(FILE *file, GError **error);

/* Closes the file; NULL is allowed. */
void capture_reader_free(struct capture_reader *reader);

/*
 * Fills *ret_record and returns true; false at the end, and where the file can't be read or lies
 * about itself, which sets error. A file that ends within a record, as it does while it is still
 * written, just ends: capture_reader_is_torn.
 */
bool capture_reader_next(struct capture_reader *reader, struct capture_record *ret_record,
			 GError **error);

/* True if the file ended within a record. */
bool capture_reader_is_torn(const struct capture_reader *reader);
