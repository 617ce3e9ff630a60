/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries what a user may do, and system calls that need no other process. */

#include "config.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "probe/attempts.h"

/* With fewer descriptors a busy container runs out of them. */
#define FILES_WANTED 4096

/* The port below 1024 that is published most. */
#define LOW_PORT 80
#define FIRST_PORT_PATH "/proc/sys/net/ipv4/ip_unprivileged_port_start"

/* linux/landlock.h may be older than the kernel. */
#define LANDLOCK_ASK_VERSION (1U << 0)

bool attempt_pidfd(const struct feature_trial *trial, int argument, char **ret_detail,
		   GError **error)
{
	CLEANUP_CLOSE int fd = (int)syscall(SYS_pidfd_open, getpid(), 0U);

	(void)trial;
	(void)argument;
	(void)ret_detail;
	if (fd < 0)
		error_set_errno(error, errno, "no pidfd_open");
	return fd >= 0;
}

bool attempt_landlock(const struct feature_trial *trial, int argument, char **ret_detail,
		      GError **error)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_ASK_VERSION);

	(void)trial;
	(void)argument;
	if (version < 0) {
		error_set_errno(error, errno, "no Landlock");
		return false;
	}
	*ret_detail = g_strdup_printf("ABI %ld", version);
	return true;
}

bool attempt_ping_socket(const struct feature_trial *trial, int argument, char **ret_detail,
			 GError **error)
{
	CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

	(void)trial;
	(void)argument;
	(void)ret_detail;
	if (fd < 0)
		error_set_errno(error, errno, "can't open a ping socket as group %u", getegid());
	return fd >= 0;
}

/* Binds the port of the loopback for a moment, where it is free; nobody can connect to it. */
static int bind_low_port(void)
{
	CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_port = htons(LOW_PORT),
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int on = 1;

	if (fd < 0)
		return -errno;
	/* A server that starts just now is not in the way of it, nor we in its. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* The right is asked for before the port is looked up. */
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 && errno != EADDRINUSE)
		return -errno;
	return 0;
}

bool attempt_low_ports(const struct feature_trial *trial, int argument, char **ret_detail,
		       GError **error)
{
	g_autofree char *first = NULL;
	int result = bind_low_port();

	(void)trial;
	(void)argument;
	if (result < 0) {
		error_set_errno(error, -result, "can't bind port %d", LOW_PORT);
		return false;
	}
	if (g_file_get_contents(FIRST_PORT_PATH, &first, NULL, NULL))
		*ret_detail = g_strdup_printf("from port %s on", g_strstrip(first));
	return true;
}

bool attempt_open_files(const struct feature_trial *trial, int argument, char **ret_detail,
			GError **error)
{
	struct rlimit limit;

	(void)trial;
	(void)argument;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
		error_set_errno(error, errno, "can't read the limit");
		return false;
	}
	if (limit.rlim_max < FILES_WANTED) {
		error_set(error, SLIRPWAY_ERROR_DENIED, "the hard limit is %llu",
			  (unsigned long long)limit.rlim_max);
		return false;
	}
	*ret_detail = g_strdup_printf("the hard limit is %llu", (unsigned long long)limit.rlim_max);
	return true;
}

bool attempt_io_uring(const struct feature_trial *trial, int argument, char **ret_detail,
		      GError **error)
{
	struct io_uring_params parameters = { 0 };
	CLEANUP_CLOSE int fd = (int)syscall(SYS_io_uring_setup, 1, &parameters);

	(void)trial;
	(void)argument;
	(void)ret_detail;
	if (fd < 0)
		error_set_errno(error, errno, "can't make an instance");
	return fd >= 0;
}
