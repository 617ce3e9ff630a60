/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the lines that --trace writes (syscall/trace_line.h). A line may be anything. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* No line of ours is as long. */
#define TRACE_LINE_MAX 4096

/* A trapped call; the texts are owned, NULL where the line has none. */
struct trace_note {
	int64_t time; /* microseconds since 1970, UTC */
	int64_t pid;
	uint64_t microseconds;
	char *comm;
	char *call;
	char *address;
	char *verdict;
	char *reason;
	char *error;
};

/*
 * Reads one line of length bytes, without its newline. Returns true and fills *ret_note (clear it
 * with trace_note_clear); or false with error set, if it is no such line.
 */
bool trace_line_read(const char *line, size_t length, struct trace_note *ret_note, GError **error);

void trace_note_clear(struct trace_note *note);
