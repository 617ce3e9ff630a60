/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seccomp user notification, seccomp_unotify(2): the only place that knows the listener's ioctls.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "syscall/notification.h"

/* Since Linux 6.6; not in older kernel headers. The flags are the argument itself, by value. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* Since Linux 5.14. */
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

int notification_receive(int listener, struct seccomp_notif *notification)
{
	int error;

	/* The kernel insists on zeros. */
	memset(notification, 0, sizeof(*notification));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notification) == 0)
		return 0;
	error = errno;
	memset(notification, 0, sizeof(*notification));
	return -error;
}

bool notification_is_alive(int listener, uint64_t id)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static int send_response(int listener, struct seccomp_notif_resp *response)
{
	int result;

	do
		result = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : 0;
}

int notification_answer(int listener, uint64_t id, int error, int64_t value)
{
	struct seccomp_notif_resp response = { .id = id,
					       .error = -error,
					       .val = error ? 0 : value };

	return send_response(listener, &response);
}

int notification_continue(int listener, uint64_t id)
{
	struct seccomp_notif_resp response = { .id = id,
					       .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	return send_response(listener, &response);
}

/* The number in the caller's table or -errno. */
static int give_order(int listener, struct seccomp_notif_addfd *order)
{
	int result;

	/* An interrupted order is taken back by the kernel, so that it can be given again. */
	do
		result = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, order);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

int notification_put_descriptor(int listener, uint64_t id, int fd, int number, bool close_on_exec)
{
	struct seccomp_notif_addfd order = { .id = id,
					     .flags = SECCOMP_ADDFD_FLAG_SETFD,
					     .srcfd = (uint32_t)fd,
					     .newfd = (uint32_t)number,
					     .newfd_flags = close_on_exec ? O_CLOEXEC : 0 };
	int result = give_order(listener, &order);

	return result < 0 ? result : 0;
}

int notification_add_descriptor(int listener, uint64_t id, int fd, bool close_on_exec)
{
	struct seccomp_notif_addfd order = { .id = id,
					     .flags = SECCOMP_ADDFD_FLAG_SEND,
					     .srcfd = (uint32_t)fd,
					     .newfd_flags = close_on_exec ? O_CLOEXEC : 0 };

	return give_order(listener, &order);
}

int notification_set_synchronous(int listener)
{
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) < 0)
		return -errno;
	return 0;
}
