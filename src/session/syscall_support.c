/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the syscall path needs of the kernel, found out by trying.
 *
 * A child puts the container's own filter on itself, in a user namespace like the container's, and
 * tells what it could do. Then it waits, so that this process can try what a supervisor does to
 * others: take a descriptor, read memory, compare. Having the filter on, it only reads and writes.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/child.h"
#include "namespace/join.h"
#include "session/syscall_support.h"
#include "syscall/filter.h"
#include "syscall/notification.h"
#include "syscall/shared_state.h"
#include "syscall/socket_facts.h"
#include "syscall/wall.h"

/* Since Linux 5.19; not in older headers. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* Since Linux 6.9. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define TIMEOUT_MS 10000

/* No notification has this id. */
#define ID_OF_NONE UINT64_MAX

static const struct {
	const char *name;
	const char *hint;
} features[FEATURE_COUNT] = {
	[FEATURE_NOTIFICATION] = { "seccomp notification", "Linux 5.0 or later" },
	[FEATURE_ONLY_LISTENER] = { "listener to trapped calls", "there can be only one" },
	[FEATURE_PUT_DESCRIPTOR] = { "SECCOMP_IOCTL_NOTIF_ADDFD", "Linux 5.9 or later has it" },
	[FEATURE_TAKE_DESCRIPTOR] = { "pidfd_getfd", "Linux 5.6 or later has it" },
	[FEATURE_READ_MEMORY] = { "process_vm_readv",
				  "a kernel with CONFIG_CROSS_MEMORY_ATTACH has it" },
	[FEATURE_NETWORK_COOKIE] = { "SO_NETNS_COOKIE", "Linux 5.14 or later has it" },
	[FEATURE_MEMORY] = { "memory for the supervisor", "raise the limit that ulimit -f shows" },
	[FEATURE_ADD_DESCRIPTOR] = { "SECCOMP_ADDFD_FLAG_SEND", "Linux 5.14 or later has it" },
	[FEATURE_THREAD_PIDFD] = { "PIDFD_THREAD", "Linux 6.9 or later has it" },
	[FEATURE_COMPARE] = { "kcmp", "a kernel with CONFIG_KCMP has it" },
	[FEATURE_WAIT_KILLABLE] = { "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
				    "Linux 5.19 or later has it" },
	[FEATURE_SYNCHRONOUS] = { "SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP",
				  "Linux 6.6 or later has it" },
	[FEATURE_NETWORK_RULES] = { "Landlock rules for TCP", "Linux 6.7 or later has it" },
};

/* The kernel looks at the flags first, then at the program, which is not there. */
static int try_wait_killable(void)
{
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, NULL);
	return errno == EFAULT ? 0 : errno;
}

/* A listener that knows the order looks for the notification, which is not there. */
static int missed(int result)
{
	return result == -ENOENT ? 0 : -result;
}

static void try_listener(int listener, int *errors)
{
	errors[FEATURE_PUT_DESCRIPTOR] =
		missed(notification_put_descriptor(listener, ID_OF_NONE, listener, listener, true));
	errors[FEATURE_ADD_DESCRIPTOR] =
		missed(notification_add_descriptor(listener, ID_OF_NONE, listener, true));
	errors[FEATURE_SYNCHRONOUS] = -notification_set_synchronous(listener);
}

/* The filter can't be put on, so that nothing could be tried with it. */
static void note_no_listener(struct syscall_support *support, const GError *error)
{
	int *errors = support->error;

	if (error->code == SLIRPWAY_ERROR_IN_USE)
		errors[FEATURE_ONLY_LISTENER] = EBUSY;
	else
		errors[FEATURE_NOTIFICATION] = errors[FEATURE_ONLY_LISTENER] = EOPNOTSUPP;
	errors[FEATURE_PUT_DESCRIPTOR] = EOPNOTSUPP;
	errors[FEATURE_ADD_DESCRIPTOR] = EOPNOTSUPP;
	errors[FEATURE_SYNCHRONOUS] = EOPNOTSUPP;
	g_strlcpy(support->notification_text, error->message, sizeof(support->notification_text));
}

/* The child's end closes it. */
static int try_memory(void)
{
	int fd;

	signal(SIGXFSZ, SIG_IGN);
	fd = shared_state_create();
	return fd < 0 ? -fd : 0;
}

/* In the child. */
static void try_all(struct syscall_support *support)
{
	g_autoptr(GError) error = NULL;
	int *errors = support->error;
	int listener;

	/* As the container, or as what any process may do. */
	if (!namespaces_unshare_user(NULL))
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	errors[FEATURE_NETWORK_COOKIE] = socket_facts_own_network() != 0 ? 0 : ENOPROTOOPT;
	errors[FEATURE_MEMORY] = try_memory();
	errors[FEATURE_WAIT_KILLABLE] = try_wait_killable();
	if (filter_install(FILTER_HYBRID, &listener, &error))
		try_listener(listener, errors);
	else
		note_no_listener(support, error);
	errors[FEATURE_NETWORK_RULES] = -wall_raise();
}

