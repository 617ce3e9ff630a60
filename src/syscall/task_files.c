/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of a task, proc(5). */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "syscall/directory.h"
#include "syscall/task_files.h"

/* Room for a status with some hundred groups; the longest has 65536 of them. */
#define STATUS_USUAL 8192
#define STATUS_LONGEST (1024 * 1024)

/* Sixteen lines of a hundred characters at most. */
#define LIMITS_LONGEST 4096

struct status_line {
	const char *name; /* with the newline before it and the colon */
	size_t offset;
	int base;
	int skipped; /* numbers before the one that is meant */
};

static const struct status_line status_lines[] = {
	{ "\nUmask:", offsetof(struct task_status, umask), 8, 0 },
	{ "\nTgid:", offsetof(struct task_status, process), 10, 0 },
	{ "\nUid:", offsetof(struct task_status, file_user), 10, 3 },
	{ "\nThreads:", offsetof(struct task_status, threads), 10, 0 },
	{ "\nSigPnd:", offsetof(struct task_status, pending), 16, 0 },
	{ "\nShdPnd:", offsetof(struct task_status, process_pending), 16, 0 },
	{ "\nSigBlk:", offsetof(struct task_status, blocked), 16, 0 },
	{ "\nCapEff:", offsetof(struct task_status, capabilities), 16, 0 },
};

int task_open_file(int proc, pid_t tid, const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%d/%s", tid, name);
	fd = openat(proc, path, flags | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

ssize_t task_read_file(int proc, pid_t tid, const char *name, char *buffer, size_t size)
{
	CLEANUP_CLOSE int fd = task_open_file(proc, tid, name, O_RDONLY);
	ssize_t length;

	if (fd < 0)
		return fd;
	length = read(fd, buffer, size - 1);
	if (length < 0)
		return -errno;
	buffer[length] = '\0';
	return length;
}

/*
 * The lines come in the order of the table, and no value holds a newline (the kernel escapes it in
 * the name of a thread): each is looked for behind the one before.
 */
static bool parse_status(const char *text, struct task_status *ret_status)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_lines); i++) {
		const struct status_line *line = &status_lines[i];
		uint64_t value = 0;
		char *end;

		text = strstr(text, line->name);
		if (!text)
			return false;
		text += strlen(line->name);
		for (int number = 0; number <= line->skipped; number++) {
			value = strtoull(text, &end, line->base);
			text = end;
		}
		memcpy((char *)ret_status + line->offset, &value, sizeof(value));
	}
	return true;
}

int task_read_status(int proc, pid_t tid, struct task_status *ret_status)
{
	char usual[STATUS_USUAL];
	ssize_t length = task_read_file(proc, tid, "status", usual, sizeof(usual));
	char *longest;

	if (length < 0)
		return (int)length;
	if (parse_status(usual, ret_status))
		return 0;
	if (length < STATUS_USUAL - 1)
		return -ESRCH;
	longest = g_malloc(STATUS_LONGEST);
	length = task_read_file(proc, tid, "status", longest, STATUS_LONGEST);
	if (length >= 0)
		length = parse_status(longest, ret_status) ? 0 : -ESRCH;
	g_free(longest);
	return (int)length;
}

int task_open_descriptor_info(int proc, pid_t tid, int number)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "fdinfo/%d", number);
	fd = task_open_file(proc, tid, name, O_RDONLY);
	return fd == -ESRCH ? -EBADF : fd;
}

int task_descriptor_flags(int info)
{
	char text[512];
	const char *line;
	/* From the beginning: there the kernel looks at the table again. */
	ssize_t length = pread(info, text, sizeof(text) - 1, 0);

	if (length < 0)
		return errno == ENOENT || errno == ESRCH ? -EBADF : -errno;
	text[length] = '\0';
	line = strstr(text, "flags:");
	if (!line)
		return -EBADF;
	return (int)strtoul(line + strlen("flags:"), NULL, 8);
}

/* The soft limit, or UINT64_MAX where it can't be told. */
static uint64_t descriptor_limit(int proc, pid_t tid)
{
	static const char name[] = "\nMax open files";
	char text[LIMITS_LONGEST];
	const char *line;

	if (task_read_file(proc, tid, "limits", text, sizeof(text)) < 0)
		return UINT64_MAX;
	line = strstr(text, name);
	return line ? strtoull(line + strlen(name), NULL, 10) : UINT64_MAX;
}

bool task_table_is_full(int proc, pid_t tid)
{
	char path[32];
	struct stat stat;

	/* The size of that directory is the number of its entries. */
	snprintf(path, sizeof(path), "%d/fd", tid);
	if (fstatat(proc, path, &stat, 0) < 0 || stat.st_size == 0)
		return false;
	return (uint64_t)stat.st_size >= descriptor_limit(proc, tid);
}

struct others {
	int proc;
	pid_t tid;
	uint64_t blocked;
};

static void visit_thread(int number, void *data)
{
	struct others *others = data;
	struct task_status status;

	if (number == others->tid || task_read_status(others->proc, number, &status) < 0)
		return;
	others->blocked &= status.blocked;
}

uint64_t task_blocked_by_others(int proc, pid_t tid)
{
	struct others others = { .proc = proc, .tid = tid, .blocked = UINT64_MAX };
	char path[32];

	snprintf(path, sizeof(path), "%d/task", tid);
	if (directory_each_number(proc, path, visit_thread, &others) < 0)
		return 0;
	return others.blocked;
}
