/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and joining namespaces.
 *
 * A device of a container that exists is opened by a helper: a forked child that joins the user
 * namespace, then the network namespace, does its work, and sends one packet to its parent: either
 * the device with its descriptor, or the error. It is never dumpable, so that nothing in
 * the container can look into the copy of our memory that it is, and it leaves by _exit(2).
 *
 * A network namespace can be joined by those who have CAP_SYS_ADMIN in the user namespace that it
 * belongs to. That is not always the one of the processes in it (a program may have made itself one
 * further down), so the kernel is asked (ioctl_ns(2)).
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/child.h"
#include "namespace/interface.h"
#include "namespace/join.h"
#include "namespace/refusal.h"

#define HELPER_DEADLINE_MS 10000
#define HELPER_EXIT_DEADLINE_MS 1000

/* What the helper sends; both sides are the same program. A device's descriptor goes beside it. */
struct reply {
	bool success;
	int code; /* enum slirpway_error */
	struct device device;
	char text[1024];
};

/* The namespaces to join; -1: none. */
struct entrance {
	int userns;
	int netns;
};

bool namespaces_unshare(GError **error)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0) {
		refusal_set_error(error, errno, "can't make namespaces");
		return false;
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		refusal_set_error(error, errno, "can't cut mount propagation");
		return false;
	}
	return true;
}

bool namespaces_open_device_here(const struct device_request *request, struct device *ret_device,
				 GError **error)
{
	struct device device;

	if (!device_open(request->kind, request->name, request->network->mtu, &device, error))
		return false;
	if (request->configure &&
	    (!interface_up_loopback(error) ||
	     !interface_configure(request->name, request->mac, request->network, error))) {
		device_discard(&device);
		return false;
	}
	*ret_device = device;
	return true;
}

/* True if both descriptors are of one namespace; our own where there is no second. */
static bool is_own_userns(int userns)
{
	struct stat own, other;

	return stat("/proc/self/ns/user", &own) == 0 && fstat(userns, &other) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

/* Opens a namespace by path; with directory >= 0 it is a directory of /proc. */
static int open_namespace(int directory, const char *path, GError **error)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		error_set_errno(error, errno, "can't open the namespace %s%s",
				directory >= 0 ? "of the process, " : "", path);
	return fd;
}

/*
 * Opens the user namespace to join, into entrance. Our own needs no joining, and the one that can't
 * be told is left to setns(2) on the network namespace to judge.
 */
static bool open_userns(const struct namespace_target *target, int process,
			struct entrance *entrance, GError **error)
{
	CLEANUP_CLOSE int fd = -1;

	if (target->userns_path) {
		fd = open_namespace(AT_FDCWD, target->userns_path, error);
		if (fd < 0)
			return false;
	} else {
		fd = ioctl(entrance->netns, NS_GET_USERNS);
		if (fd < 0 && process >= 0)
			fd = open_namespace(process, "ns/user", NULL);
	}
	if (fd >= 0 && !is_own_userns(fd))
		entrance->userns = descriptor_steal(&fd);
	return true;
}

/* Opens what is to be joined, before anything is; entrance holds what was opened even on failure.
 */
static bool open_entrance(const struct namespace_target *target, struct entrance *entrance,
			  GError **error)
{
	CLEANUP_CLOSE int process = -1;

	if (target->pid > 0) {
		g_autofree char *path = g_strdup_printf("/proc/%d", (int)target->pid);

		process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (process < 0) {
			error_set_errno(error, errno, "can't find the process %d",
					(int)target->pid);
			return false;
		}
	}
	if (target->netns_path)
		entrance->netns = open_namespace(AT_FDCWD, target->netns_path, error);
	else
		entrance->netns = open_namespace(process, "ns/net", error);
	if (entrance->netns < 0)
		return false;
	if (target->userns_optional)
		error = NULL;
	return open_userns(target, process, entrance, error) || target->userns_optional;
}

/* Changes the calling process's namespaces for good. */
static bool join(const struct namespace_target *target, GError **error)
{
	CLEANUP_CLOSE int userns = -1;
	CLEANUP_CLOSE int netns = -1;
	struct entrance entrance = { .userns = -1, .netns = -1 };
	bool opened = open_entrance(target, &entrance, error);

	userns = entrance.userns;
	netns = entrance.netns;
	if (!opened)
		return false;
	if (userns >= 0 && setns(userns, CLONE_NEWUSER) < 0 && !target->userns_optional) {
		error_set_errno(
			error, errno,
			"can't join the user namespace (it needs to be your own, or made by "
			"the user that you are)");
		return false;
	}
	if (setns(netns, CLONE_NEWNET) < 0) {
		error_set_errno(error, errno,
				"can't join the network namespace (it needs to belong to a user "
				"namespace made by the user that you are)");
		return false;
	}
	return true;
}

/* The helper's whole life after fork(2). */
static void run_helper(int socket, const struct namespace_target *target,
		       const struct device_request *request)
{
	g_autoptr(GError) error = NULL;
	struct reply reply = { .success = false, .device.fd = -1 };

	prctl(PR_SET_DUMPABLE, 0);
	reply.success =
		join(target, &error) && namespaces_open_device_here(request, &reply.device, &error);
	if (error) {
		reply.code = error->code;
		g_strlcpy(reply.text, error->message, sizeof(reply.text));
	}
	descriptor_send(socket, &reply, sizeof(reply), &reply.device.fd, reply.success ? 1 : 0);
}

/* Takes the helper's packet; returns false with error set if there is none or it tells an error. */
static bool receive_reply(int socket, struct device *ret_device, GError **error)
{
	struct reply reply;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	ssize_t length = descriptor_wait_readable(socket, HELPER_DEADLINE_MS);

	if (length == 0)
		length = descriptor_receive(socket, &reply, sizeof(reply), fds, &count);
	if (length == -ETIMEDOUT) {
		error_set(error, SLIRPWAY_ERROR_TIMEOUT,
			  "the helper that opens the device did not answer in %d seconds",
			  HELPER_DEADLINE_MS / 1000);
		return false;
	}
	if (length < 0) {
		error_set_errno(error, (int)-length, "can't hear the helper that opens the device");
		return false;
	}
	if ((size_t)length != sizeof(reply) || (reply.success && count != 1)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the helper that opens the device died");
		return false;
	}
	if (!reply.success) {
		g_set_error_literal(error, SLIRPWAY_ERROR, reply.code, reply.text);
		return false;
	}
	*ret_device = reply.device;
	ret_device->fd = fds[0];
	return true;
}

bool namespaces_open_device(const struct namespace_target *target,
			    const struct device_request *request, struct device *ret_device,
			    GError **error)
{
	CLEANUP_CLOSE int parent_end = -1;
	CLEANUP_CLOSE int helper_end = -1;
	int pair[2], result, status;
	bool success;
	pid_t pid;

	if (target->pid <= 0 && !target->netns_path) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "no process and no network namespace given");
		return false;
	}
	result = descriptor_pair(pair);
	if (result < 0) {
		error_set_errno(error, -result, "can't make a socket pair");
		return false;
	}
	parent_end = pair[0];
	helper_end = pair[1];
	pid = fork();
	if (pid < 0) {
		error_set_errno(error, errno, "can't fork the helper that opens the device");
		return false;
	}
	if (pid == 0) {
		run_helper(helper_end, target, request);
		_exit(0);
	}
	descriptor_close(&helper_end);
	success = receive_reply(parent_end, ret_device, error);
	/* The kernel has what it sent; one that does not leave by itself is killed. */
	(void)child_wait(pid, success ? HELPER_EXIT_DEADLINE_MS : 0, &status);
	return success;
}
