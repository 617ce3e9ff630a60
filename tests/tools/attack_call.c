/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attacks by other calls than connect(2): fast open, io_uring, other instruction sets, ioctls. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <arpa/inet.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_socket.h"

/* -- fast open --------------------------------------------------------------------------------- */

typedef void fastopen_func(int fd, struct target *target);

static void by_sendto(int fd, struct target *target)
{
	sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&target->address, target->length);
}

static void by_sendmsg(int fd, struct target *target)
{
	struct iovec data = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct msghdr message = { .msg_name = &target->address,
				  .msg_namelen = target->length,
				  .msg_iov = &data,
				  .msg_iovlen = 1 };

	sendmsg(fd, &message, MSG_FASTOPEN);
}

static void by_sendmmsg(int fd, struct target *target)
{
	struct iovec data = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_name = &target->address,
						.msg_namelen = target->length,
						.msg_iov = &data,
						.msg_iovlen = 1 } };

	sendmmsg(fd, &message, 1, MSG_FASTOPEN);
}

/* All flags that can be set beside it, so that none of them hides it. */
static void by_many_flags(int fd, struct target *target)
{
	syscall(SYS_sendto, fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL | MSG_MORE | (1L << 32),
		&target->address, target->length);
}

/* The connection is made by the first write, of which nobody is told. */
static void by_write(int fd, struct target *target)
{
	const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on));
	stream_connect(fd, target);
	if (write(fd, "x", 1) < 0)
		return;
}

static enum attack_result try_fastopen(const void *data, struct attack_report *report)
{
	fastopen_func *const *call = data;
	struct target targets[] = { target_make("127.0.0.1", PORT_LOOPBACK),
				    target_make(target_remote4(), PORT_DENIED) };
	enum attack_result result = ATTACK_HELD;

	for (int i = 0; i < 6; i++) {
		int protocol = i / 2 == 2 ? IPPROTO_MPTCP : 0;
		int fd = i / 2 == 0 ? stream_open(AF_INET, 0) : stream_given_up(protocol);

		if (fd < 0)
			return attack_lacks(report, "no socket");
		(*call)(fd, &targets[i % 2]);
		if (stream_is_forbidden(fd)) {
			result = ATTACK_BROKEN;
			attack_say(report, "%s socket to %s", i / 2 == 0 ? "fresh" : "used",
				   i % 2 ? "denied" : "loopback");
		}
		close(fd);
	}
	return result;
}

/* -- io_uring ---------------------------------------------------------------------------------- */

