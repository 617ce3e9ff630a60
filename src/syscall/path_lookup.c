/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking a path up as another task would.
 *
 * openat2(2) can do this by itself (RESOLVE_IN_ROOT), but what it opens, and how, is told in
 * memory, where the supervisor's own filter can't see it. So the components are walked one by one;
 * what a symbolic link says takes the place of its name.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/path_lookup.h"
#include "syscall/task_files.h"

/* As the kernel's. */
#define LINKS_MAX 40
#define PATH_LONGEST 4096

struct walk {
	int root;
	int at;
	unsigned int links;
	char *rest; /* to be walked yet */
};

static int open_directory(int proc, pid_t tid, const char *name)
{
	return task_open_file(proc, tid, name, O_PATH | O_DIRECTORY);
}

static int go_to(struct walk *walk, int fd)
{
	if (fd < 0)
		return -errno;
	descriptor_close(&walk->at);
	walk->at = fd;
	return 0;
}

static bool is_at_root(const struct walk *walk)
{
	struct stat root, at;

	return fstat(walk->root, &root) == 0 && fstat(walk->at, &at) == 0 &&
	       root.st_dev == at.st_dev && root.st_ino == at.st_ino;
}

/* Puts the text of the link before the rest. */
static int follow_link(struct walk *walk, int link)
{
	char text[PATH_LONGEST];
	ssize_t length = readlinkat(link, "", text, sizeof(text) - 1);
	char *rest;

	if (length < 0)
		return -errno;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	text[length] = '\0';
	rest = g_strdup_printf("%s/%s", text, walk->rest);
	g_free(walk->rest);
	walk->rest = rest;
	if (strlen(rest) >= PATH_LONGEST)
		return -ENAMETOOLONG;
	return text[0] == '/' ? go_to(walk, dup(walk->root)) : 0;
}

static int step(struct walk *walk, const char *name)
{
	CLEANUP_CLOSE int fd = -1;
	struct stat stat;

	if (strcmp(name, ".") == 0 || (strcmp(name, "..") == 0 && is_at_root(walk)))
		return 0;
	fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat) < 0)
		return -errno;
	if (S_ISLNK(stat.st_mode))
		return follow_link(walk, fd);
	return go_to(walk, descriptor_steal(&fd));
}

static int walk_all(struct walk *walk)
{
	int result = 0;

	while (result == 0) {
		char *start = walk->rest + strspn(walk->rest, "/");
		size_t length = strcspn(start, "/");
		g_autofree char *name = g_strndup(start, length);
		char *rest;

		if (length == 0)
			break;
		rest = g_strdup(start + length);
		g_free(walk->rest);
		walk->rest = rest;
		result = step(walk, name);
	}
	return result;
}

int path_lookup(int proc, pid_t tid, const char *path)
{
	struct walk walk = { .root = open_directory(proc, tid, "root"), .at = -1 };
	int result = walk.root < 0 ? walk.root : 0;

	if (result == 0) {
		walk.at = path[0] == '/' ? dup(walk.root) : open_directory(proc, tid, "cwd");
		result = walk.at < 0 ? -EMFILE : 0;
	}
	walk.rest = g_strdup(path);
	if (result == 0)
		result = walk_all(&walk);
	g_free(walk.rest);
	descriptor_close(&walk.root);
	if (result < 0)
		descriptor_close(&walk.at);
	return result < 0 ? result : walk.at;
}

int path_lookup_parent(int proc, pid_t tid, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	g_autofree char *parent = slash ? g_strndup(path, (gsize)(name - path)) : g_strdup(".");

	if (name[0] == '\0' && strspn(path, "/") < strlen(path))
		return -ENOENT; /* only a directory could have that name */
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EEXIST;
	*ret_name = name;
	return path_lookup(proc, tid, parent);
}
