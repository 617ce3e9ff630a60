/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binds and connects AF_UNIX sockets to paths of any length. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/descriptor.h"
#include "control/socket_address.h"

typedef int (*address_func)(int fd, const struct sockaddr *address, socklen_t length);

static int use_path(int fd, const char *path, address_func use)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	return use(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

static int use_directory(int fd, const char *path, address_func use)
{
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *by_descriptor = NULL;
	CLEANUP_CLOSE int directory = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return -errno;
	by_descriptor = g_strdup_printf("/proc/self/fd/%d/%s", directory, name);
	return use_path(fd, by_descriptor, use);
}

static int use_any_path(int fd, const char *path, address_func use)
{
	int result = use_path(fd, path, use);

	return result == -ENAMETOOLONG ? use_directory(fd, path, use) : result;
}

int socket_address_bind(int fd, const char *path)
{
	return use_any_path(fd, path, bind);
}

int socket_address_connect(int fd, const char *path)
{
	return use_any_path(fd, path, connect);
}
