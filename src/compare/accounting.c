/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What other processes use, as the kernel tells. */

#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare/accounting.h"

#define KIBIBYTE 1024.0

double accounting_cpu_seconds(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
		return NAN;
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double accounting_memory_bytes(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/smaps_rollup", (int)pid);
	g_autofree char *text = NULL;
	const char *line;

	if (pid <= 0 || !g_file_get_contents(path, &text, NULL, NULL))
		return NAN;
	line = strstr(text, "\nPss:");
	return line ? strtod(line + strlen("\nPss:"), NULL) * KIBIBYTE : NAN;
}

/* What /proc/PID/stat begins with; the name may hold anything, a parenthesis too. */
struct process_line {
	pid_t pid, parent;
	char name[32];
};

static bool read_line(const char *entry, struct process_line *ret_line)
{
	g_autofree char *path = g_build_filename("/proc", entry, "stat", NULL);
	g_autofree char *text = NULL;
	const char *begin, *end;
	char state;
	int parent;

	if (!g_ascii_isdigit(entry[0]) || !g_file_get_contents(path, &text, NULL, NULL))
		return false;
	begin = strchr(text, '(');
	end = strrchr(text, ')');
	if (!begin || !end || sscanf(end + 1, " %c %d", &state, &parent) != 2)
		return false;
	ret_line->pid = (pid_t)atoi(entry);
	ret_line->parent = (pid_t)parent;
	g_strlcpy(ret_line->name, begin + 1, MIN(sizeof(ret_line->name), (gsize)(end - begin)));
	return true;
}

static GArray *read_all(void)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct process_line));
	g_autoptr(GDir) directory = g_dir_open("/proc", 0, NULL);
	const char *entry;
	struct process_line line;

	while (directory && (entry = g_dir_read_name(directory)))
		if (read_line(entry, &line))
			g_array_append_val(lines, line);
	return lines;
}

static pid_t parent_of(const GArray *lines, pid_t pid)
{
	for (guint i = 0; i < lines->len; i++)
		if (g_array_index(lines, struct process_line, i).pid == pid)
			return g_array_index(lines, struct process_line, i).parent;
	return 0;
}

/* The steps are bounded: processes may end and be replaced while the list is read. */
static bool is_below(const GArray *lines, pid_t pid, pid_t root)
{
	for (guint i = 0; i <= lines->len && pid > 0; i++) {
		if (pid == root)
			return true;
		pid = parent_of(lines, pid);
	}
	return false;
}

GArray *accounting_processes(pid_t root, const char *prefix)
{
	g_autoptr(GArray) lines = read_all();
	GArray *found = g_array_new(FALSE, FALSE, sizeof(pid_t));

	for (guint i = 0; i < lines->len; i++) {
		const struct process_line *line = &g_array_index(lines, struct process_line, i);

		if (g_str_has_prefix(line->name, prefix) && is_below(lines, line->pid, root))
			g_array_append_val(found, line->pid);
	}
	return found;
}
