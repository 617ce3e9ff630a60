/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's system call filter. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "slirp-glue/sandbox_filter.h"

/*
 * Three answers, by what the call tells about its caller:
 *
 * - What libslirp, GLib's and the C library's allocation and messages, and the glue need is
 * allowed; where the choice lies in an argument that registers show, only the values that are
 * needed.
 * - What no code in this process ever tries by itself (another program, another process's memory,
 *   namespaces, mounts, executable memory, the large subsystems that exploits live on) kills the
 *   process: it has been taken over, and the session starts a fresh one.
 * - Everything else fails. ENOSYS, because libraries have a fallback for what an older kernel
 *   lacks; EACCES for opening files, because C libraries try that on their own and go on without
 *   (a message with the time of day reads /etc/localtime), and a container must not be able to
 *   kill the engine by making it print one.
 *
 * Whoever makes the glue do a new call adds it here; tests/glue/test_sandbox.c tries each row.
 *
 * A build with sanitizers allows what their runtime does, and kills nowhere, for it starts a
 * symbolizer of its own while it reports.
 */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#if SANITIZED
/* Asked by LeakSanitizer at exit: its search takes /proc and a process of its own. */
int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
	return prctl(PR_GET_SECCOMP) > 0;
}
#endif

/* clang-format off */
static const char *const allowed[] = {
	/* descriptors */
	"close", "fstat", "fstat64", "ftruncate", "ftruncate64", "lseek", "_llseek",
	"read", "readv", "write", "writev",
	/* sockets */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
	"listen", "recv", "recvfrom", "recvmmsg", "recvmsg", "send", "sendmmsg", "sendmsg",
	"sendto", "shutdown",
	/* waiting, time */
	"clock_getres", "clock_gettime", "clock_gettime64", "epoll_ctl", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "gettimeofday", "poll", "ppoll", "ppoll_time64", "time",
	/* memory */
	"brk", "madvise", "mremap", "munmap",
	/* the process itself */
	"exit", "exit_group", "futex", "futex_time64", "getpid", "getrandom", "gettid",
	"restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_yield", "sigaltstack",
	"sigreturn",
};

static const char *const allowed_sanitizer[] = {
	"getppid", "getrlimit", "prctl", "readlink", "sched_getaffinity", "sched_yield",
};

static const char *const refused_files[] = {
	"access", "creat", "faccessat", "faccessat2", "lstat", "lstat64", "open", "openat",
	"openat2", "readlink", "readlinkat", "stat", "stat64", "statx",
};

static const char *const deadly[] = {
	/* other programs and processes */
	"clone", "clone3", "execve", "execveat", "fork", "kcmp", "kill", "pidfd_getfd",
	"pidfd_open", "pidfd_send_signal", "process_madvise", "process_vm_readv",
	"process_vm_writev", "ptrace", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill", "vfork",
	/* namespaces, mounts, identity */
	"capset", "chroot", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr",
	"move_mount", "open_by_handle_at", "open_tree", "personality", "pivot_root", "seccomp",
	"setfsgid", "setfsuid", "setgid", "setgroups", "setns", "setregid", "setresgid",
	"setresuid", "setreuid", "setuid", "umount", "umount2", "unshare",
	/* subsystems */
	"add_key", "bpf", "delete_module", "finit_module", "init_module", "io_uring_enter",
	"io_uring_register", "io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load",
	"keyctl", "memfd_create", "memfd_secret", "modify_ldt", "perf_event_open", "reboot",
	"request_key", "shmat", "userfaultfd", "vmsplice",
};
/* clang-format on */

/* Allowed where the argument at index has, in the bits of mask, the given value. */
struct argument_rule {
	const char *name;
	uint32_t index;
	uint64_t mask;
	uint64_t value;
};

#define WHOLE UINT32_MAX /* an int; what the upper half of the register holds does not count */

static const struct argument_rule argument_rules[] = {
	{ "fcntl", 1, WHOLE, F_DUPFD_CLOEXEC },
	{ "fcntl", 1, WHOLE, F_GETFD },
	{ "fcntl", 1, WHOLE, F_GETFL },
	{ "fcntl", 1, WHOLE, F_SETFD },
	{ "fcntl", 1, WHOLE, F_SETFL },
	{ "fcntl64", 1, WHOLE, F_DUPFD_CLOEXEC },
	{ "fcntl64", 1, WHOLE, F_GETFD },
	{ "fcntl64", 1, WHOLE, F_GETFL },
	{ "fcntl64", 1, WHOLE, F_SETFD },
	{ "fcntl64", 1, WHOLE, F_SETFL },
	{ "ioctl", 1, WHOLE, FIONREAD },
	{ "mmap", 2, PROT_EXEC, 0 },
	{ "mmap2", 2, PROT_EXEC, 0 },
	{ "mprotect", 2, PROT_EXEC, 0 },
	/* fstat of today's C library */
	{ "fstatat64", 3, AT_EMPTY_PATH, AT_EMPTY_PATH },
	{ "newfstatat", 3, AT_EMPTY_PATH, AT_EMPTY_PATH },
	{ "socket", 0, WHOLE, AF_INET },
	{ "socket", 0, WHOLE, AF_INET6 },
};

/* Socket options that may be set. Packet filters (SO_ATTACH_FILTER) are what this is to keep out.
 */
