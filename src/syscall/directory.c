/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going over the directories of /proc that list numbers. */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/directory.h"

/* "." and ".." are the only other names there. */
static void visit_entries(const char *entries, ssize_t length,
			  void (*visit)(int number, void *data), void *data)
{
	for (ssize_t at = 0; at < length;) {
		const struct dirent64 *entry = (const void *)(entries + at);

		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			visit((int)strtol(entry->d_name, NULL, 10), data);
		at += entry->d_reclen;
	}
}

int directory_each_number(int at, const char *path, void (*visit)(int number, void *data),
			  void *data)
{
	CLEANUP_CLOSE int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent64) char entries[8192];
	ssize_t length;

	if (fd < 0)
		return -errno;
	while ((length = getdents64(fd, entries, sizeof(entries))) > 0)
		visit_entries(entries, length, visit, data);
	return length < 0 ? -errno : 0;
}
