/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sessions are found: a directory for each, a lock in it, and who may trust which. */

/*
 * Theory of operation
 *
 * A name belongs to the process whose open file description holds the lock on BASE/NAME/lock. It is
 * an open file description lock (fcntl(2)): it ends with the process however that dies, and others
 * can look whether it is held without taking it for a moment.
 *
 * A session that ends removes its directory, lock file included, while another may just be opening
 * that file. So whoever gets a lock looks whether the file is still the one with that name, and
 * begins again if it is not.
 *
 * BASE may lie in /tmp, where others can make things first: it counts only if it is a real
 * directory, ours, and closed to everybody else. Everything below goes by descriptors from there.
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "session/registry.h"

#define NAME_LENGTH_MAX 64
#define LOCK_NAME "lock"
#define CONTROL_NAME "control.sock"

/* How often to begin again when the directory is removed under our hands. */
#define CLAIM_TRIES 100

/* What a session may leave in its directory; nothing else is ever removed. The lock comes last. */
static const char *const known_files[] = { CONTROL_NAME, "resolv.conf", "hosts", LOCK_NAME };

struct registry_entry {
	char *name;
	char *path;
	int base;      /* BASE */
	int directory; /* BASE/NAME */
	int lock;
};

bool registry_name_valid(const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > NAME_LENGTH_MAX || name[0] == '.' || name[0] == '-')
		return false;
	for (; *name != '\0'; name++) {
		if (!g_ascii_isalnum(*name) && strchr("._-", *name) == NULL)
			return false;
	}
	return true;
}

static bool check_name(const char *name, GError **error)
{
	if (registry_name_valid(name))
		return true;
	error_set(error, SLIRPWAY_ERROR_USAGE,
		  "bad session name \"%s\": 1 to %d letters, digits, '.', '_' and '-', the first "
		  "neither '.' nor '-'",
		  name, NAME_LENGTH_MAX);
	return false;
}

/* True if path is a directory of ours, and no symbolic link. */
static bool is_own_directory(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

/* The path of the directory that holds all sessions; the caller frees it. */
static char *base_path(void)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	g_autofree char *user = g_strdup_printf("/run/user/%u", geteuid());

	if (runtime != NULL && runtime[0] == '/' && is_own_directory(runtime))
		return g_build_filename(runtime, "slirpway", NULL);
	if (is_own_directory(user))
		return g_build_filename(user, "slirpway", NULL);
	return g_strdup_printf("/tmp/slirpway-%u", geteuid());
}

/*
 * Opens the directory name in parent. Returns a descriptor, or -errno: -EPERM if it is not ours or
 * others may write in it, -ENOTDIR or -ELOOP if it is something else.
 */
static int open_own_directory(int parent, const char *name)
{
	CLEANUP_CLOSE int fd =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return -EPERM;
	return descriptor_steal(&fd);
}

static void set_base_error(GError **error, int number, const char *path)
{
	if (number == EPERM || number == ENOTDIR || number == ELOOP)
		error_set(error, SLIRPWAY_ERROR_DENIED,
			  "%s can't be trusted: it must be a directory of ours that nobody else "
			  "may write in; remove it, or set XDG_RUNTIME_DIR",
			  path);
	else
		error_set_errno(error, number, "can't open the directory of sessions %s", path);
}

/*
 * Opens the directory that holds all sessions, and makes it first if make is set. *ret_path is its
 * path, the caller's. Returns -1 with error set; SLIRPWAY_ERROR_NOT_FOUND if there is none.
 */
static int open_base(bool make, char **ret_path, GError **error)
{
	g_autofree char *path = base_path();
	int fd;

	if (make && mkdir(path, 0700) < 0 && errno != EEXIST) {
		error_set_errno(error, errno, "can't make the directory of sessions %s", path);
		return -1;
	}
	fd = open_own_directory(AT_FDCWD, path);
	if (fd < 0) {
		set_base_error(error, -fd, path);
		return -1;
	}
	*ret_path = g_steal_pointer(&path);
	return fd;
}

/* Tries to lock fd for writing; returns 0, -EAGAIN if another has it, or -errno. */
static int take_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