static const struct {
	int level;
	int option;
} options[] = {
	{ SOL_SOCKET, SO_BINDTODEVICE },
	{ SOL_SOCKET, SO_BROADCAST },
	{ SOL_SOCKET, SO_KEEPALIVE },
	{ SOL_SOCKET, SO_LINGER },
	{ SOL_SOCKET, SO_OOBINLINE },
	{ SOL_SOCKET, SO_RCVBUF },
	{ SOL_SOCKET, SO_RCVLOWAT },
	{ SOL_SOCKET, SO_REUSEADDR },
	{ SOL_SOCKET, SO_REUSEPORT },
	{ SOL_SOCKET, SO_SNDBUF },
	{ IPPROTO_TCP, TCP_KEEPCNT },
	{ IPPROTO_TCP, TCP_KEEPIDLE },
	{ IPPROTO_TCP, TCP_KEEPINTVL },
	{ IPPROTO_TCP, TCP_NODELAY },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT },
	{ IPPROTO_TCP, TCP_QUICKACK },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT },
	{ IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT },
	{ IPPROTO_IP, IP_MTU_DISCOVER },
	{ IPPROTO_IP, IP_RECVERR },
	{ IPPROTO_IP, IP_TOS },
	{ IPPROTO_IP, IP_TTL },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER },
	{ IPPROTO_IPV6, IPV6_RECVERR },
	{ IPPROTO_IPV6, IPV6_TCLASS },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS },
	{ IPPROTO_IPV6, IPV6_V6ONLY },
};

/* Names that this machine or this libseccomp does not know need no rule: the default refuses them.
 */
static int add_rule(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
		    const struct scmp_arg_cmp *comparisons)
{
	int number = seccomp_syscall_resolve_name(name);
	int result;

	if (number == __NR_SCMP_ERROR)
		return 0;
	result = seccomp_rule_add_array(filter, action, number, count, comparisons);
	return result == -EDOM ? 0 : result;
}

static int add_names(scmp_filter_ctx filter, uint32_t action, const char *const *names,
		     size_t count)
{
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		result = add_rule(filter, action, names[i], 0, NULL);
	return result;
}

static int add_argument_rule(scmp_filter_ctx filter, uint32_t action,
			     const struct argument_rule *rule)
{
	struct scmp_arg_cmp comparison =
		SCMP_CMP64(rule->index, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);

	return add_rule(filter, action, rule->name, 1, &comparison);
}

static int add_argument_rules(scmp_filter_ctx filter, bool unix_sockets)
{
	const struct argument_rule unix_rule = { "socket", 0, WHOLE, AF_UNIX };
	/* abort(3) */
	const struct argument_rule self_rule = { "tgkill", 0, WHOLE, (uint64_t)getpid() };
	int result = add_argument_rule(filter, SCMP_ACT_ALLOW, &self_rule);

	if (result == 0 && unix_sockets)
		result = add_argument_rule(filter, SCMP_ACT_ALLOW, &unix_rule);
	for (size_t i = 0; i < G_N_ELEMENTS(argument_rules) && result == 0; i++)
		result = add_argument_rule(filter, SCMP_ACT_ALLOW, &argument_rules[i]);
	return result;
}

static int add_options(scmp_filter_ctx filter)
{
	int result = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(options) && result == 0; i++) {
		const struct scmp_arg_cmp comparisons[] = {
			SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, WHOLE, (uint64_t)options[i].level),
			SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, WHOLE, (uint64_t)options[i].option),
		};

		result = add_rule(filter, SCMP_ACT_ALLOW, "setsockopt", 2, comparisons);
	}
	return result;
}

static int add_deadly(scmp_filter_ctx filter)
{
	static const struct argument_rule executable[] = {
		{ "mmap", 2, PROT_EXEC, PROT_EXEC },
		{ "mmap2", 2, PROT_EXEC, PROT_EXEC },
		{ "mprotect", 2, PROT_EXEC, PROT_EXEC },
	};
	int result = 0;

	if (SANITIZED)
		return add_names(filter, SCMP_ACT_ALLOW, allowed_sanitizer,
				 G_N_ELEMENTS(allowed_sanitizer));
	for (size_t i = 0; i < G_N_ELEMENTS(executable) && result == 0; i++)
		result = add_argument_rule(filter, SCMP_ACT_KILL_PROCESS, &executable[i]);
	if (result == 0)
		result = add_names(filter, SCMP_ACT_KILL_PROCESS, deadly, G_N_ELEMENTS(deadly));
	return result;
}

/* After the sanitizer's rules, which may have one of these names already: that rule stays. */
static int add_refused_files(scmp_filter_ctx filter)
{
	const struct argument_rule by_name = { "newfstatat", 3, AT_EMPTY_PATH, 0 };
	int result = add_argument_rule(filter, SCMP_ACT_ERRNO(EACCES), &by_name);

	for (size_t i = 0; i < G_N_ELEMENTS(refused_files) && result == 0; i++) {
		result = add_rule(filter, SCMP_ACT_ERRNO(EACCES), refused_files[i], 0, NULL);
		if (result == -EEXIST)
			result = 0;
	}
	return result;
}

static int add_rules(scmp_filter_ctx filter, bool unix_sockets)
{
	int result = add_names(filter, SCMP_ACT_ALLOW, allowed, G_N_ELEMENTS(allowed));

	if (result == 0)
		result = add_argument_rules(filter, unix_sockets);
	if (result == 0)
		result = add_options(filter);
	if (result == 0)
		result = add_deadly(filter);
	if (result == 0)
		result = add_refused_files(filter);
	return result;
}

int sandbox_filter_load(bool unix_sockets)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int result;

	if (!filter)
		return -ENOMEM;
	result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A binary tree instead of a list, from libseccomp 2.5 on. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (result == 0)
		result = add_rules(filter, unix_sockets);
	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	return result;
}
