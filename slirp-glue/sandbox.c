/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shuts the engine in, in two stages. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/message.h"
#include "slirp-glue/sandbox.h"
#include "slirp-glue/sandbox_filter.h"

/*
 * What an engine that a container has taken over should find: no files (an empty root, Landlock,
 * no open in the filter), no other program or process (filter, no processes to be made), no rights
 * beyond those of any process of the user (no capabilities, no new privileges), and a small part of
 * the kernel (filter). What it keeps is its work: the host's network, from which it is to make
 * sockets, the container's link, and the socket to the session, which distrusts it.
 *
 * The network namespace being the host's, abstract AF_UNIX addresses of the host would be in
 * reach; Landlock takes them away from Linux 6.12 on.
 *
 * A fresh user namespace gives a process every capability in it. All but the one that the second
 * stage needs are dropped at once, so that what is held at sealing tells what was held before.
 *
 * No limit is set on memory: each flow takes up to 400 KiB in libslirp, so that a limit above the
 * largest flows_max is no limit, and one below it would make GLib abort where the bound on flows
 * refuses just one flow. None on files' size: a capture may be long.
 */

static const char *explain(const char *what, int result)
{
	g_autofree char *text = g_strdup_printf("%s: %s", what, g_strerror(-result));

	return g_intern_string(text);
}

static int result_of(long returned)
{
	return returned < 0 ? -errno : 0;
}

/* Capabilities. */

typedef uint64_t capability_set;

#define CAPABILITY(number) ((capability_set)1 << (number))

static int get_capabilities(capability_set *ret_effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	*ret_effective = (capability_set)data[1].effective << 32 | data[0].effective;
	return 0;
}

/* Permitted and effective are set alike; nothing is inheritable. */
static int set_capabilities(capability_set set)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .permitted = (uint32_t)set, .effective = (uint32_t)set },
		{ .permitted = (uint32_t)(set >> 32), .effective = (uint32_t)(set >> 32) },
	};

	return result_of(syscall(SYS_capset, &header, data));
}

/* Keeps of the capabilities held no more than those in kept, and none for other programs. */
static int limit_capabilities(capability_set kept)
{
	capability_set held = 0;
	int result;

	/* Best effort, for it takes CAP_SETPCAP: no program is ever started from here. */
	for (int number = 0; prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++)
		(void)prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	result = get_capabilities(&held);
	if (result == 0)
		result = set_capabilities(held & kept);
	return result;
}

/* The first stage. */

static int write_file(const char *path, const char *text)
{
	CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return descriptor_write_all(fd, text, strlen(text));
}

/* Maps the user and the group, and no others, to what they were before the namespace. */
static int map_ids(uid_t user, gid_t group)
{
	char text[64];
	int result;

	result = write_file("/proc/self/setgroups", "deny");
	if (result < 0 && result != -ENOENT)
		return result;
	snprintf(text, sizeof(text), "%u %u 1", user, user);
	result = write_file("/proc/self/uid_map", text);
	if (result < 0)
		return result;
	snprintf(text, sizeof(text), "%u %u 1", group, group);
	return write_file("/proc/self/gid_map", text);
}

/* Mounts an empty file system over the first directory that there is, and goes there. */
static int mount_empty(void)
{
	static const char *const places[] = { "/proc", "/dev", "/sys", "/tmp", "/run", "/etc" };
	int result = -ENOENT;

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		if (mount("slirpway", places[i], "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			  "size=64k,nr_inodes=16,mode=0700") == 0)
			return result_of(chdir(places[i]));
		if (errno != ENOENT && errno != ENOTDIR)
			result = -errno;
	}
	return result;
}

/* Makes the working directory the root, and lets go of what was there before. */
static int change_root(void)
{
	/* pivot_root(2) describes this use with one directory: the old root ends up on top of it.
	 */
	if (syscall(SYS_pivot_root, ".", ".") == 0) {
		if (umount2(".", MNT_DETACH) < 0)
			return -errno;
	} else if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0) {
		/* The initial RAM file system can't be pivoted away, only covered. */
		return -errno;
	}
	return result_of(chdir("/"));
}

static const char *build_root(bool own_user_namespace, uid_t user, gid_t group)
{
	int result = own_user_namespace ? map_ids(user, group) : 0;

	if (result < 0)
		return explain("can't map the user into a user namespace", result);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return explain("can't make mounts private", -errno);
	result = mount_empty();
	if (result < 0)
		return explain("can't mount an empty file system", result);
	result = change_root();
	if (result < 0)
		return explain("can't change the root directory", result);
	return NULL;
}

