/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attacks by sharing: a socket of the host comes to another process or another namespace. */

#include "config.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_socket.h"

#define STACK_BYTES (256 << 10)

static struct target loopback(void)
{
	return target_make("127.0.0.1", PORT_LOOPBACK);
}

/* Used sockets of both states: given up, and connected (which is dissolved first). */
static bool reaches_again(int given_up, int connected)
{
	const struct target target = loopback();
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (stream_reaches(given_up, &target))
		return true;
	connect(connected, &none, sizeof(none));
	return stream_reaches(connected, &target);
}

static int status_of(pid_t pid)
{
	int status = 0;

	return waitpid(pid, &status, __WALL) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

/* -- processes ----------------------------------------------------------------------------------
 */

struct sharing {
	int given_up, connected;
};

static int child_of_clone(void *data)
{
	const struct sharing *sharing = data;

	return reaches_again(sharing->given_up, sharing->connected);
}

static enum attack_result try_clone(const void *data, struct attack_report *report)
{
	const int *flags = data;
	static char stack[STACK_BYTES] __attribute__((aligned(64)));
	struct sharing sharing = { stream_given_up(0), stream_connected(0) };
	pid_t pid;

	if (sharing.given_up < 0 || sharing.connected < 0)
		return attack_lacks(report, "no socket");
	pid = clone(child_of_clone, stack + sizeof(stack), *flags | SIGCHLD, &sharing);
	if (pid < 0)
		return attack_lacks(report, strerror(errno));
	if (status_of(pid) == 1) {
		attack_say(report, "by the child");
		return ATTACK_BROKEN;
	}
	if (reaches_again(sharing.given_up, sharing.connected)) {
		attack_say(report, "by the parent");
		return ATTACK_BROKEN;
	}
	return ATTACK_HELD;
}

/* One process connects, the other had the descriptor before. */
static enum attack_result try_shared_before(const void *data, struct attack_report *report)
{
	const struct target away = target_allowed(), target = loopback();
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = stream_open(AF_INET, 0);
	pid_t pid = fork();

	(void)data;
	if (pid == 0)
		_exit(stream_connect(fd, &away) != 0);
	if (status_of(pid) != 0)
		return attack_lacks(report, "the child is not connected");
	connect(fd, &none, sizeof(none));
	if (stream_reaches(fd, &target)) {
		attack_say(report, "by the parent");
		return ATTACK_BROKEN;
	}
	return ATTACK_HELD;
}

/* -- SCM_RIGHTS ---------------------------------------------------------------------------------
 */

union rights {
	struct cmsghdr header;
	char space[CMSG_SPACE(2 * sizeof(int))];
};

static void send_rights(int channel, const int fds[static 2])
{
	union rights rights = { 0 };
	struct iovec data = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof(rights) };

	rights.header.cmsg_level = SOL_SOCKET;
	rights.header.cmsg_type = SCM_RIGHTS;
	rights.header.cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(&rights.header), fds, 2 * sizeof(int));
	sendmsg(channel, &message, 0);
}

static bool receive_rights(int channel, int ret_fds[static 2])
{
	union rights rights = { 0 };
	struct iovec data = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof(rights) };

	if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1 ||
	    rights.header.cmsg_type != SCM_RIGHTS)
		return false;
	memcpy(ret_fds, CMSG_DATA(&rights.header), 2 * sizeof(int));
	return true;
}

static enum attack_result try_rights(const void *data, struct attack_report *report)
{
	const bool *kept = data; /* the sender keeps its own */
	int pair[2], fds[2];
	pid_t pid;

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	pid = fork();
	if (pid == 0)
		_exit(receive_rights(pair[1], fds) ? reaches_again(fds[0], fds[1]) : 2);
	fds[0] = stream_given_up(0);
	fds[1] = stream_connected(0);
	send_rights(pair[0], fds);
	if (!*kept) {
		close(fds[0]);
		close(fds[1]);
	}
	switch (status_of(pid)) {
	case 0:
		return ATTACK_HELD;
	case 1:
		attack_say(report, "by the receiver");
		return ATTACK_BROKEN;
	default:
		return attack_lacks(report, "nothing was received");
	}
}

/* -- namespaces ---------------------------------------------------------------------------------
 */

static enum attack_result try_namespace(const void *data, struct attack_report *report)
{
	int given_up = stream_given_up(0), connected = stream_connected(0);
	const struct target target = loopback();

	(void)data;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return attack_lacks(report, strerror(errno));
	if (reaches_again(given_up, connected)) {
		attack_say(report, "with a socket brought along");
		return ATTACK_BROKEN;
	}
	if (stream_reaches(stream_open(AF_INET, 0), &target)) {
		attack_say(report, "with a new socket");
		return ATTACK_BROKEN;
	}
	return ATTACK_HELD;
}

/* -- a filter of its own ------------------------------------------------------------------------
 */

static long install_filter(uint32_t action, unsigned long flags)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, action) };
	struct sock_fprog program = { .len = 1, .filter = code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* A listener of its own could answer in place of the supervisor. */
static enum attack_result try_second_listener(const void *data, struct attack_report *report)
{
	long fd = install_filter(SECCOMP_RET_ALLOW, SECCOMP_FILTER_FLAG_NEW_LISTENER);

	(void)data;
	if (fd >= 0) {
		attack_say(report, "installed");
		return ATTACK_BROKEN;
	}
	attack_say(report, "%s", strerrorname_np(errno));
	return errno == EBUSY ? ATTACK_HELD : ATTACK_BROKEN;
}

/* A filter without one, that allows everything, must change nothing. */
static enum attack_result try_second_filter(const void *data, struct attack_report *report)
{
	int given_up = stream_given_up(0), connected = stream_connected(0);

	(void)data;
	if (install_filter(SECCOMP_RET_ALLOW, 0) < 0)
		return attack_lacks(report, strerror(errno));
	return reaches_again(given_up, connected) ? ATTACK_BROKEN : ATTACK_HELD;
}

const struct attack attacks_by_sharing[] = {
	{ "sharing/fork", PROOF_PLAIN, try_clone, &(const int){ 0 } },
	{ "sharing/clone-files", PROOF_PLAIN, try_clone, &(const int){ CLONE_FILES } },
	{ "sharing/clone-vm", PROOF_PLAIN, try_clone, &(const int){ CLONE_VM } },
	{ "sharing/vfork", PROOF_PLAIN, try_clone, &(const int){ CLONE_VM | CLONE_VFORK } },
	{ "sharing/vfork-files", PROOF_PLAIN, try_clone,
	  &(const int){ CLONE_VM | CLONE_VFORK | CLONE_FILES } },
	{ "sharing/shared-before", PROOF_PLAIN, try_shared_before, NULL },
	{ "sharing/rights-kept", PROOF_PLAIN, try_rights, &(const bool){ true } },
	{ "sharing/rights-given", PROOF_PLAIN, try_rights, &(const bool){ false } },
	{ "sharing/nested-namespace", PROOF_PLAIN, try_namespace, NULL },
	{ "sharing/second-listener", PROOF_PLAIN, try_second_listener, NULL },
	{ "sharing/second-filter", PROOF_PLAIN, try_second_filter, NULL },
	{ NULL, PROOF_NONE, NULL, NULL },
};
