/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What slirpway can make use of, found out by trying each thing in a child of its own. */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "command/probe_checks.h"
#include "namespace/child.h"
#include "namespace/join.h"
#include "namespace/user_map.h"
#include "session/syscall_support.h"

#define TRY_TIMEOUT_MS 10000
#define DEVICE_NAME "probe0"
#define DEVICE_MTU 1500

/* With fewer descriptors a busy container runs out of them. */
#define FILES_WANTED 4096

/* In the child: tries, sends the reason of a failure, and ends. */
__attribute__((noreturn)) static void try_and_exit(bool (*attempt)(GError **error), int socket)
{
	g_autoptr(GError) error = NULL;

	if (attempt(&error))
		_exit(EXIT_SUCCESS);
	descriptor_write_all(socket, error->message, strlen(error->message));
	_exit(EXIT_FAILURE);
}

/* Hands on what the child said about its failure; it has ended. */
static bool report_child(int socket, int status, GError **error)
{
	char text[2048];
	ssize_t length;

	if (status == 0)
		return true;
	length = read(socket, text, sizeof(text));
	if (length > 0)
		error_set(error, SLIRPWAY_ERROR_DENIED, "%.*s", (int)length, text);
	else
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the process that tried it died");
	return false;
}

/* Calls attempt in a child, so that what it changes ends with that. */
static bool try_in_child(bool (*attempt)(GError **error), GError **error)
{
	CLEANUP_CLOSE int ours = -1;
	CLEANUP_CLOSE int theirs = -1;
	int pair[2];
	int result = descriptor_pair(pair);
	int status;
	pid_t pid;

	if (result < 0) {
		error_set_errno(error, -result, "can't make a socket pair");
		return false;
	}
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0) {
		error_set_errno(error, errno, "can't fork");
		return false;
	}
	if (pid == 0)
		try_and_exit(attempt, theirs);
	descriptor_close(&theirs);
	result = child_wait(pid, TRY_TIMEOUT_MS, &status);
	if (result < 0) {
		error_set_errno(error, -result, "can't wait for the process that tries it");
		return false;
	}
	return report_child(ours, status, error);
}

static bool try_user_namespaces(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_in_child(namespaces_unshare, error);
}

static bool open_device(enum device_kind kind, GError **error)
{
	struct device device;

	return namespaces_unshare(error) &&
	       device_open(kind, DEVICE_NAME, DEVICE_MTU, &device, error);
}

static bool open_tap(GError **error)
{
	return open_device(DEVICE_TAP, error);
}

static bool open_veth(GError **error)
{
	return open_device(DEVICE_VETH, error);
}

static bool try_tap(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_in_child(open_tap, error);
}

static bool try_veth(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_in_child(open_veth, error);
}

static bool try_ping(char **ret_detail, GError **error)
{
	CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

	(void)ret_detail;
	if (fd < 0)
		error_set_errno(error, errno, "can't open a ping socket as group %u", getegid());
	return fd >= 0;
}

static bool try_feature(enum syscall_feature feature, GError **error)
{
	struct syscall_support support;

	return syscall_support_try(&support, error) &&
	       syscall_support_has(&support, feature, error);
}

static bool try_notification(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_feature(FEATURE_NOTIFICATION, error);
}

static bool try_put_descriptor(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_feature(FEATURE_PUT_DESCRIPTOR, error);
}

static bool try_take_descriptor(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_feature(FEATURE_TAKE_DESCRIPTOR, error);
}

static bool try_network_cookie(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_feature(FEATURE_NETWORK_COOKIE, error);
}

static bool try_wait_killable(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_feature(FEATURE_WAIT_KILLABLE, error);
}

static bool try_synchronous(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_feature(FEATURE_SYNCHRONOUS, error);
}

static bool try_network_rules(char **ret_detail, GError **error)
{
	(void)ret_detail;
	return try_feature(FEATURE_NETWORK_RULES, error);
}

