/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture file begins with. */

#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/capture.h"
#include "base/descriptor.h"

#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define LINKTYPE_ETHERNET 1
#define SNAPLEN 262144 /* the most that readers accept */

struct file_header {
	uint32_t magic;
	uint16_t version_major;
	uint16_t version_minor;
	uint32_t reserved[2];
	uint32_t snaplen;
	uint32_t linktype;
};

static const struct file_header our_header = {
	.magic = MAGIC_MICROSECONDS,
	.version_major = 2,
	.version_minor = 4,
	.snaplen = SNAPLEN,
	.linktype = LINKTYPE_ETHERNET,
};

int capture_begin(int fd)
{
	return descriptor_write_all(fd, &our_header, sizeof(our_header));
}

int capture_check(int fd)
{
	struct file_header header;
	ssize_t length = pread(fd, &header, sizeof(header), 0);

	if (length < 0)
		return -errno;
	if (length != sizeof(header) || memcmp(&header, &our_header, sizeof(header)) != 0)
		return -EINVAL;
	return 0;
}
