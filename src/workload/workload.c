/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all parts of the workload program use: clock, usage, complaints. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "workload/workload.h"

uint64_t workload_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void add_usage(struct workload_usage *total, int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	total->cpu_microseconds +=
		(uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
		(uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	total->context_switches += (uint64_t)(usage.ru_nvcsw + usage.ru_nivcsw);
}

struct workload_usage workload_usage(void)
{
	struct workload_usage total = { 0 };

	add_usage(&total, RUSAGE_SELF);
	add_usage(&total, RUSAGE_CHILDREN);
	return total;
}

bool workload_complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("slirpway-workload: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return false;
}

bool workload_tell_ready(const struct workload_options *options, uint64_t number)
{
	if (options->ready_fd < 0)
		return true;
	bool written = dprintf(options->ready_fd, "%" PRIu64 "\n", number) > 0;
	if (!written)
		workload_complain("--ready-fd %d: %s", options->ready_fd, strerror(errno));
	close(options->ready_fd);
	return written;
}