/* Has the ring connect fd, and waits for that. Returns false if there is no ring. */
static bool ring_connect(int fd, const struct target *target)
{
	struct io_uring_params params = { 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
	struct io_uring_sqe *entry;
	char *queue;

	if (ring < 0)
		return false;
	queue = mmap(NULL, params.sq_off.array + 4 * sizeof(uint32_t), PROT_READ | PROT_WRITE,
		     MAP_SHARED, ring, IORING_OFF_SQ_RING);
	entry = mmap(NULL, 4 * sizeof(*entry), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQES);
	if (queue == MAP_FAILED || entry == MAP_FAILED)
		return false;
	*entry = (struct io_uring_sqe){ .opcode = IORING_OP_CONNECT,
					.fd = fd,
					.addr = (uintptr_t)&target->address,
					.off = target->length };
	*(uint32_t *)(queue + params.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	return true;
}

static enum attack_result try_ring(const void *data, struct attack_report *report)
{
	const struct target target = target_make("127.0.0.1", PORT_LOOPBACK);
	int fds[] = { stream_open(AF_INET, 0), stream_given_up(0) };

	(void)data;
	for (size_t i = 0; i < 2; i++) {
		if (!ring_connect(fds[i], &target)) {
			attack_say(report, "io_uring_setup: %s", strerror(errno));
			return ATTACK_HELD;
		}
		if (stream_is_forbidden(fds[i])) {
			attack_say(report, "connected by a ring");
			return ATTACK_BROKEN;
		}
	}
	/* A ring that can be had at all gets round the filter. */
	attack_say(report, "a ring was set up");
	return ATTACK_BROKEN;
}

/* -- other instruction sets -------------------------------------------------------------------- */

#ifdef __x86_64__
#define COMPAT_SOCKETCALL 102
#define COMPAT_CONNECT 362
#define COMPAT_BIND 361
#define COMPAT_LISTEN 363
#define COMPAT_IO_URING_SETUP 425
#define CONNECT_OF_SOCKETCALL 3
#define X32_BIT 0x40000000L

static long compat_call(long number, long first, long second, long third)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* Memory that such a call can point to. */
static void *low_page(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1,
		    0);
}

static long compat_connect(int fd, void *address, socklen_t length)
{
	return compat_call(COMPAT_CONNECT, fd, (long)address, (long)length);
}

static long compat_socketcall(int fd, void *address, socklen_t length)
{
	uint32_t *arguments = (uint32_t *)((char *)address + 512);

	arguments[0] = (uint32_t)fd;
	arguments[1] = (uint32_t)(uintptr_t)address;
	arguments[2] = length;
	return compat_call(COMPAT_SOCKETCALL, CONNECT_OF_SOCKETCALL, (long)arguments, 0);
}

static long x32_connect(int fd, void *address, socklen_t length)
{
	long result = syscall(SYS_connect | X32_BIT, fd, address, length);

	return result < 0 ? -errno : result;
}

typedef long foreign_func(int fd, void *address, socklen_t length);

static enum attack_result try_foreign(const void *data, struct attack_report *report)
{
	foreign_func *const *call = data;
	const struct target target = target_make("127.0.0.1", PORT_LOOPBACK);
	int fds[] = { stream_open(AF_INET, 0), stream_given_up(0) };
	void *page = low_page();
	long result = 0;

	memcpy(page, &target.address, target.length);
	for (size_t i = 0; i < 2; i++) {
		result = (*call)(fds[i], page, target.length);
		if (stream_is_forbidden(fds[i])) {
			attack_say(report, "%s socket connected", i == 0 ? "fresh" : "used");
			return ATTACK_BROKEN;
		}
	}
	attack_say(report, "%s", strerror((int)-result));
	return ATTACK_HELD;
}

static enum attack_result try_compat_listen(const void *data, struct attack_report *report)
{
	int fd = stream_given_up(0);
	long result = compat_call(COMPAT_LISTEN, fd, 4, 0);

	(void)data;
	if (result == 0 && dialled_back(local_port(fd))) {
		attack_say(report, "listens on the host");
		return ATTACK_BROKEN;
	}
	attack_say(report, "%s", strerror((int)-result));
	return ATTACK_HELD;
}

static enum attack_result try_compat_ring(const void *data, struct attack_report *report)
{
	void *params = low_page();
	long ring = compat_call(COMPAT_IO_URING_SETUP, 4, (long)params, 0);

	(void)data;
	if (ring >= 0) {
		attack_say(report, "a ring was set up");
		return ATTACK_BROKEN;
	}
	attack_say(report, "%s", strerror((int)-ring));
	return ATTACK_HELD;
}
#else
typedef long foreign_func(int fd, void *address, socklen_t length);
#define compat_connect NULL
#define compat_socketcall NULL
#define x32_connect NULL

static enum attack_result try_foreign(const void *data, struct attack_report *report)
{
	(void)data;
	return attack_lacks(report, "for x86-64 only");
}

#define try_compat_listen try_foreign
#define try_compat_ring try_foreign
#endif

/* -- another protocol in the socket's place -----------------------------------------------------
 */

#ifndef AF_SMC
#define AF_SMC 43
#endif

/* setsockopt(2) turns a TCP socket into one of AF_SMC, which connects by itself. */
static enum attack_result try_other_protocol(const void *data, struct attack_report *report)
{
	const struct target target = target_make("127.0.0.1", PORT_LOOPBACK);
	int probe = socket(AF_SMC, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = stream_given_up(0);

	(void)data;
	if (probe < 0)
		return attack_lacks(report, "no AF_SMC in this kernel");
	close(probe);
	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "smc", 3) < 0) {
		attack_say(report, "%s", strerror(errno));
		return ATTACK_HELD;
	}
	return stream_reaches(fd, &target) ? ATTACK_BROKEN : ATTACK_HELD;
}

/* -- what a socket tells of its machine ---------------------------------------------------------
 */

static enum attack_result try_interface_list(const void *data, struct attack_report *report)
{
	const char *host = getenv("WORLD_HOST4");
	struct ifreq rows[16];
	struct ifconf list = { .ifc_len = sizeof(rows), .ifc_req = rows };
	int fd = stream_connected(0);
	char text[INET_ADDRSTRLEN];

