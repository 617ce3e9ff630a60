/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cases of the sandbox's tests that are about single system calls. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/glue/sandbox_child.h"

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

/* What must fail, each with the given error. */

static long open_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long open_root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static long stat_file(void)
{
	struct stat status;

	return stat("/", &status);
}

static long make_directory(void)
{
	return mkdir("/x", 0700);
}

static long make_netlink_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static long make_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long make_vsock_socket(void)
{
	return socket(AF_VSOCK, SOCK_STREAM, 0);
}

static long push_input(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static long attach_filter(void)
{
	struct sock_filter code[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	struct sock_fprog program = { 1, code };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static long signal_parent(void)
{
	return syscall(SYS_tgkill, 1, 1, 0);
}

static long lock_file(void)
{
	struct flock lock = { .l_type = F_RDLCK };

	return fcntl(STDERR_FILENO, F_SETLK, &lock);
}

static long raise_limit(void)
{
	struct rlimit limit = { 1, 1 };

	return setrlimit(RLIMIT_CORE, &limit);
}

static const struct {
	const char *name;
	long (*attempt)(void);
	int error;
} refusals[] = {
	{ "open a file", open_file, EACCES },
	{ "open the root", open_root, EACCES },
	{ "stat", stat_file, EACCES },
	{ "mkdir", make_directory, ENOSYS },
	{ "netlink", make_netlink_socket, ENOSYS },
	{ "packet socket", make_packet_socket, ENOSYS },
	{ "vsock", make_vsock_socket, ENOSYS },
	{ "terminal input", push_input, ENOSYS },
	{ "socket filter", attach_filter, ENOSYS },
	{ "signal", signal_parent, ENOSYS },
	{ "lock", lock_file, ENOSYS },
	{ "limit", raise_limit, ENOSYS },
};

static void try_refusals(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
		errno = 0;
		if (refusals[i].attempt() != -1 || errno != refusals[i].error) {
			dprintf(STDERR_FILENO, "%s: %s\n", refusals[i].name, strerror(errno));
			_exit(1);
		}
	}
}

/* What must kill. */

static long execute(void)
{
	char *const arguments[] = { (char *)"true", NULL };

	return execve("/bin/true", arguments, arguments + 1);
}

static long make_process(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long read_memory(void)
{
	return process_vm_readv(getpid(), NULL, 0, NULL, 0, 0);
}

static long make_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static long join_namespace(void)
{
	return setns(-1, 0);
}

static long mount_something(void)
{
	return mount("none", "/", "tmpfs", 0, NULL);
}

static long use_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long use_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static long use_keys(void)
{
	return syscall(SYS_keyctl, 0, 0, 0, 0, 0);
}

static long map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			       MAP_FAILED
		       ? -1
		       : 0;
}

static long make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long change_user(void)
{
	return syscall(SYS_setresuid, 0, 0, 0);
}

static long kill_session(void)
{
	return kill(getpid(), 0);
}

static const struct {
	const char *name;
	long (*attempt)(void);
} kills[] = {
	{ "execve", execute },
	{ "clone", make_process },
	{ "ptrace", trace },
	{ "process_vm_readv", read_memory },
	{ "unshare", make_namespace },
	{ "setns", join_namespace },
	{ "mount", mount_something },
	{ "bpf", use_bpf },
	{ "io_uring", use_io_uring },
	{ "keyctl", use_keys },
	{ "executable mapping", map_code },
	{ "executable page", make_code },
	{ "setresuid", change_user },
	{ "kill", kill_session },
};

static size_t kill_index;

static void try_kill(void)
{
	_exit(kills[kill_index].attempt() < 0 ? 2 : 3);
}

START_TEST(attacks_kill)
{
	int status;

	kill_index = (size_t)_i;
	status = child_run(&situations[SITUATION_USER], try_kill);
	/* With a sanitizer nothing kills, but nothing succeeds either. */
	if (SANITIZED)
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 2, "%s: status %#x",
			      kills[_i].name, status);
	else
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s: status %#x",
			      kills[_i].name, status);
}
END_TEST

#ifdef __x86_64__
static void use_foreign_calls(void)
{
	long result;

	/* getpid of the 32-bit table; exit of the x32 one otherwise */
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
	(void)result;
}

START_TEST(foreign_calls_kill)
{
	int status = child_run(&situations[SITUATION_USER], use_foreign_calls);

	ck_assert_msg(WIFSIGNALED(status) &&
			      (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV),
		      "status %#x", status);
}
END_TEST
#endif

START_TEST(refusals_fail)
{
	ck_assert_int_eq(child_run(&situations[_i], try_refusals), 0);
}
END_TEST

/* What must work. */

