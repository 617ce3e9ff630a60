/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and joining namespaces.
 *
 * What belongs to a container that exists is opened by a helper (helper.c), which joins the user
 * namespace, then the network namespace. Both are opened first and in this process: whoever holds
 * them can join them even after the process that they were found by has ended.
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
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/helper.h"
#include "namespace/interface.h"
#include "namespace/join.h"
#include "namespace/refusal.h"
#include "namespace/target_refusal.h"

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

bool namespaces_unshare_user(GError **error)
{
	if (unshare(CLONE_NEWUSER) == 0)
		return true;
	refusal_set_error(error, errno, "can't make a user namespace");
	return false;
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

static int open_by_path(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		error_set_errno(error, errno, "can't open the namespace %s", path);
	return fd;
}

/* Opens the namespace by that name; directory is the one of the process in /proc. */
static int open_of_process(int directory, pid_t pid, const char *name, GError **error)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		target_refusal_set_open_error(error, errno, pid, name);
	return fd;
}

/*
 * Opens the user namespace to join. Our own needs no joining, and the one that can't be told is
 * left to setns(2) on the network namespace to judge.
 */
static bool open_userns(const struct namespace_target *target, int process,
			struct namespaces *namespaces, GError **error)
{
	CLEANUP_CLOSE int fd = -1;

	if (target->userns_path) {
		fd = open_by_path(target->userns_path, error);
		if (fd < 0)
			return false;
	} else {
		fd = ioctl(namespaces->network, NS_GET_USERNS);
		if (fd < 0 && process >= 0)
			fd = open_of_process(process, target->pid, "ns/user", NULL);
	}
	if (fd >= 0 && !is_own_userns(fd))
		namespaces->user = descriptor_steal(&fd);
	return true;
}

/* namespaces_open, but namespaces holds what was opened even on failure. */
static bool open_both(const struct namespace_target *target, struct namespaces *namespaces,
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
	namespaces->of_process = !target->netns_path;
	if (target->netns_path)
		namespaces->network = open_by_path(target->netns_path, error);
	else
		namespaces->network = open_of_process(process, target->pid, "ns/net", error);
	if (namespaces->network < 0)
		return false;
	if (target->userns_optional)
		error = NULL;
	return open_userns(target, process, namespaces, error) || target->userns_optional;
}

bool namespaces_open(const struct namespace_target *target, struct namespaces *ret_namespaces,
		     GError **error)
{
	struct namespaces namespaces = { .user = -1,
					 .network = -1,
					 .user_optional = target->userns_optional };

	if (target->pid <= 0 && !target->netns_path) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "no process and no network namespace given");
		return false;
	}
	if (!open_both(target, &namespaces, error)) {
		namespaces_close(&namespaces);
		return false;
	}
	*ret_namespaces = namespaces;
	return true;
}

void namespaces_close(struct namespaces *namespaces)
{
	descriptor_close(&namespaces->user);
	descriptor_close(&namespaces->network);
}

bool namespaces_join(const struct namespaces *namespaces, GError **error)
{
	if (namespaces->user >= 0 && setns(namespaces->user, CLONE_NEWUSER) < 0 &&
	    !namespaces->user_optional) {
		error_set_errno(
			error, errno,
			"can't join the user namespace (it needs to be your own, or made by "
			"the user that you are)");
		return false;
	}
	if (setns(namespaces->network, CLONE_NEWNET) < 0) {
		target_refusal_set_join_error(error, errno, namespaces->network,
					      namespaces->of_process);
		return false;
	}
	return true;
}

static int open_device(const void *argument, void *result, GError **error)
{
	struct device *device = result;

	return namespaces_open_device_here(argument, device, error) ? device->fd : -1;
}

bool namespaces_open_device(const struct namespace_target *target,
			    const struct device_request *request, struct device *ret_device,
			    GError **error)
{
	struct namespaces namespaces;
	struct device device;
	int fd;
	bool success;

	_Static_assert(sizeof(device) <= HELPER_RESULT_MAX, "a device fits");
	if (!namespaces_open(target, &namespaces, error))
		return false;
	success = helper_open(&namespaces, "the device", open_device, request, &device,
			      sizeof(device), &fd, error);
	namespaces_close(&namespaces);
	if (success) {
		*ret_device = device;
		ret_device->fd = fd;
	}
	return success;
}

/* What a helper is to make. */
struct socket_request {
	int domain;
	int type;
	int protocol;
};

/* Tells the errno value, too. */
static int open_socket(const void *argument, void *result, GError **error)
{
	const struct socket_request *request = argument;
	int fd = socket(request->domain, request->type | SOCK_CLOEXEC, request->protocol);

	if (fd < 0) {
		*(int *)result = errno;
		error_set_errno(error, errno, "socket");
	}
	return fd;
}

int namespaces_open_socket(const struct namespaces *namespaces, int domain, int type, int protocol)
{
	const struct socket_request request = { domain, type, protocol };
	int number = 0;
	int fd;

	if (helper_open(namespaces, "the socket", open_socket, &request, &number, sizeof(number),
			&fd, NULL))
		return fd;
	return number > 0 ? -number : -EIO;
}
