/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps a supervisor from doing anything but its work.
 *
 * It reads memory that a container chose, so it is to be of little use to whoever takes it over: no
 * other program, no new process, no file but those of /proc that it reads, no capability. What
 * can't be taken away is its work: to look into the container's tasks it must stay in the user
 * namespace of the one who made the container's (so there is no empty root), and Landlock would
 * forbid just that look; and it makes sockets of the host.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/call_filter.h"
#include "base/message.h"
#include "base/util.h"
#include "syscall/supervisor_sandbox.h"

/* clang-format off */
static const char *const allowed[] = {
	/* the container's tasks */
	"kcmp", "pidfd_getfd", "pidfd_open", "process_vm_readv", "process_vm_writev",
	/* descriptors; what is opened is read only, below */
	"chdir", "close", "close_range", "dup", "dup2", "dup3", "fchdir", "fcntl", "fstat",
	"getdents64", "lseek",
	"newfstatat", "pread64", "read", "readlinkat", "readv", "umask", "write", "writev",
	/* sockets */
	"accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
	"recvmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
	/* waiting, time */
	"clock_gettime", "clock_nanosleep", "epoll_create1", "epoll_ctl", "epoll_pwait",
	"epoll_wait", "eventfd2", "gettimeofday", "poll", "ppoll", "timerfd_create",
	"timerfd_settime",
	/* memory */
	"brk", "madvise", "mremap", "munmap",
	/* the process itself */
	"exit", "exit_group", "futex", "getpid", "getrandom", "gettid", "getuid", "geteuid",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"sched_yield", "set_robust_list", "sigaltstack",
#if defined(__SANITIZE_ADDRESS__)
	"getppid", "getrlimit", "prctl", "prlimit64", "readlink", "sched_getaffinity",
#endif
};
/* clang-format on */

/* The requests to a listener for system calls, _IO('!', ...) of linux/seccomp.h. */
#define NOTIFICATION_FAMILY ('!' << _IOC_TYPESHIFT)
#define FAMILY (_IOC_TYPEMASK << _IOC_TYPESHIFT)

/*
 * Of ioctl(2) what notification.c, capability.c and ioctl.c ask, and no more: standard error may be
 * a terminal, into which one could type (TIOCSTI, tioclinux).
 */
static const struct call_rule rules[] = {
	{ "mmap", 2, PROT_EXEC, 0 },
	{ "mprotect", 2, PROT_EXEC, 0 },
	{ "openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ "socket", 0, CALL_WHOLE, AF_INET },
	{ "socket", 0, CALL_WHOLE, AF_INET6 },
	{ "socket", 0, CALL_WHOLE, AF_NETLINK },
	{ "ioctl", 1, FAMILY, NOTIFICATION_FAMILY },
	{ "ioctl", 1, CALL_WHOLE, NS_GET_PARENT },
	{ "ioctl", 1, CALL_WHOLE, NS_GET_USERNS },
	{ "ioctl", 1, CALL_WHOLE, SIOCGSKNS },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFADDR },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFBRDADDR },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFCONF },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFDSTADDR },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFFLAGS },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFHWADDR },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFINDEX },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFMAP },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFMETRIC },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFMTU },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFNAME },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFNETMASK },
	{ "ioctl", 1, CALL_WHOLE, SIOCGIFTXQLEN },
};

/* Returns 0 or -errno. */
static int load_filter(void)
{
	struct call_filter *filter = call_filter_new();

	call_filter_allow_abort(filter);
	call_filter_add_names(filter, CALL_ALLOWED, allowed, ARRAY_SIZE(allowed));
	call_filter_add_rules(filter, CALL_ALLOWED, rules, ARRAY_SIZE(rules));
	return call_filter_load(filter);
}

/* Returns 0 or -errno. Published ports below 1024 take the one capability that stays, if it is
 * held. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	const uint32_t kept = 1U << CAP_NET_BIND_SERVICE;

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(data); i++) {
		data[i].effective &= i == 0 ? kept : 0;
		data[i].permitted &= i == 0 ? kept : 0;
		data[i].inheritable = 0;
	}
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* Returns 0 or -errno. */
static int limit_resources(void)
{
	static const int resources[] = { RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_MEMLOCK,
					 RLIMIT_MSGQUEUE };
	const struct rlimit none = { 0, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(resources); i++)
		if (setrlimit(resources[i], &none) < 0)
			return -errno;
	/* Nothing of the same user may look into us either; a core dump would hold addresses. */
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

uint32_t supervisor_sandbox_enter(void)
{
	static const struct {
		uint32_t layer;
		int (*enter)(void);
	} stages[] = {
		{ SANDBOX_LIMITS, limit_resources },
		{ SANDBOX_CAPS, drop_capabilities },
		{ SANDBOX_FILTER, load_filter },
	};
	uint32_t layers = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
		int result = stages[i].enter();

		if (result == 0)
			layers |= stages[i].layer;
		else
			errno = -result;
	}
	return layers;
}
