/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File descriptors: ownership, passing them over sockets, small reads and writes. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Room for the descriptors of one message, aligned as cmsg(3) wants it. */
union control_buffer {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(DESCRIPTORS_PER_MESSAGE * sizeof(int))];
};

void descriptor_close(int *fd)
{
	int saved_errno = errno;

	/* Not repeated on EINTR: Linux has released the number by then. */
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved_errno;
}

int descriptor_steal(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

int descriptor_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

int descriptor_keep_over_exec(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags < 0 || fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}

int descriptor_fill_standard(void)
{
	for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++) {
		/* open(2) takes the lowest number, and those below are open. */
		if (fcntl(number, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			return -errno;
	}
	return 0;
}

int descriptor_pair(int ret_pair[2])
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	ret_pair[0] = pair[0];
	ret_pair[1] = pair[1];
	return 0;
}

int descriptor_send(int socket, const void *data, size_t length, const int *fds, size_t count)
{
	struct iovec vector = { .iov_base = (void *)data, .iov_len = length };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	union control_buffer control = { 0 };
	ssize_t sent;

	if (count > DESCRIPTORS_PER_MESSAGE)
		return -EINVAL;
	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return (size_t)sent == length ? 0 : -EIO;
}

/* Moves the descriptors of one SCM_RIGHTS header to fds; what has no room there is closed. */
static void take_rights(struct cmsghdr *header, int fds[static DESCRIPTORS_PER_MESSAGE],
			size_t *count)
{
	size_t held = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	const unsigned char *data = CMSG_DATA(header);

	for (size_t i = 0; i < held; i++) {
		int fd;

		memcpy(&fd, data + i * sizeof(int), sizeof(int));
		if (*count < DESCRIPTORS_PER_MESSAGE)
			fds[(*count)++] = fd;
		else
			descriptor_close(&fd);
	}
}

ssize_t descriptor_receive(int socket, void *data, size_t size,
			   int fds[static DESCRIPTORS_PER_MESSAGE], size_t *ret_count)
{
	struct iovec vector = { .iov_base = data, .iov_len = size };
	union control_buffer control;
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	int received[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	ssize_t length;

	for (size_t i = 0; i < DESCRIPTORS_PER_MESSAGE; i++)
		received[i] = -1;
	do
		length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
	     header = CMSG_NXTHDR(&message, header))
		if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
			take_rights(header, received, &count);
	/* A message whose data or descriptors were cut is no message. */
	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		for (size_t i = 0; i < count; i++)
			descriptor_close(&received[i]);
		return -EMSGSIZE;
	}
	memcpy(fds, received, sizeof(received));
	*ret_count = count;
	return length;
}

int descriptor_wait_readable(int fd, int timeout_ms)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	int result;

	do {
		gint64 left_ms = (deadline - g_get_monotonic_time() + 999) / 1000;

		result = poll(&entry, 1, left_ms > 0 ? (int)left_ms : 0);
	} while (result < 0 && errno == EINTR);
	if (result < 0)
		return -errno;
	return result > 0 ? 0 : -ETIMEDOUT;
}

int descriptor_write_all(int fd, const void *data, size_t length)
{
	const char *next = data;

	while (length > 0) {
		ssize_t written = write(fd, next, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		if (written == 0)
			return -EIO;
		next += written;
		length -= (size_t)written;
	}
	return 0;
}

uint64_t descriptor_raise_limit(uint64_t limit)
{
	struct rlimit now, wanted;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return 0;
	wanted = now;
	wanted.rlim_cur = now.rlim_max < limit ? now.rlim_max : limit;
	if (wanted.rlim_cur <= now.rlim_cur || setrlimit(RLIMIT_NOFILE, &wanted) < 0)
		return now.rlim_cur;
	return wanted.rlim_cur;
}

uint32_t descriptor_share(uint32_t count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return count;
	return (uint32_t)CLAMP(limit.rlim_cur / 8, 1, count);
}
