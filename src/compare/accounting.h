/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What other processes use, as the kernel tells (clock_getcpuclockid(3), proc(5)). */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Seconds that all threads of the process have run so far; NAN if there is none, or pid <= 0. */
double accounting_cpu_seconds(pid_t pid);

/* Bytes of resident memory, shared pages by their share (Pss); NAN where they can't be had. */
double accounting_memory_bytes(pid_t pid);

/*
 * The processes at or below root whose name (comm) begins with prefix, of pid_t; a new array, empty
 * if there are none.
 */
GArray *accounting_processes(pid_t root, const char *prefix);
