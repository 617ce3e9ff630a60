/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process between the session and COMMAND, in the container: it starts COMMAND when it is told
 * to, and tells what became of it, while the session still stands. So what the session's processes
 * used can be looked at just before and just after COMMAND.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/* The word that has this program be that process: slirpway WORD SOCKET OUTPUT COMMAND [ARG...] */
#define PROGRAM_ARGUMENT "--explain-program"

enum program_stage {
	PROGRAM_READY = 1, /* it waits for the word to start COMMAND */
	PROGRAM_ENDED,	   /* COMMAND has ended; it waits for the word to end */
};

/* A packet on the socket, from the process; each is answered by PROGRAM_WORD. */
struct program_report {
	uint32_t stage; /* enum program_stage */
	int32_t status; /* exit status as run gives it: 128 + n for a signal, 127 not found */
	int32_t error;	/* errno of an execve(2) that failed, else 0 */
	int64_t begin;	/* CLOCK_REALTIME, microseconds: when COMMAND was started, and ended */
	int64_t end;
	struct rusage usage; /* COMMAND's, and that of those of its children that it waited for */
};

#define PROGRAM_WORD "1"

/*
 * Is that process: argv holds SOCKET, OUTPUT (a descriptor for COMMAND's standard output and error,
 * or -1 to leave them as they are) and COMMAND. Returns its exit status.
 */
int program_run(int argc, char **argv);
