/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that runs beside us: what it says line by line, within deadlines. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct process;

/* Called in the child before it executes the program; nothing but system calls. False: errno. */
typedef bool (*process_place_func)(const void *data);

/*
 * Starts words (looked up in PATH) in a process group of its own, where place (NULL: here) puts it.
 * Returns NULL with error set.
 */
struct process *process_start(const char *const *words, process_place_func place, const void *data,
			      GError **error);

pid_t process_id(const struct process *process);

enum process_event {
	PROCESS_LINE,	 /* a line of its standard output */
	PROCESS_END,	 /* its standard output has ended */
	PROCESS_TIMEOUT, /* neither, in this time */
};

/* Waits timeout_ms milliseconds at most; *ret_line, without the newline, is the caller's. */
enum process_event process_next(struct process *process, int timeout_ms, char **ret_line);

/* The time that many milliseconds from now, as g_get_monotonic_time(3). */
gint64 process_deadline(int timeout_ms);

/* The same until a deadline, after which nobody is heard, however much he has said. */
enum process_event process_next_before(struct process *process, gint64 deadline, char **ret_line);

/*
 * Writes text and a newline to its standard input; one that has gone is no error here. The caller
 * ignores SIGPIPE; what is started does not.
 */
void process_tell(struct process *process, const char *text);

/* The last line that it wrote to standard error, or "": the caller's, fit to be printed. */
char *process_message(struct process *process);

/*
 * Ends it: closes its standard input, waits timeout_ms for it to end by itself, then kills it, and
 * what is left of its group in any case. Returns its wait status, or -1 if it had to be killed; the
 * process is freed. NULL is allowed.
 */
int process_end(struct process *process, int timeout_ms);