__attribute__((noreturn)) static void be_child(int socket)
{
	struct syscall_support support = { { 0 }, "" };
	char word;

	try_all(&support);
	if (descriptor_write_all(socket, &support, sizeof(support)) < 0 ||
	    read(socket, &word, 1) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

/* number: a descriptor of the process. */
static int try_take_descriptor(pid_t pid, int number)
{
	CLEANUP_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0U);
	CLEANUP_CLOSE int fd = -1;

	if (pidfd < 0)
		return errno;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0U);
	return fd < 0 ? errno : 0;
}

static int try_thread_pidfd(pid_t pid)
{
	CLEANUP_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, PIDFD_THREAD);

	return pidfd < 0 ? errno : 0;
}

/* A forked process has the table of texts where we have it. */
static int try_read_memory(pid_t pid)
{
	char copy[sizeof(features)];
	struct iovec ours = { .iov_base = copy, .iov_len = sizeof(copy) };
	struct iovec theirs = { .iov_base = (void *)features, .iov_len = sizeof(features) };

	return process_vm_readv(pid, &ours, 1, &theirs, 1, 0) < 0 ? errno : 0;
}

static int try_compare(pid_t pid)
{
	return syscall(SYS_kcmp, getpid(), pid, KCMP_FILES, 0, 0) < 0 ? errno : 0;
}

/* What the supervisor does to a caller; number: a descriptor of the child. */
static void try_on_child(pid_t pid, int number, int *errors)
{
	errors[FEATURE_TAKE_DESCRIPTOR] = try_take_descriptor(pid, number);
	errors[FEATURE_THREAD_PIDFD] = try_thread_pidfd(pid);
	errors[FEATURE_READ_MEMORY] = try_read_memory(pid);
	errors[FEATURE_COMPARE] = try_compare(pid);
}

/* Reads what the child tells. */
static int hear(int socket, struct syscall_support *support)
{
	int r = descriptor_wait_readable(socket, TIMEOUT_MS);

	if (r < 0)
		return r;
	return read(socket, support, sizeof(*support)) == sizeof(*support) ? 0 : -EPIPE;
}

bool syscall_support_try(struct syscall_support *ret_support, GError **error)
{
	struct syscall_support support;
	int pair[2], status;
	int r = descriptor_pair(pair);
	pid_t pid = -1;

	if (r == 0) {
		pid = fork();
		if (pid == 0) {
			close(pair[0]);
			be_child(pair[1]);
		}
		r = pid < 0 ? -errno : hear(pair[0], &support);
		if (r == 0)
			try_on_child(pid, pair[1], support.error);
		descriptor_close(&pair[1]);
		descriptor_close(&pair[0]); /* with which the child ends */
	}
	if (pid > 0)
		(void)child_wait(pid, TIMEOUT_MS, &status);
	if (r == -EAGAIN)
		error_set_fork(error, -r, "trying what this kernel allows");
	else if (r < 0)
		error_set_errno(error, -r, "trying what this kernel allows");
	else
		*ret_support = support;
	return r == 0;
}

bool syscall_support_has(const struct syscall_support *support, enum syscall_feature feature,
			 GError **error)
{
	if (support->error[feature] == 0)
		return true;
	if (feature == FEATURE_ONLY_LISTENER && support->error[feature] == EBUSY)
		error_set(error, SLIRPWAY_ERROR_IN_USE, "%s", support->notification_text);
	else if (feature == FEATURE_NOTIFICATION || feature == FEATURE_ONLY_LISTENER)
		error_set(error, SLIRPWAY_ERROR_DENIED, "%s", support->notification_text);
	else
		error_set_errno(error, support->error[feature], "no %s (%s)",
				features[feature].name, features[feature].hint);
	return false;
}

bool syscall_support_suffices(const struct syscall_support *support, enum filter_kind kind,
			      GError **error)
{
	for (int feature = 0; feature < FEATURES_NEEDED; feature++)
		if (!syscall_support_has(support, (enum syscall_feature)feature, error))
			return false;
	/*
	 * A caller that a signal took away would have its memory written when it is elsewhere; and
	 * accept is answered with a descriptor.
	 */
	return !(kind & FILTER_NAMES) ||
	       (syscall_support_has(support, FEATURE_WAIT_KILLABLE, error) &&
		syscall_support_has(support, FEATURE_ADD_DESCRIPTOR, error));
}
