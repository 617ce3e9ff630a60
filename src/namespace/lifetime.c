/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells when a network namespace that we were attached to has come to its end.
 *
 * The kernel does not say when a namespace goes, and ours would not go anyway: the tap keeps it. So
 * an end is defined for each way to name one.
 *
 * Named by a process (or by a path in its /proc directory): it ends with the last process in it.
 * One of them is watched by a pidfd; when that one has ended, /proc is searched for the next. A
 * descriptor of the namespace is held meanwhile, for the kernel gives the inode number of one that
 * is gone to the next that is made.
 *
 * Named by a path: it ends when the path no longer leads to the same file. Inotify on the
 * directory tells of files that are removed or replaced, and /proc/self/mountinfo of mounts (the
 * file is usually one that a namespace is bound to).
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/lifetime.h"
#include "namespace/process_search.h"

/* Every change of a directory after which a path through it may lead elsewhere. */
#define DIRECTORY_EVENTS                                                                           \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

struct lifetime {
	void (*ended)(void *data);
	void *data;
	int netns;	  /* by process: the namespace, held */
	struct stat file; /* by path: what it led to at first */
	char *path;	  /* by path; NULL otherwise */
	int watched;	  /* pidfd, or inotify */
	int mounts;	  /* by path: mountinfo */
	guint watch_id;	  /* sources of the two; 0: none */
	guint mounts_id;
};

static void remove_source(guint *id)
{
	if (*id != 0)
		g_source_remove(*id);
	*id = 0;
}

void lifetime_free(struct lifetime *lifetime)
{
	if (!lifetime)
		return;
	remove_source(&lifetime->watch_id);
	remove_source(&lifetime->mounts_id);
	descriptor_close(&lifetime->watched);
	descriptor_close(&lifetime->mounts);
	descriptor_close(&lifetime->netns);
	g_free(lifetime->path);
	g_free(lifetime);
}

/* Stops watching and tells the owner, who may free lifetime while told. */
static void end(struct lifetime *lifetime)
{
	remove_source(&lifetime->watch_id);
	remove_source(&lifetime->mounts_id);
	lifetime->ended(lifetime->data);
}

static gboolean on_process_ended(int fd, GIOCondition condition, void *data)
{
	struct lifetime *lifetime = data;

	(void)fd;
	(void)condition;
	lifetime->watch_id = 0; /* removed by what is returned */
	descriptor_close(&lifetime->watched);
	lifetime->watched = process_search_netns(lifetime->netns);
	if (lifetime->watched >= 0)
		lifetime->watch_id =
			g_unix_fd_add(lifetime->watched, G_IO_IN, on_process_ended, lifetime);
	else
		end(lifetime);
	return G_SOURCE_REMOVE;
}

/* Checks the path; returns false after ended was called, when lifetime may be gone. */
static bool check_path(struct lifetime *lifetime)
{
	struct stat now;

	if (stat(lifetime->path, &now) == 0 && now.st_dev == lifetime->file.st_dev &&
	    now.st_ino == lifetime->file.st_ino)
		return true;
	end(lifetime);
	return false;
}

static gboolean on_directory_changed(int fd, GIOCondition condition, void *data)
{
	struct lifetime *lifetime = data;
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	(void)condition;
	/* What happened does not matter, only that it is read: the path is looked at in any case.
	 */
	while (read(fd, events, sizeof(events)) > 0)
		continue;
	return check_path(lifetime) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean on_mounts_changed(int fd, GIOCondition condition, void *data)
{
	(void)fd;
	(void)condition;
	return check_path(data) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Watches pid, and after it whatever process is in the namespace that path leads to. */
static bool watch_process(struct lifetime *lifetime, pid_t pid, const char *path, GError **error)
{
	/* The pidfd first: what is then found under the number is this process or nothing. */
	lifetime->watched = (int)syscall(SYS_pidfd_open, pid, 0U);
	if (lifetime->watched < 0) {
		error_set_errno(error, errno, "can't watch the process %d", (int)pid);
		return false;
	}
	lifetime->netns = open(path, O_RDONLY | O_CLOEXEC);
	if (lifetime->netns < 0) {
		error_set_errno(error, errno, "can't open the namespace %s", path);
		return false;
	}
	lifetime->watch_id = g_unix_fd_add(lifetime->watched, G_IO_IN, on_process_ended, lifetime);
	return true;
}

/* Opens an inotify descriptor on the directory that the path, links resolved, is in. */
static int watch_directory(const char *path)
{
	CLEANUP_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char *real = realpath(path, NULL);
	g_autofree char *directory = NULL;

	if (fd < 0 || !real) {
		int number = errno;

		free(real);
		return -number;
	}
	directory = g_path_get_dirname(real);
	free(real);
	if (inotify_add_watch(fd, directory, DIRECTORY_EVENTS) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

static bool watch_path(struct lifetime *lifetime, const char *path, GError **error)
{
	int fd = watch_directory(path);

	if (fd < 0) {
		error_set_errno(error, -fd, "can't watch the namespace %s", path);
		return false;
	}
	lifetime->watched = fd;
	lifetime->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	lifetime->path = g_strdup(path);
	if (lifetime->mounts < 0 || stat(path, &lifetime->file) < 0) {
		error_set_errno(error, errno, "can't watch the namespace %s", path);
		return false;
	}
	lifetime->watch_id = g_unix_fd_add(fd, G_IO_IN, on_directory_changed, lifetime);
	lifetime->mounts_id =
		g_unix_fd_add(lifetime->mounts, G_IO_PRI | G_IO_ERR, on_mounts_changed, lifetime);
	return true;
}

/* Reads the PID of "/proc/PID/..."; 0 for any other path. */
static pid_t pid_from_path(const char *path)
{
	static const char before[] = "/proc/";
	g_autofree char *number = NULL;
	guint64 pid;

	if (!g_str_has_prefix(path, before))
		return 0;
	path += strlen(before);
	number = g_strndup(path, strcspn(path, "/"));
	if (!g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT32, &pid, NULL))
		return 0;
	return (pid_t)pid;
}

struct lifetime *lifetime_watch(const struct namespace_target *target, void (*ended)(void *data),
				void *data, GError **error)
{
	g_autofree char *path = target->netns_path
					? g_strdup(target->netns_path)
					: g_strdup_printf("/proc/%d/ns/net", (int)target->pid);
	pid_t pid = pid_from_path(path);
	struct lifetime *lifetime = g_new(struct lifetime, 1);
	bool watching;

	*lifetime = (struct lifetime){
		.ended = ended, .data = data, .netns = -1, .watched = -1, .mounts = -1
	};
	watching = pid > 0 ? watch_process(lifetime, pid, path, error)
			   : watch_path(lifetime, path, error);
	if (watching)
		return lifetime;
	lifetime_free(lifetime);
	return NULL;
}