/* In the child: makes a user namespace, says so, and stays until the other end hangs up. */
__attribute__((noreturn)) static void hold_user_namespace(int socket)
{
	char byte = '1';

	if (namespaces_unshare(NULL) && descriptor_write_all(socket, &byte, 1) == 0)
		descriptor_wait_readable(socket, TRY_TIMEOUT_MS);
	_exit(EXIT_SUCCESS);
}

static bool map_child(pid_t pid, int socket, GError **error)
{
	char byte;
	int result = descriptor_wait_readable(socket, TRY_TIMEOUT_MS);

	if (result < 0 || read(socket, &byte, 1) != 1) {
		error_set(error, SLIRPWAY_ERROR_DENIED, "the process that tried it died");
		return false;
	}
	return user_map_write(pid, USER_MAP_AUTO, error);
}

static bool try_subordinate_ids(char **ret_detail, GError **error)
{
	int pair[2];
	int result = descriptor_pair(pair);
	bool mapped = false;
	int status;
	pid_t pid;

	(void)ret_detail;
	if (result < 0) {
		error_set_errno(error, -result, "can't make a socket pair");
		return false;
	}
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		hold_user_namespace(pair[1]);
	}
	close(pair[1]);
	if (pid > 0)
		mapped = map_child(pid, pair[0], error);
	else
		error_set_errno(error, errno, "can't fork");
	close(pair[0]); /* with which the child ends */
	if (pid > 0)
		(void)child_wait(pid, TRY_TIMEOUT_MS, &status);
	return mapped;
}

static bool try_files(char **ret_detail, GError **error)
{
	struct rlimit limit;

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

/* clang-format off */
const struct probe_check probe_checks[] = {
	[PROBE_USER_NAMESPACES] = {
		"user namespaces", "user_namespaces",
		"without them run does not work at all, and attach only as root",
		false, try_user_namespaces },
	[PROBE_TAP] = {
		"tap device", "tap_device",
		"a veth pair is used where that can be had; /dev/net/tun must exist (modprobe tun) "
		"and be open to you (mode 0666)",
		true, try_tap },
	[PROBE_VETH] = {
		"veth device", "veth_device",
		"only needed where there is no tap device; the kernel must have veth (modprobe veth)",
		true, try_veth },
	[PROBE_NOTIFICATION] = {
		"seccomp notification", "seccomp_notification",
		"mode hybrid needs it: all connections go by packets, which is slower",
		false, try_notification },
	[PROBE_PUT_DESCRIPTOR] = {
		"descriptors put in place", "seccomp_addfd",
		"mode hybrid needs to put sockets of the host in a program's place",
		false, try_put_descriptor },
	[PROBE_TAKE_DESCRIPTOR] = {
		"descriptors taken", "pidfd_getfd",
		"mode hybrid needs to get at the sockets of a program",
		false, try_take_descriptor },
	[PROBE_NETWORK_COOKIE] = {
		"network cookies", "netns_cookie",
		"mode hybrid needs to tell the container's sockets from the host's",
		false, try_network_cookie },
	{ "ping", "ping_sockets",
	  "ping gets no answer inside, everything else works; "
	  "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"",
	  false, try_ping },
	{ "subordinate ids", "subordinate_ids",
	  "--map-auto does not work, the other mappings do",
	  true, try_subordinate_ids },
	{ "open files", "open_files",
	  "each open connection takes a file descriptor; raise the hard limit (LimitNOFILE, limits.conf)",
	  false, try_files },
	{ "killable waits", "seccomp_wait_killable",
	  "a signal that comes just as a connect begins makes it begin again",
	  false, try_wait_killable },
	{ "synchronous wake-up", "seccomp_synchronous",
	  "each connect and bind in mode hybrid takes some microseconds longer",
	  false, try_synchronous },
	{ "Landlock TCP rules", "landlock_network",
	  "in mode hybrid sockets of the host are tied to the device that they go out by instead",
	  false, try_network_rules },
};
/* clang-format on */

const size_t probe_check_count = ARRAY_SIZE(probe_checks);