static void set_options(int tcp, int udp, int udp6)
{
	int value = 1;
	int limit = 9;

	DEMAND(setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)) == 0);
	DEMAND(setsockopt(tcp, SOL_SOCKET, SO_OOBINLINE, &value, sizeof(value)) == 0);
	DEMAND(setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0);
	DEMAND(setsockopt(udp, IPPROTO_IP, IP_TTL, &limit, sizeof(limit)) == 0);
	DEMAND(setsockopt(udp, IPPROTO_IP, IP_RECVERR, &value, sizeof(value)) == 0);
	DEMAND(setsockopt(udp6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &limit, sizeof(limit)) == 0);
	DEMAND(setsockopt(udp6, IPPROTO_IPV6, IPV6_RECVERR, &value, sizeof(value)) == 0);
	DEMAND(setsockopt(udp6, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof(value)) == 0);
}

static void exchange_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte = 0;
	int waiting = 0;
	int server;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };

	DEMAND(listener >= 0 && client >= 0);
	DEMAND(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	DEMAND(listen(listener, 1) == 0);
	DEMAND(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
	DEMAND(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	DEMAND(server >= 0);
	DEMAND(getpeername(server, (struct sockaddr *)&address, &length) == 0);
	DEMAND(fcntl(client, F_SETFL, fcntl(client, F_GETFL) | O_NONBLOCK) == 0);
	DEMAND(fcntl(client, F_SETFD, fcntl(client, F_GETFD) | FD_CLOEXEC) == 0);
	DEMAND(send(client, "abcd", 4, MSG_NOSIGNAL) == 4);
	DEMAND(ioctl(server, FIONREAD, &waiting) == 0 && waiting == 4);
	DEMAND(recv(server, &byte, 1, 0) == 1 && read(server, &byte, 1) == 1);
	DEMAND(readv(server, &vector, 1) == 1 && recvmsg(server, &message, 0) == 1);
	DEMAND(byte == 'd');
	DEMAND(sendmsg(server, &message, MSG_NOSIGNAL) == 1 && write(server, "x", 1) == 1);
	DEMAND(shutdown(server, SHUT_RDWR) == 0);
	close(server);
	close(client);
	close(listener);
}

static void use_sockets(void)
{
	int tcp = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int udp6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	DEMAND(tcp >= 0 && udp >= 0 && udp6 >= 0);
	set_options(tcp, udp, udp6);
	exchange_tcp();
	close(tcp);
	close(udp);
	close(udp6);
}

static void use_memory(void)
{
	char *small = g_malloc(100);
	char *large = g_malloc(4 * 1024 * 1024);

	memset(large, 1, 4 * 1024 * 1024);
	large = g_realloc(large, 40 * 1024 * 1024);
	memset(large, 1, 40 * 1024 * 1024);
	for (int i = 0; i < 1000; i++)
		small = g_realloc(small, (gsize)(i + 1) * 1000);
	g_free(large);
	g_free(small);
}

/* Messages of libslirp go through GLib's log, which wants the time of day, and through stderr. */
static void use_library(void)
{
	time_t now = time(NULL);

	DEMAND(localtime(&now) != NULL);
	g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
	g_warning("a message, wanted here");
	DEMAND(g_random_int_range(0, 2) < 2);
}

static void offer_processor(void)
{
	DEMAND(sched_yield() == 0);
}

static void do_work(void)
{
	offer_processor();
	use_sockets();
	use_memory();
	use_library();
}

START_TEST(work_goes_on)
{
	ck_assert_int_eq(child_run(&situations[_i], do_work), 0);
}
END_TEST

static void abort_here(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

START_TEST(abort_is_an_abort)
{
	int status = child_run(&situations[SITUATION_USER], abort_here);

	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %#x", status);
	ck_assert(!WCOREDUMP(status));
}
END_TEST

/* A normal exit of a build with sanitizers looks for leaks, which it can't from within. */
static void exit_here(void)
{
	exit(0);
}

START_TEST(exit_is_clean)
{
	ck_assert_int_eq(child_run(&situations[SITUATION_USER], exit_here), 0);
}
END_TEST

TCase *sandbox_call_cases(void)
{
	TCase *cases = tcase_create("calls");

	tcase_set_timeout(cases, 30);
	tcase_add_loop_test(cases, refusals_fail, 0, SITUATION_COUNT);
	tcase_add_loop_test(cases, attacks_kill, 0, (int)G_N_ELEMENTS(kills));
#ifdef __x86_64__
	tcase_add_test(cases, foreign_calls_kill);
#endif
	tcase_add_loop_test(cases, work_goes_on, 0, SITUATION_COUNT);
	tcase_add_test(cases, abort_is_an_abort);
	tcase_add_test(cases, exit_is_clean);
	return cases;
}