uint32_t sandbox_enter_root(const char **ret_reason)
{
	int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
	capability_set held = 0;
	uid_t user = geteuid();
	gid_t group = getegid();
	const char *reason;
	int result;

	(void)get_capabilities(&held);
	if (!(held & CAPABILITY(CAP_SYS_ADMIN)))
		flags |= CLONE_NEWUSER;
	if (unshare(flags) < 0) {
		*ret_reason = explain(flags & CLONE_NEWUSER ? "can't make a user namespace"
							    : "can't make a mount namespace",
				      -errno);
		return 0;
	}
	reason = build_root(flags & CLONE_NEWUSER, user, group);
	if (flags & CLONE_NEWUSER) {
		result = limit_capabilities(reason ? 0 : CAPABILITY(CAP_SYS_ADMIN));
		if (result < 0 && !reason)
			reason = explain("can't drop capabilities", result);
	}
	if (reason) {
		*ret_reason = reason;
		return 0;
	}
	return SANDBOX_ROOT;
}

/* The second stage; each of these takes the layers that hold so far and returns 0 or -errno. */

static int seal_root(uint32_t layers)
{
	(void)layers;
	return result_of(mount(NULL, "/", NULL,
			       MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			       NULL));
}

static int seal_limits(uint32_t layers)
{
	static const int resources[] = { RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_MEMLOCK,
					 RLIMIT_MSGQUEUE };
	const struct rlimit none = { 0, 0 };

	(void)layers;
	for (size_t i = 0; i < G_N_ELEMENTS(resources); i++)
		if (setrlimit(resources[i], &none) < 0)
			return -errno;
	/* A core dump sent to a program is not bound by the limit, and would hold what was carried.
	 */
	return result_of(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

static int seal_capabilities(uint32_t layers)
{
	(void)layers;
	return limit_capabilities(CAPABILITY(CAP_NET_BIND_SERVICE));
}

/* As in linux/landlock.h, which may be older than the kernel. */
struct landlock_rules {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};

#define LANDLOCK_ASK_VERSION (1U << 0)
#define LANDLOCK_SCOPE_ABSTRACT_UNIX (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNALS (1ULL << 1)

/* landlock(7): the file rights and the size of the rules that each version of it has first. */
static const struct {
	uint64_t files;
	size_t size;
	uint64_t scopes;
} landlock_versions[] = {
	{ (1ULL << 13) - 1, 8, 0 },
	{ (1ULL << 14) - 1, 8, 0 },
	{ (1ULL << 15) - 1, 8, 0 },
	{ (1ULL << 15) - 1, 16, 0 },
	{ (1ULL << 16) - 1, 16, 0 },
	{ (1ULL << 16) - 1, 24, LANDLOCK_SCOPE_ABSTRACT_UNIX | LANDLOCK_SCOPE_SIGNALS },
};

/* No file can be opened or changed by its name, and from 6.12 on no abstract address reached. */
static void seal_landlock(void)
{
	struct landlock_rules rules = { 0 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_ASK_VERSION);
	CLEANUP_CLOSE int fd = -1;

	/* Not there, or turned off: one wall less, and nothing to be done about it. */
	if (version < 1)
		return;
	version = MIN(version, (long)G_N_ELEMENTS(landlock_versions)) - 1;
	rules.files = landlock_versions[version].files;
	rules.scopes = landlock_versions[version].scopes;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, landlock_versions[version].size, 0);
	if (fd >= 0)
		(void)syscall(SYS_landlock_restrict_self, fd, 0);
}

static int seal_calls(uint32_t layers)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	seal_landlock();
	return sandbox_filter_load((layers & SANDBOX_ROOT) != 0);
}

/* The order matters: each takes away what only those before it need. */
static const struct {
	uint32_t layer;
	int (*seal)(uint32_t layers);
	const char *failure;
} stages[] = {
	{ SANDBOX_ROOT, seal_root, "can't make the root directory read-only" },
	{ SANDBOX_LIMITS, seal_limits, "can't set resource limits" },
	{ SANDBOX_CAPS, seal_capabilities, "can't drop capabilities" },
	{ SANDBOX_FILTER, seal_calls, "can't load the system call filter" },
};

uint32_t sandbox_seal(uint32_t layers, const char **ret_reason)
{
	const char *reason = NULL;
	int result;

	for (size_t i = 0; i < G_N_ELEMENTS(stages); i++) {
		/* The root is the first stage's; here it can only be lost. */
		if (stages[i].layer == SANDBOX_ROOT && !(layers & SANDBOX_ROOT))
			continue;
		result = stages[i].seal(layers);
		if (result == 0) {
			layers |= stages[i].layer;
			continue;
		}
		layers &= ~stages[i].layer;
		if (!reason)
			reason = explain(stages[i].failure, result);
	}
	if (reason)
		*ret_reason = reason;
	return layers;
}