	(void)data;
	if (fd < 0 || !host)
		return attack_lacks(report, "no connection");
	if (ioctl(fd, SIOCGIFCONF, &list) < 0) {
		attack_say(report, "%s", strerror(errno));
		return ATTACK_HELD;
	}
	for (size_t i = 0; i < (size_t)list.ifc_len / sizeof(rows[0]); i++) {
		struct sockaddr_in *address = (struct sockaddr_in *)&rows[i].ifr_addr;

		inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
		if (strcmp(text, host) == 0) {
			attack_say(report, "tells %s of %s", text, rows[i].ifr_name);
			return ATTACK_BROKEN;
		}
	}
	return ATTACK_HELD;
}

/* Each is a question about the host's outer interface, which the container has not. */
static enum attack_result try_interface_questions(const void *data, struct attack_report *report)
{
	static const unsigned long questions[] = { SIOCGIFADDR,	 SIOCGIFHWADDR,
						   SIOCGIFINDEX, SIOCGIFMTU,
						   SIOCGIFFLAGS, 0x8946 /* ethtool */,
						   SIOCGIFTXQLEN };
	const char *name = getenv("WORLD_UPLINK");
	int fd = stream_connected(0);
	enum attack_result result = ATTACK_HELD;
	uint32_t driver[64] = { 3 /* ETHTOOL_GDRVINFO */ };

	(void)data;
	if (fd < 0 || !name)
		return attack_lacks(report, "no connection, or no uplink");
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct ifreq request = { .ifr_data = (char *)driver };

		strncpy(request.ifr_name, name, IFNAMSIZ - 1);
		if (ioctl(fd, questions[i], &request) == 0) {
			result = ATTACK_BROKEN;
			attack_say(report, "0x%lx", questions[i]);
		}
	}
	return result;
}

#ifndef SIOCGSKNS
#define SIOCGSKNS 0x894C
#endif

/* The network namespace of a socket, as a descriptor. */
static enum attack_result try_namespace_of_socket(const void *data, struct attack_report *report)
{
	int fd = stream_connected(0);
	int netns = ioctl(fd, SIOCGSKNS);

	(void)data;
	if (netns >= 0) {
		attack_say(report, "a descriptor of it");
		return ATTACK_BROKEN;
	}
	attack_say(report, "%s", strerror(errno));
	return ATTACK_HELD;
}

#define FASTOPEN(func)                                                                             \
	PROOF_PLAIN, try_fastopen, &(fastopen_func *const)                                         \
	{                                                                                          \
		func                                                                               \
	}
#define FOREIGN(func)                                                                              \
	try_foreign, &(foreign_func *const)                                                        \
	{                                                                                          \
		func                                                                               \
	}

const struct attack attacks_by_call[] = {
	{ "call/fastopen-sendto", FASTOPEN(by_sendto) },
	{ "call/fastopen-sendmsg", FASTOPEN(by_sendmsg) },
	{ "call/fastopen-sendmmsg", FASTOPEN(by_sendmmsg) },
	{ "call/fastopen-many-flags", FASTOPEN(by_many_flags) },
	{ "call/fastopen-connect-write", FASTOPEN(by_write) },
	{ "call/io-uring", PROOF_PLAIN, try_ring, NULL },
	{ "call/int80-connect", PROOF_PLAIN, FOREIGN(compat_connect) },
	{ "call/int80-socketcall", PROOF_PLAIN, FOREIGN(compat_socketcall) },
	{ "call/int80-listen", PROOF_PLAIN, try_compat_listen, NULL },
	{ "call/int80-io-uring", PROOF_PLAIN, try_compat_ring, NULL },
	{ "call/x32-connect", PROOF_NONE, FOREIGN(x32_connect) },
	{ "call/smc-by-ulp", PROOF_NONE, try_other_protocol, NULL },
	{ "call/interface-list", PROOF_PLAIN, try_interface_list, NULL },
	{ "call/interface-questions", PROOF_PLAIN, try_interface_questions, NULL },
	{ "call/namespace-of-socket", PROOF_NONE, try_namespace_of_socket, NULL },
	{ NULL, PROOF_NONE, NULL, NULL },
};
