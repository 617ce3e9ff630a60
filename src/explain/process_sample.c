/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process has used so far, as the kernel counts it. */

/*
 * CPU time comes from the process's own clock (clock_getcpuclockid(3)): /proc/PID/stat has it in
 * hundredths of a second, too coarse for a program that ends after ten milliseconds. Switches are
 * counted by thread, so all of them are added up; those of threads that have ended are lost.
 */

#include "config.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explain/process_sample.h"

static bool read_clock(pid_t pid, int64_t *ret_us)
{
	struct timespec spent;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) < 0)
		return false;
	*ret_us = (int64_t)spent.tv_sec * G_USEC_PER_SEC + spent.tv_nsec / 1000;
	return true;
}

/* The number behind name in the text of a status file; false if there is none. */
static bool find_number(const char *text, const char *name, uint64_t *ret_number)
{
	const char *line = strstr(text, name);

	if (!line)
		return false;
	*ret_number = strtoull(line + strlen(name), NULL, 10);
	return true;
}

static bool add_thread(struct process_sample *sample, const char *path)
{
	g_autofree char *text = NULL;
	uint64_t voluntary, involuntary;

	if (!g_file_get_contents(path, &text, NULL, NULL) ||
	    !find_number(text, "\nvoluntary_ctxt_switches:", &voluntary) ||
	    !find_number(text, "\nnonvoluntary_ctxt_switches:", &involuntary))
		return false;
	sample->voluntary += voluntary;
	sample->involuntary += involuntary;
	return true;
}

static bool add_threads(struct process_sample *sample)
{
	g_autofree char *directory = g_strdup_printf("/proc/%d/task", (int)sample->pid);
	g_autoptr(GDir) tasks = g_dir_open(directory, 0, NULL);
	bool found = false;
	const char *name;

	while (tasks && (name = g_dir_read_name(tasks))) {
		g_autofree char *path = g_build_filename(directory, name, "status", NULL);

		found |= add_thread(sample, path); /* a thread may have ended by now */
	}
	return found;
}

void process_sample_take(pid_t pid, struct process_sample *ret_sample)
{
	*ret_sample = (struct process_sample){ .pid = pid };
	ret_sample->known =
		pid > 0 && add_threads(ret_sample) && read_clock(pid, &ret_sample->cpu_us);
}

static int64_t microseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * G_USEC_PER_SEC + time->tv_usec;
}

struct process_sample process_sample_of_rusage(const struct rusage *usage)
{
	return (struct process_sample){
		.known = true,
		.cpu_us = microseconds(&usage->ru_utime) + microseconds(&usage->ru_stime),
		.voluntary = (uint64_t)usage->ru_nvcsw,
		.involuntary = (uint64_t)usage->ru_nivcsw,
	};
}

struct process_sample process_sample_between(const struct process_sample *begin,
					     const struct process_sample *end)
{
	if (!begin->known || !end->known || begin->pid != end->pid ||
	    end->voluntary < begin->voluntary || end->involuntary < begin->involuntary)
		return (struct process_sample){ .pid = end->pid };
	return (struct process_sample){
		.pid = end->pid,
		.known = true,
		.cpu_us = end->cpu_us - begin->cpu_us,
		.voluntary = end->voluntary - begin->voluntary,
		.involuntary = end->involuntary - begin->involuntary,
	};
}
