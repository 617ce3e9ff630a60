/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A supervisor as it should not be: it judges what it reads, and lets the kernel go on with
 * whatever the memory and the number stand for by then. The races must win against it, or they are
 * no tests.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_socket.h"

#define NOTIFY_IF(number)                                                                          \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),                                         \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		NOTIFY_IF(SYS_connect),
		NOTIFY_IF(SYS_bind),
		NOTIFY_IF(SYS_listen),
		NOTIFY_IF(SYS_ioctl),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static int domain_of(pid_t tid, int number)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tid, O_EXCL /* PIDFD_THREAD */);
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	int domain = AF_UNSPEC;
	socklen_t length = sizeof(domain);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
	close(fd);
	close(pidfd);
	return domain;
}

/* 0: may go on. */
static int judge(const struct seccomp_notif *call)
{
	struct sockaddr_in address = { 0 };
	struct iovec ours = { &address, sizeof(address) };
	struct iovec theirs = { (void *)(uintptr_t)call->data.args[1], sizeof(address) };
	int domain = domain_of((pid_t)call->pid, (int)call->data.args[0]);

	if (domain != AF_INET && domain != AF_INET6)
		return 0;
	if (call->data.nr != SYS_connect)
		return EPERM;
	if (process_vm_readv((pid_t)call->pid, &ours, 1, &theirs, 1, 0) != sizeof(address) ||
	    address.sin_family != AF_INET)
		return EPERM;
	if ((ntohl(address.sin_addr.s_addr) >> 24) == 127 || address.sin_port == htons(PORT_DENIED))
		return ECONNREFUSED;
	return 0;
}

static void answer_always(int listener)
{
	for (;;) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp response = { 0 };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
			if (errno == ENOENT || errno == EINTR)
				continue;
			return;
		}
		response.id = call.id;
		response.error = -judge(&call);
		if (response.error == 0)
			response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

/*
 * The supervisor is a child that the filter, installed later by its parent, does not hold; the
 * listener comes to it as the parent's descriptor. The parent keeps it, for the listener's attack.
 */
int attack_naive(char **command)
{
	volatile int *listener = mmap(NULL, sizeof(*listener), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid(), child;

	*listener = -1;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	child = fork();
	if (child == 0) {
		int pidfd = (int)syscall(SYS_pidfd_open, parent, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (*listener < 0)
			usleep(1000);
		answer_always((int)syscall(SYS_pidfd_getfd, pidfd, *listener, 0));
		_exit(1);
	}
	*listener = fcntl(install(), F_DUPFD, 100); /* not close-on-exec */
	if (*listener < 0) {
		kill(child, SIGKILL);
		perror("attack naive");
		return 125;
	}
	execvp(command[0], command);
	perror(command[0]);
	return 127;
}

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

int attack_unwalled(char **command)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		execvp(command[0], command);
	perror("attack unwalled");
	return 127;
}
