/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file system of one file whose contents never come; fuse(4). */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/tools/attack_fuse.h"

#define FILE_NODE 2
#define FILE_BYTES (1 << 20)
#define REQUEST_BYTES (1 << 17)
#define DIRECTORY "/mnt"

static void reply_with(int fd, const struct fuse_in_header *request, int error, const void *body,
		       size_t length)
{
	struct fuse_out_header header = { .len = (uint32_t)(sizeof(header) + length),
					  .error = -error,
					  .unique = request->unique };
	struct iovec parts[] = { { &header, sizeof(header) }, { (void *)body, length } };

	if (writev(fd, parts, 2) < 0)
		return;
}

static void reply(int fd, const struct fuse_in_header *request, const void *body, size_t length)
{
	reply_with(fd, request, 0, body, length);
}

static struct fuse_attr node_attributes(uint64_t node)
{
	return (struct fuse_attr){ .ino = node,
				   .mode = node == FILE_NODE ? S_IFREG | 0666 : S_IFDIR | 0777,
				   .nlink = 1,
				   .size = node == FILE_NODE ? FILE_BYTES : 0 };
}

/*
 * Everything but FUSE_READ is answered. As FUSE_ASYNC_READ is not agreed upon, a read that was
 * begun can't even be ended by a fatal signal.
 */
static void handle(int fd, const struct fuse_in_header *request)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
				      .minor = 31,
				      .max_write = 4096 };
	struct fuse_entry_out entry = { .nodeid = FILE_NODE, .attr = node_attributes(FILE_NODE) };
	struct fuse_attr_out attributes = { .attr = node_attributes(request->nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	switch (request->opcode) {
	case FUSE_INIT:
		reply(fd, request, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		reply(fd, request, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		reply(fd, request, &attributes, sizeof(attributes));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		reply(fd, request, &opened, sizeof(opened));
		break;
	case FUSE_READ:
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply_with(fd, request, ENOSYS, NULL, 0);
		break;
	}
}

/* A process of its own: when it dies the file system does, and whoever waits goes on. */
static void start_server(int fd)
{
	static char buffer[REQUEST_BYTES] __attribute__((aligned(16)));

	if (fork() != 0)
		return;
	while (read(fd, buffer, sizeof(buffer)) > 0)
		handle(fd, (const struct fuse_in_header *)buffer);
	_exit(0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

/* Where we may mount: here, or as root of a user namespace of our own. */
static bool enter_namespace(void)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "0 %u 1", geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", getegid());
	if (unshare(CLONE_NEWNS) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uids);
	write_file("/proc/self/gid_map", gids);
	return true;
}

void *slow_file_map(size_t length)
{
	const char *device = getenv("ATTACK_FUSE");
	char options[96];
	void *memory;
	int fd, file;

	/* Only where it is asked for: a task that waits for such a page can't be ended by anyone.
	 */
	if (!device || !enter_namespace())
		return NULL;
	fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%u,group_id=%u", fd,
		 geteuid(), getegid());
	if (mount("slow", DIRECTORY, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return NULL;
	start_server(fd);
	close(fd);
	file = open(DIRECTORY "/file", O_RDONLY | O_CLOEXEC);
	memory = file < 0 ? MAP_FAILED : mmap(NULL, length, PROT_READ, MAP_SHARED, file, 0);
	return memory == MAP_FAILED ? NULL : memory;
}
