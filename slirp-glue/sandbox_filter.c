/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's system call filter. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/call_filter.h"
#include "base/util.h"
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

static const struct call_rule argument_rules[] = {
	{ "fcntl", 1, CALL_WHOLE, F_DUPFD_CLOEXEC },
	{ "fcntl", 1, CALL_WHOLE, F_GETFD },
	{ "fcntl", 1, CALL_WHOLE, F_GETFL },
	{ "fcntl", 1, CALL_WHOLE, F_SETFD },
	{ "fcntl", 1, CALL_WHOLE, F_SETFL },
	{ "fcntl64", 1, CALL_WHOLE, F_DUPFD_CLOEXEC },
	{ "fcntl64", 1, CALL_WHOLE, F_GETFD },
	{ "fcntl64", 1, CALL_WHOLE, F_GETFL },
	{ "fcntl64", 1, CALL_WHOLE, F_SETFD },
	{ "fcntl64", 1, CALL_WHOLE, F_SETFL },
	{ "ioctl", 1, CALL_WHOLE, FIONREAD },
	{ "mmap", 2, PROT_EXEC, 0 },
	{ "mmap2", 2, PROT_EXEC, 0 },
	{ "mprotect", 2, PROT_EXEC, 0 },
	/* fstat of today's C library */
	{ "fstatat64", 3, AT_EMPTY_PATH, AT_EMPTY_PATH },
	{ "newfstatat", 3, AT_EMPTY_PATH, AT_EMPTY_PATH },
	{ "socket", 0, CALL_WHOLE, AF_INET },
	{ "socket", 0, CALL_WHOLE, AF_INET6 },
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

static void add_argument_rules(struct call_filter *filter, bool unix_sockets)
{
	static const struct call_rule unix_rule = { "socket", 0, CALL_WHOLE, AF_UNIX };

	call_filter_allow_abort(filter);
	if (unix_sockets)
		call_filter_add_rules(filter, CALL_ALLOWED, &unix_rule, 1);
	call_filter_add_rules(filter, CALL_ALLOWED, argument_rules, ARRAY_SIZE(argument_rules));
}

static void add_options(struct call_filter *filter)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const struct call_rule level = { "setsockopt", 1, CALL_WHOLE,
						 (uint64_t)options[i].level };
		const struct call_rule option = { "setsockopt", 2, CALL_WHOLE,
						  (uint64_t)options[i].option };

		call_filter_allow_both(filter, &level, &option);
	}
}

static void add_deadly(struct call_filter *filter)
{
	static const struct call_rule executable[] = {
		{ "mmap", 2, PROT_EXEC, PROT_EXEC },
		{ "mmap2", 2, PROT_EXEC, PROT_EXEC },
		{ "mprotect", 2, PROT_EXEC, PROT_EXEC },
	};

	if (SANITIZED) {
		call_filter_add_names(filter, CALL_ALLOWED, allowed_sanitizer,
				      ARRAY_SIZE(allowed_sanitizer));
		return;
	}
	call_filter_add_rules(filter, CALL_DEADLY, executable, ARRAY_SIZE(executable));
	call_filter_add_names(filter, CALL_DEADLY, deadly, ARRAY_SIZE(deadly));
}

/* After the sanitizer's rules, which may have one of these names already. */
static void add_refused_files(struct call_filter *filter)
{
	static const struct call_rule by_name = { "newfstatat", 3, AT_EMPTY_PATH, 0 };

	call_filter_add_rules(filter, CALL_DENIED, &by_name, 1);
	call_filter_add_others(filter, CALL_DENIED, refused_files, ARRAY_SIZE(refused_files));
}

int sandbox_filter_load(bool unix_sockets)
{
	struct call_filter *filter = call_filter_new();

	call_filter_add_names(filter, CALL_ALLOWED, allowed, ARRAY_SIZE(allowed));
	add_argument_rules(filter, unix_sockets);
	add_options(filter);
	add_deadly(filter);
	add_refused_files(filter);
	return call_filter_load(filter);
}