/* True if somebody holds the lock; it stays as it is. */
static bool lock_is_held(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* True if the file open at fd is still what directory has under name. */
static bool still_named(int fd, int directory, const char *name)
{
	struct stat open_status, named_status;

	return fstat(fd, &open_status) == 0 &&
	       fstatat(directory, name, &named_status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       open_status.st_dev == named_status.st_dev &&
	       open_status.st_ino == named_status.st_ino;
}

/*
 * Makes and locks BASE/NAME once. Returns 0, -EAGAIN if a live session has it, -ESTALE if it was
 * removed meanwhile, or -errno.
 */
static int try_claim(int base, const char *name, int *ret_directory, int *ret_lock)
{
	CLEANUP_CLOSE int directory = -1;
	CLEANUP_CLOSE int lock = -1;
	int result;

	if (mkdirat(base, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	directory = open_own_directory(base, name);
	if (directory < 0)
		return directory == -ENOENT ? -ESTALE : directory;
	lock = openat(directory, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	result = take_lock(lock);
	if (result < 0)
		return result;
	if (!still_named(lock, directory, LOCK_NAME) || !still_named(directory, base, name))
		return -ESTALE;
	*ret_directory = descriptor_steal(&directory);
	*ret_lock = descriptor_steal(&lock);
	return 0;
}

/* Removes what sessions leave in their directory, the lock file too if with_lock. */
static void remove_known_files(int directory, bool with_lock)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_files); i++) {
		if (with_lock || strcmp(known_files[i], LOCK_NAME) != 0)
			unlinkat(directory, known_files[i], 0);
	}
}

struct registry_entry *registry_claim(const char *name, GError **error)
{
	g_autofree char *path = NULL;
	CLEANUP_CLOSE int base = -1;
	struct registry_entry *entry;
	int directory = -1;
	int lock = -1;
	int result = -ESTALE;

	if (!check_name(name, error))
		return NULL;
	base = open_base(true, &path, error);
	if (base < 0)
		return NULL;
	for (int i = 0; i < CLAIM_TRIES && result == -ESTALE; i++)
		result = try_claim(base, name, &directory, &lock);
	if (result == -EAGAIN) {
		error_set(error, SLIRPWAY_ERROR_IN_USE,
			  "a session called \"%s\" is running already; take another --name, or "
			  "`slirpway stop %s`",
			  name, name);
		return NULL;
	}
	if (result < 0) {
		error_set_errno(error, -result, "can't make the session's directory %s/%s", path,
				name);
		return NULL;
	}
	remove_known_files(directory, false);
	entry = g_new0(struct registry_entry, 1);
	entry->name = g_strdup(name);
	entry->path = g_build_filename(path, name, NULL);
	entry->base = descriptor_steal(&base);
	entry->directory = directory;
	entry->lock = lock;
	return entry;
}

const char *registry_entry_directory(const struct registry_entry *entry)
{
	return entry->path;
}

void registry_release(struct registry_entry *entry)
{
	if (entry == NULL)
		return;
	/* The lock is held until the end, so nobody else is in there. A file that is not ours
	 * stays. */
	remove_known_files(entry->directory, true);
	unlinkat(entry->base, entry->name, AT_REMOVEDIR);
	descriptor_close(&entry->lock);
	descriptor_close(&entry->directory);
	descriptor_close(&entry->base);
	g_free(entry->path);
	g_free(entry->name);
	g_free(entry);
}

char *registry_control_path(const char *name, GError **error)
{
	g_autofree char *path = NULL;
	CLEANUP_CLOSE int base = -1;
	g_autoptr(GError) reason = NULL;

	if (!check_name(name, error))
		return NULL;
	base = open_base(false, &path, &reason);
	if (base >= 0)
		return g_build_filename(path, name, CONTROL_NAME, NULL);
	if (g_error_matches(reason, SLIRPWAY_ERROR, SLIRPWAY_ERROR_NOT_FOUND))
		error_set(error, SLIRPWAY_ERROR_NOT_FOUND, "there is no session called \"%s\"",
			  name);
	else
		g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

/* True if a live session has BASE/NAME. */
static bool is_live(int base, const char *name)
{
	CLEANUP_CLOSE int directory = open_own_directory(base, name);
	CLEANUP_CLOSE int lock = -1;

	if (directory < 0)
		return false;
	lock = openat(directory, LOCK_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	return lock >= 0 && lock_is_held(lock);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *registry_list(GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) reason = NULL;
	g_autofree char *path = NULL;
	struct dirent *row;
	DIR *directory;
	int base = open_base(false, &path, &reason);

	if (base < 0) {
		if (g_error_matches(reason, SLIRPWAY_ERROR, SLIRPWAY_ERROR_NOT_FOUND))
			return g_steal_pointer(&names);
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	directory = fdopendir(base);
	if (directory == NULL) {
		error_set_errno(error, errno, "can't read the directory of sessions %s", path);
		descriptor_close(&base);
		return NULL;
	}
	while ((row = readdir(directory)) != NULL) {
		if (registry_name_valid(row->d_name) && is_live(base, row->d_name))
			g_ptr_array_add(names, g_strdup(row->d_name));
	}
	closedir(directory);
	g_ptr_array_sort(names, compare_names);
	return g_steal_pointer(&names);
}
