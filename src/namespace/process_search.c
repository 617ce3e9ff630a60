/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds processes by the network namespace that they are in. */

#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "namespace/process_search.h"

/* A process may end between being listed and being looked at, having forked a next one. */
#define PASSES 3

/* True if the process directory's network namespace is the wanted one. A zombie has none. */
static bool is_in_netns(int proc, const char *pid, const struct stat *wanted)
{
	char path[sizeof("/ns/net") + NAME_MAX];
	struct stat found;

	snprintf(path, sizeof(path), "%s/ns/net", pid);
	return fstatat(proc, path, &found, 0) == 0 && found.st_dev == wanted->st_dev &&
	       found.st_ino == wanted->st_ino;
}

/* The number may have become another process's since it was read: so look again with a pidfd. */
static int open_process(int proc, const char *pid, const struct stat *wanted)
{
	CLEANUP_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, atoi(pid), 0U);

	if (pidfd < 0 || !is_in_netns(proc, pid, wanted))
		return -1;
	return descriptor_steal(&pidfd);
}

static int search_once(DIR *directory, const struct stat *wanted)
{
	struct dirent *entry;
	int proc = dirfd(directory);
	int found = -1;

	rewinddir(directory);
	while (found < 0 && (entry = readdir(directory)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    is_in_netns(proc, entry->d_name, wanted))
			found = open_process(proc, entry->d_name, wanted);
	return found;
}

int process_search_netns(int netns)
{
	struct stat wanted;
	DIR *directory = NULL;
	int found = -1;

	if (fstat(netns, &wanted) == 0)
		directory = opendir("/proc");
	for (int pass = 0; directory && found < 0 && pass < PASSES; pass++)
		found = search_once(directory, &wanted);
	if (directory)
		closedir(directory);
	return found;
}
