/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process has used so far, as the kernel counts it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct process_sample {
	pid_t pid;	      /* 0: there is no such process */
	bool known;	      /* the rest holds */
	int64_t cpu_us;	      /* microseconds on a CPU, in user space and in the kernel */
	uint64_t voluntary;   /* times that it gave up the CPU: it slept, and was woken up */
	uint64_t involuntary; /* times that the CPU was taken from it */
};

/* Looks at a process and all its threads that live; what it can't see is not known. */
void process_sample_take(pid_t pid, struct process_sample *ret_sample);

/* What wait4(2) or getrusage(2) told. */
struct process_sample process_sample_of_rusage(const struct rusage *usage);

/* What was used from begin to end; not known if either is not, or if they are two processes. */
struct process_sample process_sample_between(const struct process_sample *begin,
					     const struct process_sample *end);
